/** Keyset paging: no OFFSET, so page 3,000 costs what page 1 costs. A cursor names the last row of the page before. */
import { maxExactTotal, type Page } from '@gatehouse/contract/paging'
import { type RawBuilder, type SelectQueryBuilder, sql } from 'kysely'
import { Problem } from '../base/problem.ts'

interface Keyset {
  /** What is sorted by; text, never null, and indexed together with `id`. */
  by: RawBuilder<string>
  /** Breaks ties. */
  id: RawBuilder<string>
  descending: boolean
  cursor: string | undefined
  limit: number
}

type Keyed = { sort_key: string; sort_id: string }

/**
 * One page of `query`, each row with `sort_key` and `sort_id` besides its own columns.
 * A cursor that we did not make is refused as `invalid`.
 */
export async function readPage<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  { by, id, descending, cursor, limit }: Keyset,
): Promise<{ rows: (Row & Keyed)[]; nextCursor: string | null }> {
  const direction = descending ? 'desc' : 'asc'
  const sorted = query
    .select([by.as('sort_key'), id.as('sort_id')])
    .orderBy(by, direction)
    .orderBy(id, direction)
    // One more than asked for tells whether there is a next page.
    .limit(limit + 1)
  const rows = (await (cursor === undefined
    ? sorted
    : sorted.where(beyond(by, id, cursor, descending))
  ).execute()) as (Row & Keyed)[]
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { rows: items, nextCursor: rows.length > limit && last ? writeCursor(last) : null }
}

/** Exact to 10,000; null beyond, where counting would cost more than the page. */
export async function countUpTo<DB, TB extends keyof DB, Row>(
  query: SelectQueryBuilder<DB, TB, Row>,
  most: number = maxExactTotal,
): Promise<Page<unknown>['total']> {
  const found = await query
    .select(sql`1`.as('one'))
    .limit(most + 1)
    .execute()
  return found.length > most ? null : found.length
}

function beyond(by: RawBuilder<string>, id: RawBuilder<string>, cursor: string, descending: boolean) {
  const [key, last] = readCursor(cursor)
  return descending
    ? sql<boolean>`(${by}, ${id}) < (${key}, ${last})`
    : sql<boolean>`(${by}, ${id}) > (${key}, ${last})`
}

function writeCursor({ sort_key, sort_id }: Keyed): string {
  return Buffer.from(JSON.stringify([sort_key, sort_id])).toString('base64url')
}

function readCursor(cursor: string): [string, string] {
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
