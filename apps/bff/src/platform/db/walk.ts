/**
 * Walks an index in slices for filters that no index answers, and gives other work a turn between two slices. The
 * slices grow, because the usual page is full after the first one.
 */
import { setImmediate } from 'node:timers/promises'
import { maxExactTotal } from '@gatehouse/contract/paging'
import { type SelectQueryBuilder, sql } from 'kysely'
import { beyond, cutPage, type Keyed, type Keyset, type KeysetPage, readKeyed, upTo, writeCursor } from './keyset.ts'

export interface Walk<DB, A extends keyof DB, W extends keyof DB> {
  /** All rows of the index. */
  all: SelectQueryBuilder<DB, A, object>
  /** The rows that are wanted. */
  wanted: SelectQueryBuilder<DB, W, object>
  keyset: Keyset
  /** Rows in the largest slice: more if the index alone answers, fewer if each row of the table is read. */
  widest: number
}

const firstSlice = 2_000
const growth = 4
const shortWalk = 2

/** Like `readPage`, but returns only the keys. */
export async function walkPage<DB, A extends keyof DB, W extends keyof DB>(
  walk: Walk<DB, A, W>,
): Promise<KeysetPage<Keyed>> {
  return cutPage((await collect(walk, Number.POSITIVE_INFINITY)).rows, walk.keyset.limit)
}

/** The same if a few thousand rows suffice, else null. */
export async function walkShortly<DB, A extends keyof DB, W extends keyof DB>(
  walk: Walk<DB, A, W>,
): Promise<KeysetPage<Keyed> | null> {
  const { rows, isWhole } = await collect(walk, shortWalk)
  return isWhole ? cutPage(rows, walk.keyset.limit) : null
}

/** One row more than the page, or all rows. Not complete if this many slices did not suffice. */
async function collect<DB, A extends keyof DB, W extends keyof DB>(walk: Walk<DB, A, W>, mostSlices: number) {
  const { limit } = walk.keyset
  const rows: Keyed[] = []
  let walked = 0
  for await (const slice of slices(walk)) {
    if (walked++ === mostSlices) return { rows, isWhole: false }
    rows.push(...(await readKeyed(slice.wanted, slice.keyset, { limit: limit + 1 - rows.length })))
    if (rows.length > limit) break
  }
  return { rows, isWhole: true }
}

/** Exact up to 10,000; null beyond. */
export async function walkCount<DB, A extends keyof DB, W extends keyof DB>(
  walk: Walk<DB, A, W>,
): Promise<number | null> {
  let found = 0
  for await (const { wanted, keyset } of slices(walk)) {
    const within = keyset.cursor === undefined ? wanted : wanted.where(beyond({ ...keyset, cursor: keyset.cursor }))
    const [row] = await within.select(sql`count(*)`.as('found')).execute()
    found += Number((row as { found: unknown } | undefined)?.found)
    if (found > maxExactTotal) return null
  }
  return found
}

interface Slice<DB, W extends keyof DB> {
  wanted: SelectQueryBuilder<DB, W, object>
  keyset: Keyset
}

async function* slices<DB, A extends keyof DB, W extends keyof DB>({
  all,
  wanted,
  keyset,
  widest,
}: Walk<DB, A, W>): AsyncGenerator<Slice<DB, W>, void> {
  let cursor = keyset.cursor
  for (let size = firstSlice; ; size = Math.min(size * growth, widest)) {
    const from = { ...keyset, cursor }
    const [end] = await readKeyed(all, from, { limit: 1, offset: size - 1 })
    if (!end) return yield { wanted, keyset: from }
    const until = writeCursor(end)
    yield { wanted: wanted.where(upTo({ ...keyset, cursor: until })), keyset: from }
    cursor = until
    await setImmediate()
  }
}
