/**
 * Opens the database: SQLite in the data folder, or PostgreSQL if the settings name a server. The stores are the same
 * for both. On both, one transaction writes at a time (docs/decisions/0030-postgresql.md), so what it has read is still
 * true when it commits. Readers never wait for it.
 */
import type { Kysely, Transaction } from 'kysely'
import type { OpenDatabase } from './database.ts'
import { openPostgres } from './postgres.ts'
import type { Schema } from './schema.ts'
import { openSqlite } from './sqlite.ts'

export type Db = Kysely<Schema>
/** A transaction. Stores that write require this type, so that no write can happen outside of one. */
export type Trx = Transaction<Schema>

export type DatabasePlace = { file: string } | { url: string }

/** Throws `BadSettings` if there is no usable server. */
export async function openDatabase(place: DatabasePlace): Promise<OpenDatabase> {
  return 'url' in place ? openPostgres(place.url) : openSqlite(place.file)
}
