/** SQL that differs between the two databases. */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely'

type AnyDb = Pick<Kysely<unknown>, 'getExecutor'>

export function isPostgres(db: AnyDb): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}

/** Sorts text that comes from no column by its bytes, like our columns. PostgreSQL would use the server's locale. */
export function byBytes(db: AnyDb, text: string): RawBuilder<string> {
  return isPostgres(db) ? sql`${sql.ref(text)} collate "C"` : sql.ref(text)
}
