/**
 * Finds the users of one page, as ids. A page costs about the same among a thousand users and among a million
 * (docs/decisions/0031-lists-of-a-million.md). `choosePlan` counts the users of each filter, up to 10,001, and takes one of
 * four plans:
 *
 * | plan     | when                                                        | page                       | total             |
 * | -------- | ----------------------------------------------------------- | -------------------------- | ----------------- |
 * | `all`    | there is no filter                                          | read along the sort index  | kept in `totals`  |
 * | `ranges` | by name; ranges of one index are all users of the query     | the ranges, merged         | users in ranges   |
 * | `sort`   | an index has at most 1,000 users for a filter;              | these users, sorted        | counted           |
 * |          | by name: at most 10,000 if a text search is the only filter |                            |                   |
 * | `walk`   | else: many users match, so a page is soon full              | a walk along the sort index | counted by a walk |
 */
import type { users } from '@gatehouse/contract/identity/users'
import { maxExactTotal } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import {
  countUpTo,
  type Keyed,
  type Keyset,
  type KeysetPage,
  readKeyed,
  readPage,
  readSort,
} from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { type AccessPath, findShortestPath } from './access-paths-store.ts'
import { facetFilters, findFacets } from './facets-store.ts'
import { type Condition, namesOfFilters, type UserFilters, type UserQuery } from './filter-store.ts'
import { mergePage, readPageSoon, type SortField, sortKeys, usersOf, walkBy } from './walk-store.ts'

type Search = Parsed<typeof users.list>['search']

interface FoundUsers {
  ids: string[]
  nextCursor: string | null
  /** Exact without filters, and up to 10,000; null: more. */
  total: number | null
}

export type Plan =
  | { kind: 'all' }
  | { kind: 'ranges'; ranges: readonly Condition[]; count: number | null }
  | { kind: 'sort'; path: AccessPath }
  | { kind: 'walk'; path: AccessPath | null }

/** Sorting this many rows of the table takes a few milliseconds. */
const mostSorted = 1_000

export class UserIndex {
  readonly #reader: Db

  constructor(reader: Db) {
    this.#reader = reader
  }

  /** A page with the total of all pages. */
  async find(search: Search): Promise<FoundUsers> {
    const { query, plan, sort } = await this.#prepare(search)
    const page = await this.#readPage(plan, query, sort)
    return { ...toIds(page), total: await this.#count(plan, query) }
  }

  /** A page without the total, for reading all pages one after the other. */
  async findPage(search: Search): Promise<Omit<FoundUsers, 'total'>> {
    const { query, plan, sort } = await this.#prepare(search)
    return toIds(await this.#readPage(plan, query, sort))
  }

  async #prepare({ limit, cursor, sort = 'username', ...filters }: Search) {
    const { field, descending } = readSort(sort)
    const query = await readQuery(this.#reader, filters)
    const keyset = { ...sortKeys[field], descending, cursor, limit }
    return { query, plan: await choosePlan(this.#reader, query, field), sort: { field, keyset } }
  }

  async #readPage(plan: Plan, query: UserQuery, { field, keyset }: Sort): Promise<KeysetPage<Keyed>> {
    if (plan.kind === 'all') return readPage(this.#reader.selectFrom('users'), keyset)
    if (plan.kind === 'ranges') return this.#readRanges(plan.ranges, keyset)
    if (plan.kind === 'walk') return walkBy(field, this.#reader, query).page(keyset)
    return (await this.#readSoon(plan.path, query, keyset)) ?? readPage(this.#onPath(plan.path, query), keyset)
  }

  async #count(plan: Plan, query: UserQuery): Promise<number | null> {
    if (plan.kind === 'all') return readTotal(this.#reader)
    if (plan.kind === 'ranges') return plan.count
    if (plan.path?.isComplete) return plan.path.count
    if (plan.kind === 'walk') return walkBy('username', this.#reader, query).count()
    return countUpTo(this.#reader, this.#onPath(plan.path, query))
  }

  /** The users of the path that meet the other conditions too. */
  #onPath(path: AccessPath, query: UserQuery) {
    const found = path.isComplete ? this.#reader.selectFrom('users') : usersOf(this.#reader, query)
    return found.where(path.condition)
  }

  /** Sorting thousands of findings of a text search would be slow. Mostly a short walk meets enough of them. */
  async #readSoon({ count }: AccessPath, query: UserQuery, keyset: Keyset): Promise<KeysetPage<Keyed> | null> {
    return (count ?? 0) > mostSorted ? readPageSoon(this.#reader, query, keyset) : null
  }

  async #readRanges(ranges: readonly Condition[], keyset: Keyset): Promise<KeysetPage<Keyed>> {
    const found: Keyed[] = []
    for (const range of ranges) {
      const users = this.#reader.selectFrom('users').where(range)
      found.push(...(await readKeyed(users, keyset, { limit: keyset.limit + 1 })))
    }
    return mergePage(found, keyset)
  }
}

interface Sort {
  field: SortField
  keyset: Keyset
}

/** The plan of the table above. */
export async function choosePlan(reader: Db, query: UserQuery, field: SortField): Promise<Plan> {
  if (namesOfFilters(query.filters).length === 0) return { kind: 'all' }
  const path = await findShortestPath(reader, query)
  if (path?.ranges && path.isComplete && field === 'username') {
    return { kind: 'ranges', ranges: path.ranges, count: path.count }
  }
  return path && maySort(path, field) ? { kind: 'sort', path } : { kind: 'walk', path }
}

function maySort({ kind, count, isComplete }: AccessPath, field: SortField): boolean {
  if (count === null) return false
  if (field !== 'username') return count <= mostSorted
  // A role has its users in the order of names, so a walk needs no sorting.
  if (kind === 'role') return false
  return count <= (kind === 'text' && isComplete ? maxExactTotal : mostSorted)
}

/** Reads what the filters need to know before a plan is chosen. */
export async function readQuery(reader: Db, filters: UserFilters): Promise<UserQuery> {
  const { mfa: policy } = await readPolicies(reader)
  const isAboutFacets = facetFilters(filters, policy).length > 0
  return { filters, policy, facets: isAboutFacets ? await findFacets(reader, filters, policy) : null }
}

async function readTotal(db: Db): Promise<number> {
  return (await db.selectFrom('totals').select('value').where('name', '=', 'users').executeTakeFirstOrThrow()).value
}

function toIds({ rows, nextCursor }: KeysetPage<Keyed>) {
  return { ids: rows.map(({ sort_id }) => sort_id), nextCursor }
}
