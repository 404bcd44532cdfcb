/**
 * Keyset paging: without OFFSET, page 3,000 costs as much as page 1. A cursor names the last row of the previous page.
 */
import { maxExactTotal, type Page } from '@gatehouse/contract/paging'
import { type Expression, type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { Problem } from '../base/problem.ts'

export interface Keyset {
  /** The sort key: text, never null, indexed together with `id`. */
  by: RawBuilder<string>
  /** The tie-breaker. */
  id: RawBuilder<string>
  descending: boolean
  cursor: string | undefined
  limit: number
}

export type Keyed = { sort_key: string; sort_id: string }

/**
 * Reads one page of `query`. Each row has `sort_key` and `sort_id` besides its own columns. Throws `invalid` for a
 * malformed cursor.
 */
export async function readPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  keyset: Keyset,
): Promise<KeysetPage<Row & Keyed>> {
  // One row more than the limit tells whether there is a next page.
  return cutPage(await readKeyed(query, keyset, { limit: keyset.limit + 1 }), keyset.limit)
}

export interface KeysetPage<Row> {
  rows: Row[]
  nextCursor: string | null
}

/** All rows of a list, page after page. */
export async function* allPages<Row>(
  read: (cursor: string | undefined) => Promise<KeysetPage<Row>>,
): AsyncGenerator<Row[]> {
  let cursor: string | undefined
  do {
    const { rows, nextCursor } = await read(cursor)
    if (rows.length > 0) yield rows
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}

export function cutPage<Row extends Keyed>(rows: Row[], limit: number): KeysetPage<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { rows: items, nextCursor: rows.length > limit && last ? writeCursor(last) : null }
}

/** Reads the first rows of `query` after the cursor, in order. */
export async function readKeyed<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  { by, id, descending, cursor }: Omit<Keyset, 'limit'>,
  { limit, offset = 0 }: { limit: number; offset?: number },
): Promise<(Row & Keyed)[]> {
  const direction = descending ? 'desc' : 'asc'
  const sorted = query
    .select([by.as('sort_key'), id.as('sort_id')])
    .orderBy(by, direction)
    .orderBy(id, direction)
    .limit(limit)
    .offset(offset)
  const remaining = cursor === undefined ? sorted : sorted.where(beyond({ by, id, descending, cursor }))
  return (await remaining.execute()) as (Row & Keyed)[]
}

/** Counts exactly up to 10,000. Null beyond: counting would cost more than the page. */
export async function countUpTo<DB, TB extends keyof DB, Row>(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  query: SelectQueryBuilder<DB, TB, Row>,
): Promise<Page<unknown>['total']> {
  return countRows(db, query.select(sql`1`.as('one')))
}

/** Counts the rows of a query that already has a selection, with the same limit. */
export async function countRows(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  rows: Expression<unknown>,
): Promise<Page<unknown>['total']> {
  const counted = sql<{ found: number }>`
    select count(*) as found from (select 1 from (${rows}) as listed limit ${maxExactTotal + 1}) as counted`
  const found = Number((await counted.execute(db)).rows[0]?.found)
  return found > maxExactTotal ? null : found
}

type Place = Omit<Keyset, 'limit' | 'cursor'> & { cursor: string }

/** The rows after the one that the cursor names. */
export function beyond({ by, id, descending, cursor }: Place): RawBuilder<boolean> {
  const [key, last] = readCursor(cursor)
  return sql`(${by}, ${id}) ${sql.raw(descending ? '<' : '>')} (${key}, ${last})`
}

/**
 * The rows up to the cursor, as a positive comparison: with its negation, the database would not know where to stop in
 * the index.
 */
export function upTo({ by, id, descending, cursor }: Place): RawBuilder<boolean> {
  const [key, last] = readCursor(cursor)
  return sql`(${by}, ${id}) ${sql.raw(descending ? '>=' : '<=')} (${key}, ${last})`
}

export function writeCursor({ sort_key, sort_id }: Keyed): string {
  return Buffer.from(JSON.stringify([sort_key, sort_id])).toString('base64url')
}

/** Throws `invalid` for a cursor that this server did not make. */
export function readCursor(cursor: string): [key: string, id: string] {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof key === 'string' && typeof id === 'string') return [key, id]
  } catch {
    // Malformed: refused below.
  }
  throw new Problem('invalid', { fields: { cursor: 'invalid' } })
}

/** `-name` means descending. */
export function readSort<S extends string>(sort: S | `-${S}`): { field: S; descending: boolean } {
  const descending = sort.startsWith('-')
  return { field: (descending ? sort.slice(1) : sort) as S, descending }
}

/** A pattern for `like … escape '\\'` that finds `text` anywhere in a lower-case column. */
export function containing(text: string): string {
  return anywhere(text.toLowerCase())
}

/**
 * Does a column in its original case contain `text`? Ignores the case of ASCII letters. SQLite's `lower` changes no
 * other letters, so the text is also searched as it was given.
 */
export function contains(column: string, text: string): RawBuilder<boolean> {
  const ref = sql.ref(column)
  return sql<boolean>`(lower(${ref}) like ${containing(text)} escape '\\' or ${ref} like ${anywhere(text)} escape '\\')`
}

/** Does a column in its original case begin with `text`? The case counts as little as in `contains`. */
export function begins(column: string, text: string): RawBuilder<boolean> {
  const ref = sql.ref(column)
  const pattern = `${escaped(text)}%`
  return sql<boolean>`(lower(${ref}) like ${pattern.toLowerCase()} escape '\\' or ${ref} like ${pattern} escape '\\')`
}

function anywhere(text: string): string {
  return `%${escaped(text)}%`
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
