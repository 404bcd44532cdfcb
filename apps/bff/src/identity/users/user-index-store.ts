/**
 * One page of users, as ids. What leaves few is found through an index of its own and sorted; what leaves many is met soon
 * on a walk along the index that the page is sorted by. So a page costs about the same among a thousand users and among a
 * million (docs/decisions/0031-lists-of-a-million.md).
 */

import type { users } from '@gatehouse/contract/identity/users'
import { maxExactTotal } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { sql } from 'kysely'
import {
  countRows,
  countUpTo,
  cutPage,
  type Keyed,
  type Keyset,
  type KeysetPage,
  readKeyed,
  readPage,
  readSort,
} from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { type Walk, walkCount, walkPage, walkShortly } from '../../platform/db/walk.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { facetFilters, findFacets } from './facets-store.ts'
import {
  type AccessPath,
  accessPathsOf,
  type Check,
  checksOf,
  givenIn,
  isFacets,
  type Question,
  type UserFilters,
} from './filter-store.ts'

interface FoundUsers {
  ids: string[]
  nextCursor: string | null
  /** Exact where nothing is filtered and up to 10,000; null beyond. */
  total: number | null
}

type Place = Omit<Keyset, 'by' | 'id'>
type SortField = 'username' | 'createdAt' | 'lastSignInAt'

const sortKeys: Record<SortField, Pick<Keyset, 'by' | 'id'>> = {
  username: { by: sql.ref('users.username_folded'), id: sql.ref('users.id') },
  createdAt: { by: sql.ref('users.created_at'), id: sql.ref('users.id') },
  // As the index has it: who never signed in sorts first.
  lastSignInAt: { by: sql`coalesce(users.last_sign_in_at, '')`, id: sql.ref('users.id') },
}
const keysInRole = { by: sql.ref<string>('user_roles.username_folded'), id: sql.ref<string>('user_roles.user_id') }

/** So many rows are looked up one by one and sorted without anybody noticing. */
const few = 1_000
/** Slices that an index alone answers, and those for which the table is looked at. */
const widest = { index: 80_000, table: 5_000 }

type Search = Parsed<typeof users.list>['search']

export async function findUsers(reader: Db, search: Search): Promise<FoundUsers> {
  const { page, total } = await look(reader, search)
  return { ...(await page()), total: await total() }
}

/** The same without counting: for whoever wants all of them, page by page. */
export async function findPage(reader: Db, search: Search): Promise<Omit<FoundUsers, 'total'>> {
  return (await look(reader, search)).page()
}

interface Looking {
  page(): Promise<Omit<FoundUsers, 'total'>>
  total(): Promise<number | null>
}

async function look(reader: Db, { limit, cursor, sort = 'username', ...filters }: Search): Promise<Looking> {
  const { field, descending } = readSort(sort)
  const place = { descending, cursor, limit }
  const keyset = { ...sortKeys[field], ...place }
  if (givenIn(filters).length === 0) {
    const page = async () => toIds(await readPage(reader.selectFrom('users'), keyset))
    return { page, total: () => readTotal(reader) }
  }
  const question = await ask(reader, filters)
  const path = await shortestPath(reader, question)
  const { parts } = path?.isWhole && field === 'username' ? path : {}
  if (path && parts) {
    return { page: async () => toIds(await readParts(reader, parts, keyset)), total: async () => path.count }
  }
  if (path && isWorthTaking(path, field)) {
    const query = (path.isWhole ? reader.selectFrom('users') : questioned(reader, question)).where(path.isOneOf)
    const total = async () => (path.isWhole ? path.count : countUpTo(reader, query))
    const soon = async () => ((path.count ?? 0) > few ? meetSoon(reader, question, keyset) : null)
    return { page: async () => toIds((await soon()) ?? (await readPage(query, keyset))), total }
  }
  const alongNames = walkAlongNames(reader, question)
  const alongSort = field === 'username' ? alongNames : walkAlong(reader, questioned(reader, question), field)
  const total = async () => (path?.isWhole ? path.count : alongNames.count())
  return { page: async () => toIds(await alongSort.page(place)), total }
}

/** Thousands that are found would all have to be sorted; mostly some of them are met at once. */
function meetSoon(reader: Db, question: Question, keyset: Keyset): Promise<KeysetPage<Keyed> | null> {
  const wanted = questioned(reader, question)
  return walkShortly({ all: reader.selectFrom('users'), wanted, widest: widest.index, keyset })
}

async function ask(reader: Db, filters: UserFilters): Promise<Question> {
  const { mfa: policy } = await readPolicies(reader)
  const isAboutFacets = facetFilters(filters, policy).length > 0
  return { filters, policy, facets: isAboutFacets ? await findFacets(reader, filters, policy) : null }
}

function questioned(reader: Db, question: Question) {
  return checksOf(question).reduce((query, check) => query.where(check), reader.selectFrom('users'))
}

/** What is in the order of names already need not be sorted as a whole. */
async function readParts(reader: Db, parts: readonly Check[], keyset: Keyset): Promise<KeysetPage<Keyed>> {
  const found: Keyed[] = []
  for (const part of parts) {
    found.push(...(await readKeyed(reader.selectFrom('users').where(part), keyset, { limit: keyset.limit + 1 })))
  }
  return mergePage(found, keyset)
}

/** Whoever is in several parts is there once. */
function mergePage(found: readonly Keyed[], { descending, limit }: Omit<Place, 'cursor'>): KeysetPage<Keyed> {
  const unique = [...new Map(found.map((row) => [row.sort_id, row])).values()]
  const inOrder = unique.toSorted((a, b) => (a.sort_key < b.sort_key ? -1 : 1))
  return cutPage(descending ? inOrder.toReversed() : inOrder, limit)
}

interface CountedPath extends AccessPath {
  /** Up to 10,000; null: more. */
  count: number | null
  /** Nothing else is filtered, so these are all that are wanted. */
  isWhole: boolean
}

async function shortestPath(reader: Db, question: Question): Promise<CountedPath | null> {
  let shortest: CountedPath | null = null
  const names = givenIn(question.filters)
  for (const path of accessPathsOf(reader, question)) {
    const count = await countRows(reader, path.rows)
    const isShorter = shortest === null || (count ?? Infinity) < (shortest.count ?? Infinity)
    const isWhole = !path.isRough && names.every((name) => path.answers.includes(name))
    if (isShorter) shortest = { ...path, count, isWhole }
  }
  return shortest
}

function isWorthTaking({ through, count, isWhole }: CountedPath, field: SortField): boolean {
  if (count === null) return false
  if (field !== 'username') return count <= few
  if (through === 'role') return false
  return count <= (through === 'text' && isWhole ? maxExactTotal : few)
}

interface Walking {
  page(place: Place): Promise<KeysetPage<Keyed>>
  count(): Promise<number | null>
}

function walking<A extends keyof Schema, W extends keyof Schema>(
  walk: Omit<Walk<Schema, A, W>, 'keyset'>,
  keys: Pick<Keyset, 'by' | 'id'>,
): Walking {
  return {
    page: (place) => walkPage({ ...walk, keyset: { ...keys, ...place } }),
    count: () => walkCount({ ...walk, keyset: { ...keys, descending: false, cursor: undefined, limit: 0 } }),
  }
}

/** A role knows its users in the order of their names, and each number of facets does; otherwise everybody is gone through. */
function walkAlongNames(reader: Db, question: Question): Walking {
  const { 'role[eq]': role, ...filters } = question.filters
  if (role === undefined) return walkAlongFacets(reader, question)
  const held = reader.selectFrom('user_roles').where('user_roles.role_id', '=', role)
  const checks = checksOf({ ...question, filters })
  if (checks.length === 0) return walking({ all: held, wanted: held, widest: widest.index }, keysInRole)
  const joined = held.innerJoin('users', 'users.id', 'user_roles.user_id')
  const wanted = checks.reduce((query, check) => query.where(check), joined)
  return walking({ all: held, wanted, widest: widest.table }, keysInRole)
}

function walkAlongFacets(reader: Db, question: Question): Walking {
  const { facets } = question
  if (!facets) return walkAlong(reader, questioned(reader, question), 'username')
  const others = questioned(reader, { ...question, facets: null })
  const walks = facets.map(isFacets).map((part) => {
    const all = reader.selectFrom('users').where(part)
    return walking({ all, wanted: others.where(part), widest: widest.index }, sortKeys.username)
  })
  return {
    page: async (place) => {
      const found: Keyed[] = []
      // One more of each tells whether there is a next page.
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

function walkAlong(reader: Db, wanted: ReturnType<typeof questioned>, field: SortField): Walking {
  const all = reader.selectFrom('users')
  return walking({ all, wanted, widest: field === 'username' ? widest.index : widest.table }, sortKeys[field])
}

async function readTotal(db: Db): Promise<number> {
  return (await db.selectFrom('totals').select('value').where('name', '=', 'users').executeTakeFirstOrThrow()).value
}

function toIds({ rows, nextCursor }: KeysetPage<Keyed>) {
  return { ids: rows.map(({ sort_id }) => sort_id), nextCursor }
}
