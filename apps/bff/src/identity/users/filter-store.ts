/** What users are filtered by: as a question about one user, and as a way to those it leaves. */

import type { users } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import type { Parsed } from '@gatehouse/contract/route'
import { type Expression, type RawBuilder, sql } from 'kysely'
import { containing } from '../../platform/db/keyset.ts'
import type { Db } from '../../platform/db/open.ts'
import { beginningWith, shortestSearched, textSearchOf } from '../../platform/db/text-search.ts'
import { facetFilters, hasRole } from './facets-store.ts'
import { isInFactorState } from './factor-state-store.ts'

type Search = Parsed<typeof users.list>['search']
export type UserFilters = Omit<Search, 'limit' | 'cursor' | 'sort'>
export type Check = RawBuilder<boolean>

/** A filter's own index: those whom it leaves, without looking at the others. */
export interface AccessPath {
  /** `text`: the index has the names as well. `role`: it has the users in the order of names. `parts`: each of the parts is one. */
  through: 'text' | 'role' | 'parts' | 'rows'
  /** What it is the answer to. */
  answers: readonly string[]
  /** Is the user one of them? Asked so, the database begins with them. */
  isOneOf: Check
  /** A row for each, to be counted. */
  rows: Expression<unknown>
  /** Together the same users, each part a range of an index. */
  parts?: Check[]
  /** Not only these: what is found has to be looked at as well. */
  isRough?: true
}

/** What is asked, and what has been found out beforehand. */
export interface Question {
  filters: UserFilters
  policy: MfaPolicy
  /** The numbers that `facetFilters` leave; null where none of these is given. */
  facets: readonly number[] | null
}

/** The names of the filters that say something. */
export function givenIn(filters: UserFilters): string[] {
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [name]))
}

/** One question for each filter: those that the index `users_by_names` answers, and for a role `user_roles_by_name`. */
export function checksOf({ filters, policy, facets }: Question): Check[] {
  const { search } = filters
  const isFactorAsked = !facetFilters(filters, policy).includes('factor[eq]')
  return [
    ...(facets ? [isOneOfFacets(facets)] : []),
    ...given(filters['username[eq]'], isNamed),
    ...given(filters['username[contains]'], (part) => sql<boolean>`users.username_folded ${like(part)}`),
    ...given(search, (text) => (isShort(text) ? beginsWith(text) : contains(text))),
    ...given(filters['role[eq]'], hasRole),
    ...given(isFactorAsked ? filters['factor[eq]'] : undefined, (state) => isInFactorState(state, policy)),
  ]
}

/** The ways there are to those whom the filters leave. */
export function accessPathsOf(db: Db, { filters, policy, facets }: Question): AccessPath[] {
  const search = textSearchOf(db)
  const byText = (text: string): Omit<AccessPath, 'answers'> => {
    const folded = text.toLowerCase()
    return { through: 'text', isOneOf: search.found(folded), rows: search.findings(folded) }
  }
  return [
    ...given(filters['username[eq]'], (name): AccessPath => ({ answers: ['username[eq]'], ...byRows(isNamed(name)) })),
    ...given(filters['username[contains]'], (part): AccessPath[] =>
      isShort(part) ? [] : [{ answers: ['username[contains]'], ...byText(part), isRough: true }],
    ).flat(),
    ...given(filters.search, (text): AccessPath => {
      return { answers: ['search'], ...(isShort(text) ? byBeginning(text) : byText(text)) }
    }),
    ...given(filters['role[eq]'], (role): AccessPath => {
      const userIds = sql`select user_id from user_roles where role_id = ${role}`
      return { through: 'role', answers: ['role[eq]'], isOneOf: sql`users.id in (${userIds})`, rows: userIds }
    }),
    ...(facets ? [{ answers: facetFilters(filters, policy), ...byFacets(facets) }] : []),
  ]
}

function given<T, R>(value: T | undefined, make: (value: T) => R): R[] {
  return value === undefined || value === '' ? [] : [make(value)]
}

function byRows(check: Check): Omit<AccessPath, 'answers'> {
  return { through: 'rows', isOneOf: check, rows: sql`select 1 from users where ${check}` }
}

function byBeginning(text: string): Omit<AccessPath, 'answers'> {
  const [username, displayName] = beginnings(text)
  return {
    through: 'parts',
    parts: [username, displayName],
    isOneOf: beginsWith(text),
    rows: sql`select 1 from users where ${username} union all select 1 from users where ${displayName} and not ${username}`,
  }
}

function byFacets(facets: readonly number[]): Omit<AccessPath, 'answers'> {
  return { parts: facets.map(isFacets), ...byRows(isOneOfFacets(facets)), through: 'parts' }
}

export function isFacets(facets: number): Check {
  return sql`users.facets = ${facets}`
}

function isOneOfFacets(facets: readonly number[]): Check {
  return facets.length === 0 ? sql`1 = 0` : sql`users.facets in (${sql.join(facets)})`
}

/** Too short for a trigram: what it begins with is looked for. */
function isShort(text: string): boolean {
  return Array.from(text).length < shortestSearched
}

function isNamed(username: string): Check {
  return sql`(users.username_folded = ${username.toLowerCase()} and users.username = ${username})`
}

function beginnings(text: string): [Check, Check] {
  const folded = text.toLowerCase()
  return [beginningWith('users.username_folded', folded), beginningWith('users.display_name_folded', folded)]
}

function beginsWith(text: string): Check {
  return sql`(${sql.join(beginnings(text), sql` or `)})`
}

function contains(text: string): Check {
  return sql`(users.username_folded ${like(text)} or users.display_name_folded ${like(text)})`
}

function like(text: string): RawBuilder<unknown> {
  return sql`like ${containing(text)} escape '\\'`
}
