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

/** A JSON array of arrays of these columns, as text, one for each row of the group. */
export function jsonRows(db: AnyDb, columns: readonly string[], ...orderBy: string[]): RawBuilder<string> {
  const row = sql.join(columns.map((column) => sql.ref(column)))
  const order = sql.join(orderBy.map((column) => sql.ref(column)))
  return isPostgres(db)
    ? sql`coalesce(json_agg(json_build_array(${row}) order by ${order})::text, '[]')`
    : sql`json_group_array(json_array(${row}) order by ${order})`
}
