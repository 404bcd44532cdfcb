/** Keyset paging: no OFFSET, so page 3,000 costs what page 1 costs. A cursor names the last row of the page before. */
import { maxExactTotal, type Page } from '@gatehouse/contract/paging'
import { type Expression, type Kysely, type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { Problem } from '../base/problem.ts'

export interface Keyset {
  /** What is sorted by; text, never null, and indexed together with `id`. */
  by: RawBuilder<string>
  /** Breaks ties. */
  id: RawBuilder<string>
  descending: boolean
  cursor: string | undefined
  limit: number
}

export type Keyed = { sort_key: string; sort_id: string }

/**
 * One page of `query`, each row with `sort_key` and `sort_id` besides its own columns.
 * A cursor that we did not make is refused as `invalid`.
 */
export async function readPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  keyset: Keyset,
): Promise<KeysetPage<Row & Keyed>> {
  // One more than asked for tells whether there is a next page.
  return cutPage(await readKeyed(query, keyset, { limit: keyset.limit + 1 }), keyset.limit)
}

export interface KeysetPage<Row> {
  rows: Row[]
  nextCursor: string | null
}

export function cutPage<Row extends Keyed>(rows: Row[], limit: number): KeysetPage<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { rows: items, nextCursor: rows.length > limit && last ? writeCursor(last) : null }
}

/** The first rows of `query` beyond the cursor, in order. */
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

/** Exact to 10,000; null beyond, where counting would cost more than the page. */
export async function countUpTo<DB, TB extends keyof DB, Row>(
  db: Pick<Kysely<unknown>, 'getExecutor'>,
  query: SelectQueryBuilder<DB, TB, Row>,
): Promise<Page<unknown>['total']> {
  return countRows(db, query.select(sql`1`.as('one')))
}

/** The same for a query that selects something already. */
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

/** After the row that the cursor names. */
export function beyond({ by, id, descending, cursor }: Place): RawBuilder<boolean> {
  const [key, last] = readCursor(cursor)
  return sql`(${by}, ${id}) ${sql.raw(descending ? '<' : '>')} (${key}, ${last})`
}

/** Not after it. Said so and not as the opposite, for an index knows where to end only then. */
export function upTo({ by, id, descending, cursor }: Place): RawBuilder<boolean> {
  const [key, last] = readCursor(cursor)
  return sql`(${by}, ${id}) ${sql.raw(descending ? '>=' : '<=')} (${key}, ${last})`
}

export function writeCursor({ sort_key, sort_id }: Keyed): string {
  return Buffer.from(JSON.stringify([sort_key, sort_id])).toString('base64url')
}

/** Throws `invalid` for one that we did not make. */
export function readCursor(cursor: string): [key: string, id: string] {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]
    if (typeof key === 'string' && typeof id === 'string') return [key, id]
  } catch {
    // Not one of ours: said below.
  }
  throw new Problem('invalid', { fields: { cursor: 'invalid' } })
}

/** `-name` means descending. */
export function readSort<S extends string>(sort: S | `-${S}`): { field: S; descending: boolean } {
  const descending = sort.startsWith('-')
  return { field: (descending ? sort.slice(1) : sort) as S, descending }
}

/** A pattern for `like … escape '\\'` that finds `text` anywhere in a column that is kept in lower case. */
export function containing(text: string): string {
  return anywhere(text.toLowerCase())
}

/**
 * Does a column that is kept as it was typed contain `text`? Without regard to case for ASCII; SQLite's `lower` knows no
 * other letters, so those are also looked for as they are.
 */
export function contains(column: string, text: string): RawBuilder<boolean> {
  const ref = sql.ref(column)
  return sql<boolean>`(lower(${ref}) like ${containing(text)} escape '\\' or ${ref} like ${anywhere(text)} escape '\\')`
}

/** A pattern for `like … escape '\\'` that finds what begins with `text`. */
export function beginning(text: string): string {
  return `${escaped(text)}%`
}

function anywhere(text: string): string {
  return `%${escaped(text)}%`
}

function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}
