import type { Kysely } from 'kysely'
import type { Schema } from './schema.ts'

/** An open database. SQLite and PostgreSQL offer the same. */
export interface OpenDatabase {
  /** The connection that writes. */
  db: Kysely<Schema>
  /** Read only. Sees committed rows. */
  reader: Kysely<Schema>
  /** For migrations: does not take the writers' turn, because its table may not exist yet. */
  ddl: Kysely<Schema>
  /** A text that changes with each commit of any process. */
  snapshot(): Promise<string>
  close(): Promise<void>
}
