/**
 * The indexes that find the users of a filter without reading other users:
 *
 * | filter                                             | index                    | kind     |
 * | -------------------------------------------------- | ------------------------ | -------- |
 * | `username[eq]`                                     | usernames                | `rows`   |
 * | `username[contains]` and `search`, from 3 characters | trigrams of both names | `text`   |
 * | `search`, shorter                                  | usernames, display names | `ranges` |
 * | `role[eq]`                                         | users of a role          | `role`   |
 * | `tag[eq]`                                          | users of a tag           | `rows`   |
 * | `identityProvider[eq]`, not `local`                  | users of a provider      | `ranges` |
 * | `kind`, `state`, `method`, `factor`                | facets, then usernames   | `ranges` |
 *
 * `username[contains]` with one or two characters has none, nor has `factor` under a policy that names roles.
 */
import { type Expression, sql } from 'kysely'
import { countRows } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import { textSearchOf } from '../../platform/db/text-search.ts'
import { facetFilters, hasFacets, isOneOfFacets } from './facets-store.ts'
import {
  type Condition,
  comesFrom,
  hasUsername,
  idsWithTag,
  ifGiven,
  isShort,
  nameBeginsWith,
  namesOfFilters,
  rangesOfBeginning,
  type UserQuery,
} from './filter-store.ts'

interface Index {
  /** `ranges`: each range of the index has its users in the order of names. */
  kind: 'rows' | 'text' | 'role' | 'ranges'
  /** The same condition as the filter's, written so that the database starts with this index. */
  condition: Condition
  /** One row per user, for counting. */
  rows: Expression<unknown>
  /** Together the same users. */
  ranges?: Condition[]
  /** True if the index finds more users than the filter: the trigrams cover both names. */
  isInexact?: true
}

export interface AccessPath extends Index {
  /** Names of the filters that this path answers. */
  answers: readonly string[]
  /** Users on this path. Exact up to 10,000; null: more. */
  count: number | null
  /** True if the path has exactly the users of the query: no other filter is left to check. */
  isComplete: boolean
}

/** The access path with the fewest users. Null if no filter has an index. */
export async function findShortestPath(reader: Db, query: UserQuery): Promise<AccessPath | null> {
  const given = namesOfFilters(query.filters)
  let shortest: AccessPath | null = null
  for (const { answers, ...index } of indexesFor(reader, query)) {
    const count = await countRows(reader, index.rows)
    if (shortest !== null && (count ?? Infinity) >= (shortest.count ?? Infinity)) continue
    const isComplete = !index.isInexact && given.every((name) => answers.includes(name))
    shortest = { ...index, answers, count, isComplete }
  }
  return shortest
}

function indexesFor(db: Db, { filters, policy, facets }: UserQuery): (Index & Pick<AccessPath, 'answers'>)[] {
  return [
    ...ifGiven(filters['username[eq]'], (name) => ({ answers: ['username[eq]'], ...byUsername(name) })),
    ...ifGiven(filters['username[contains]'], (part) =>
      isShort(part) ? [] : [{ answers: ['username[contains]'], ...byText(db, part), isInexact: true as const }],
    ).flat(),
    ...ifGiven(filters.search, (text) => ({
      answers: ['search'],
      ...(isShort(text) ? byBeginning(text) : byText(db, text)),
    })),
    ...ifGiven(filters['role[eq]'], (role) => ({ answers: ['role[eq]'], ...byRole(role) })),
    ...ifGiven(filters['tag[eq]'], (tag) => ({ answers: ['tag[eq]'], ...byTag(tag) })),
    ...ifGiven(filters['identityProvider[eq]'], (origin) =>
      origin === 'local' ? [] : [{ answers: ['identityProvider[eq]'], ...byOrigin(origin) }],
    ).flat(),
    ...(facets ? [{ answers: facetFilters(filters, policy), ...byFacets(facets) }] : []),
  ]
}

function byUsername(username: string): Index {
  const condition = hasUsername(username)
  return { kind: 'rows', condition, rows: rowsWhere(condition) }
}

function byText(db: Db, text: string): Index {
  const search = textSearchOf(db)
  const folded = text.toLowerCase()
  return { kind: 'text', condition: search.found(folded), rows: search.findings(folded) }
}

function byBeginning(text: string): Index {
  const [username, displayName] = rangesOfBeginning(text)
  const onlyDisplayName = sql<boolean>`${displayName} and not ${username}`
  return {
    kind: 'ranges',
    ranges: [username, displayName],
    condition: nameBeginsWith(text),
    rows: sql`${rowsWhere(username)} union all ${rowsWhere(onlyDisplayName)}`,
  }
}

function byRole(role: string): Index {
  const userIds = sql`select user_id from user_roles where role_id = ${role}`
  return { kind: 'role', condition: sql`users.id in (${userIds})`, rows: userIds }
}

function byTag(tag: string): Index {
  const userIds = idsWithTag(tag)
  return { kind: 'rows', condition: sql`users.id in (${userIds})`, rows: userIds }
}

function byOrigin(origin: string): Index {
  const condition = comesFrom(origin)
  return { kind: 'ranges', ranges: [condition], condition, rows: rowsWhere(condition) }
}

function byFacets(facets: readonly number[]): Index {
  const condition = isOneOfFacets(facets)
  return { kind: 'ranges', ranges: facets.map(hasFacets), condition, rows: rowsWhere(condition) }
}

function rowsWhere(condition: Condition) {
  return sql`select 1 from users where ${condition}`
}
