/**
 * PostgreSQL 15 or newer. Writing transactions take turns across all processes by locking the one row of
 * `data_version`. Otherwise, at READ COMMITTED, two of them could each check a rule and together break it. The counter
 * in that row, raised with each turn, tells other processes that something has changed.
 */
import type { Socket } from 'node:net'
import {
  type ColumnDefinitionNode,
  CompiledQuery,
  type DatabaseConnection,
  DataTypeNode,
  Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  PostgresQueryCompiler,
  RawNode,
} from 'kysely'
import { Client, type CustomTypesConfig, type Pool, type PoolConfig, types } from 'pg'
import { BadSettings } from '../base/bad-settings.ts'
import type { OpenDatabase } from './database.ts'
import { readPostgresUrl } from './postgres-url.ts'
import { QueueingPool } from './queueing-pool.ts'
import type { Schema } from './schema.ts'

const oldestVersion = 15
// Per process. Writers that wait for their turn each hold a connection; further writers wait for one of these.
const writers = 4
const readers = 8
/** Kept open while idle, so that other clients cannot take the server's last connection. */
const keptOpen = 1
const statementMs = 30_000
const lockMs = 10_000
const idleInTransactionMs = 30_000
/** For opening a connection, and for waiting until one is free. */
const connectMs = 10_000
const idleMs = 30_000
/** Longer than the statement timeout. A client that is silent for so long is gone. */
const silenceMs = 60_000

export async function openPostgres(url: string): Promise<OpenDatabase> {
  await requireUsable(url)
  const writing = openPool(url, { max: writers, min: keptOpen })
  const db = new Kysely<Schema>({ dialect: new TurnTakingDialect({ pool: writing }) })
  const pool = openReadingPool(url, readers)
  const reader = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  const ddl = new Kysely<Schema>({ dialect: new DdlDialect({ pool: openPool(url, { max: 2, statement_timeout: 0 }) }) })
  return {
    db,
    reader,
    ddl,
    snapshot: () => readSnapshot(pool),
    close: async () => {
      await Promise.all([db.destroy(), reader.destroy(), ddl.destroy()])
    },
  }
}

/** The broker's thread also reads through this. It never writes. */
export function openReadingPool(url: string, max: number): Pool {
  return openPool(url, { max, min: keptOpen, options: '-c default_transaction_read_only=on' })
}

/** The set of visible transactions: it also changes with commits that did not go through Gatehouse. */
async function readSnapshot(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ seen: string }>({
    name: 'snapshot',
    text: 'select pg_current_snapshot()::text as seen',
  })
  return rows[0]?.seen ?? ''
}

function openPool(url: string, more: PoolConfig & { max: number }): Pool {
  const pool = new QueueingPool({
    ...readPostgresUrl(url),
    application_name: 'gatehouse',
    keepAlive: true,
    idleTimeoutMillis: idleMs,
    statement_timeout: statementMs,
    lock_timeout: lockMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    types: numbersAreNumbers,
    ...more,
    connectionTimeoutMillis: connectMs,
  })
  // A connection was lost. The query that uses it fails; the next query opens a new one.
  pool.on('error', () => {})
  pool.on('connect', (client) => {
    client.on('error', () => {})
    const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
    stream.setTimeout(silenceMs, () => stream.destroy())
  })
  return pool
}

const [int8, numeric] = ['20', '1700']

/** Also counts and sums, as on SQLite: all are far below 2^53. */
const numbersAreNumbers: CustomTypesConfig = {
  getTypeParser: (oid, format) => ([int8, numeric].includes(String(oid)) ? Number : types.getTypeParser(oid, format)),
}

async function requireUsable(url: string): Promise<void> {
  const address = readPostgresUrl(url)
  const client = new Client({ ...address, connectionTimeoutMillis: connectMs })
  // The rejection below reports the error. Without a listener, the event would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<{ version: number; encoding: string }>(
      `select current_setting('server_version_num')::int / 10000 as version, current_setting('server_encoding') as encoding`,
    )
    const { version = 0, encoding = '' } = rows[0] ?? {}
    if (version < oldestVersion) throw unusable(`PostgreSQL ${oldestVersion} or newer is needed, this is ${version}`)
    if (encoding !== 'UTF8') throw unusable(`the database must use the encoding UTF8, this one uses ${encoding}`)
  } catch (error) {
    throw error instanceof BadSettings ? error : unusable(reasonOf(error))
  } finally {
    await client.end().catch(() => {})
  }
}

function unusable(why: string): BadSettings {
  return new BadSettings([`GATEHOUSE_DATABASE_URL: ${why}`])
}

function reasonOf(error: unknown): string {
  // One error for each address of the host.
  if (error instanceof AggregateError) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

class TurnTakingDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig

  constructor(config: PostgresDialectConfig) {
    super(config)
    this.#config = config
  }

  override createDriver(): PostgresDriver {
    return new TurnTakingDriver(this.#config)
  }
}

class TurnTakingDriver extends PostgresDriver {
  // One round trip, so the turn costs no more than `begin`. READ COMMITTED on purpose: what is read after waiting must
  // include the previous transaction.
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin; update data_version set value = value + 1'))
  }
}

class DdlDialect extends PostgresDialect {
  override createQueryCompiler(): PostgresQueryCompiler {
    return new PortableDdl()
  }
}

/** Translates migrations, which are written in SQLite's SQL. Text sorts by bytes, whatever the server's locale. */
class PortableDdl extends PostgresQueryCompiler {
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    const { dataType } = node
    const named = DataTypeNode.is(dataType) ? columnTypes[dataType.dataType] : undefined
    super.visitColumnDefinition(named === undefined ? node : { ...node, dataType: RawNode.createWithSql(named) })
  }

  protected override getAutoIncrement(): string {
    return 'generated by default as identity'
  }
}

const columnTypes: Record<string, string> = { text: 'text collate "C"', integer: 'bigint', blob: 'bytea' }
