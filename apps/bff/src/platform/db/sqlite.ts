/**
 * SQLite in WAL mode: one writer, whose transactions begin with `begin immediate`, and a second, read-only connection
 * for readers, so that a list never waits for a write.
 */
import { closeSync, openSync } from 'node:fs'
import SqliteDatabase, { type Database } from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteDialect,
  type SqliteDialectConfig,
  SqliteDriver,
} from 'kysely'
import { codeOf } from '../base/database-errors.ts'
import type { OpenDatabase } from './database.ts'
import type { Schema } from './schema.ts'
import { openReader } from './sqlite-reader.ts'
import { withStatementCache } from './statement-cache.ts'

export function openSqlite(file: string): OpenDatabase {
  const writing = openFile(file)
  const dialect = new WritingDialect({ database: withStatementCache(writing) }, () => writing.inTransaction)
  const db = new Kysely<Schema>({ dialect })
  // Opened on first use, when the file exists: a read-only connection cannot create it.
  let opened: ReturnType<typeof openListReader> | undefined
  const reading = () => (opened ??= openListReader(file))
  const reader = new Kysely<Schema>({ dialect: new SqliteDialect({ database: async () => reading().database }) })
  return {
    db,
    reader,
    ddl: db,
    snapshot: async () => String(reading().version.get()),
    close: async () => {
      await reader.destroy()
      await db.destroy()
    },
  }
}

/**
 * Looking up what an index of a million rows has found reads pages from all over the file. SQLite's default cache is 2
 * MB.
 */
function openListReader(file: string) {
  const database = openReader(file)
  database.pragma('cache_size = -32768')
  return { database: withStatementCache(database), version: database.prepare('pragma data_version').pluck() }
}

function openFile(file: string): Database {
  createPrivately(file)
  const database = new SqliteDatabase(file)
  database.pragma('journal_mode = WAL')
  // FULL: a change that was answered with success survives a power cut.
  database.pragma('synchronous = FULL')
  database.pragma('busy_timeout = 5000')
  database.pragma('foreign_keys = ON')
  return database
}

/** SQLite creates the files beside this one, `-wal` and `-shm`, with its mode. */
function createPrivately(file: string): void {
  try {
    // `wx` fails for an existing file. Opening and closing it would release SQLite's locks on it (POSIX advisory
    // locks).
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
  }
}

class WritingDialect extends SqliteDialect {
  readonly #config: SqliteDialectConfig
  readonly #isInTransaction: () => boolean

  constructor(config: SqliteDialectConfig, isInTransaction: () => boolean) {
    super(config)
    this.#config = config
    this.#isInTransaction = isInTransaction
  }

  override createDriver(): SqliteDriver {
    return new ImmediateDriver(this.#config, this.#isInTransaction)
  }

  // SQLite can roll back DDL, but Kysely assumes that it cannot; a failing migration would leave its first half.
  override createAdapter() {
    const adapter = super.createAdapter()
    return Object.defineProperty(adapter, 'supportsTransactionalDdl', { get: () => true })
  }
}

/**
 * A deferred transaction that reads and then writes fails with SQLITE_BUSY if another connection has written in
 * between.
 */
class ImmediateDriver extends SqliteDriver {
  readonly #isInTransaction: () => boolean

  constructor(config: SqliteDialectConfig, isInTransaction: () => boolean) {
    super(config)
    this.#isInTransaction = isInTransaction
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }

  // On a full disk SQLite rolls back by itself. A second rollback fails, and its error would hide the first one.
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#isInTransaction()) await super.rollbackTransaction(connection)
  }
}
