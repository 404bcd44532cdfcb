/** Where one SQL does not do for both databases. */
import { type Kysely, PostgresAdapter, type RawBuilder, sql } from 'kysely'

type AnyDb = Pick<Kysely<unknown>, 'getExecutor'>

export function isPostgres(db: AnyDb): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter
}

/** For text to be sorted that comes from no column: ours sort by their bytes, the rest as the server's language has it. */
export function byBytes(db: AnyDb, text: string): RawBuilder<string> {
  return isPostgres(db) ? sql`${sql.ref(text)} collate "C"` : sql.ref(text)
}
