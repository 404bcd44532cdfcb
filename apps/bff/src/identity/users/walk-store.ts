/**
 * Walks along an index of users in the order of the page, for filters that leave too many users to sort. A walk by name
 * follows the narrowest index that has its users in the order of names: the users of the role, the ranges of the facets, or
 * all usernames. The other orders walk all users.
 */
import { maxExactTotal } from '@gatehouse/contract/paging'
import { sql } from 'kysely'
import { cutPage, type Keyed, type Keyset, type KeysetPage } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { type Walk, walkCount, walkPage, walkShortly } from '../../platform/db/walk.ts'
import { hasFacets } from './facets-store.ts'
import { conditionsOf, type UserQuery } from './filter-store.ts'

/** Where a page begins, and its direction and size. */
export type Place = Omit<Keyset, 'by' | 'id'>
export type SortField = 'username' | 'createdAt' | 'lastSignInAt'

type SortKeys = Pick<Keyset, 'by' | 'id'>

export const sortKeys: Record<SortField, SortKeys> = {
  username: { by: sql.ref('users.username_folded'), id: sql.ref('users.id') },
  createdAt: { by: sql.ref('users.created_at'), id: sql.ref('users.id') },
  // The expression of the index. Users who never signed in come first.
  lastSignInAt: { by: sql`coalesce(users.last_sign_in_at, '')`, id: sql.ref('users.id') },
}
const keysInRole: SortKeys = { by: sql.ref('user_roles.username_folded'), id: sql.ref('user_roles.user_id') }

/** Rows in the largest slice: `index` if the index has all columns that are read, `table` if rows of users are read too. */
const widest = { index: 80_000, table: 5_000 }

export interface UserWalk {
  page(place: Place): Promise<KeysetPage<Keyed>>
  /** Exact up to 10,000; null: more. */
  count(): Promise<number | null>
}

export function walkBy(field: SortField, reader: Db, query: UserQuery): UserWalk {
  if (field === 'username') return walkByName(reader, query)
  return walkOf(
    { all: reader.selectFrom('users'), wanted: usersOf(reader, query), widest: widest.table },
    sortKeys[field],
  )
}

/** A page from the first few thousand users of the sort index. Null if they were not enough for it. */
export function readPageSoon(reader: Db, query: UserQuery, keyset: Keyset): Promise<KeysetPage<Keyed> | null> {
  const walk = { all: reader.selectFrom('users'), wanted: usersOf(reader, query), widest: widest.index }
  return walkShortly({ ...walk, keyset })
}

/** The users that meet all conditions, as a query. */
export function usersOf(reader: Db, query: UserQuery) {
  return conditionsOf(query).reduce((found, condition) => found.where(condition), reader.selectFrom('users'))
}

function walkByName(reader: Db, query: UserQuery): UserWalk {
  const { 'role[eq]': role, ...filters } = query.filters
  if (role !== undefined) return walkInRole(reader, role, { ...query, filters })
  if (query.facets) return walkByFacets(reader, query, query.facets)
  const walk = { all: reader.selectFrom('users'), wanted: usersOf(reader, query), widest: widest.index }
  return walkOf(walk, sortKeys.username)
}

function walkInRole(reader: Db, role: string, others: UserQuery): UserWalk {
  const held = reader.selectFrom('user_roles').where('user_roles.role_id', '=', role)
  const conditions = conditionsOf(others)
  if (conditions.length === 0) return walkOf({ all: held, wanted: held, widest: widest.index }, keysInRole)
  const joined = held.innerJoin('users', 'users.id', 'user_roles.user_id')
  const wanted = conditions.reduce((found, condition) => found.where(condition), joined)
  return walkOf({ all: held, wanted, widest: widest.table }, keysInRole)
}

/** One walk per value of `facets`; each has its users in the order of names. */
function walkByFacets(reader: Db, query: UserQuery, facets: readonly number[]): UserWalk {
  const others = usersOf(reader, { ...query, facets: null })
  const walks = facets.map(hasFacets).map((range) => {
    const all = reader.selectFrom('users').where(range)
    return walkOf({ all, wanted: others.where(range), widest: widest.index }, sortKeys.username)
  })
  return {
    page: async (place) => {
      const found: Keyed[] = []
      // One row more of each shows whether there is a next page.
      for (const walk of walks) found.push(...(await walk.page({ ...place, limit: place.limit + 1 })).rows)
      return mergePage(found, place)
    },
    count: async () => {
      let sum = 0
      for (const walk of walks) {
        const count = await walk.count()
        if (count === null || sum + count > maxExactTotal) return null
        sum += count
      }
      return sum
    },
  }
}

/** One page of several ordered lists. A user who is in several lists comes once. */
export function mergePage(found: readonly Keyed[], { descending, limit }: Omit<Place, 'cursor'>): KeysetPage<Keyed> {
  const unique = [...new Map(found.map((row) => [row.sort_id, row])).values()]
  const inOrder = unique.toSorted((a, b) => (a.sort_key < b.sort_key ? -1 : 1))
  return cutPage(descending ? inOrder.toReversed() : inOrder, limit)
}

function walkOf<A extends keyof Schema, W extends keyof Schema>(
  walk: Omit<Walk<Schema, A, W>, 'keyset'>,
  keys: SortKeys,
): UserWalk {
  return {
    page: (place) => walkPage({ ...walk, keyset: { ...place, ...keys } }),
    count: () => walkCount({ ...walk, keyset: { ...keys, descending: false, cursor: undefined, limit: 0 } }),
  }
}
