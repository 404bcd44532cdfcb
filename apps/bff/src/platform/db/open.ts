/**
 * Opens the database: SQLite in the data folder, or PostgreSQL where the settings name a server. The stores are the same.
 * On both one transaction writes at a time (docs/decisions/0030-postgresql.md), so what it has read is still true when it
 * commits; whatever only reads never waits for it.
 */
import type { Kysely, Transaction } from 'kysely'
import { openPostgres } from './postgres.ts'
import type { Schema } from './schema.ts'
import { openSqlite } from './sqlite.ts'

export type Db = Kysely<Schema>
/** Inside a transaction. Stores that write take this type, so that no write can happen outside of one. */
export type Trx = Transaction<Schema>

export type DatabasePlace = { file: string } | { url: string }

export interface OpenDatabase {
  /** The writer. */
  db: Db
  /** Read only; sees what was committed. */
  reader: Db
  /** For migrations: takes no turn, for where turns are kept may not be there yet. */
  ddl: Db
  /** The same for as long as a reader would find the same; another after each commit, whoever made it. */
  snapshot(): Promise<string>
  close(): Promise<void>
}

/** Throws `BadSettings` where there is no server that we could use. */
export async function openDatabase(place: DatabasePlace): Promise<OpenDatabase> {
  return 'url' in place ? openPostgres(place.url) : openSqlite(place.file)
}
