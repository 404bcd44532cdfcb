/** The filters of the users page as SQL conditions about one user. `access-paths-store.ts` finds users by them. */
import type { users } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import type { Parsed } from '@gatehouse/contract/route'
import { type RawBuilder, sql } from 'kysely'
import { containing } from '../../platform/db/keyset.ts'
import { beginningWith, shortestSearched } from '../../platform/db/text-search.ts'
import { facetFilters, hasRole, isOneOfFacets } from './facets-store.ts'
import { isInFactorState } from './factor-state-store.ts'

type Search = Parsed<typeof users.list>['search']
export type UserFilters = Omit<Search, 'limit' | 'cursor' | 'sort'>

/** About the row `users`. */
export type Condition = RawBuilder<boolean>

/** The filters of a request, with what was read for them beforehand. */
export interface UserQuery {
  filters: UserFilters
  policy: MfaPolicy
  /** The values of `users.facets` that the filters leave. Null: no filter is about facets. */
  facets: readonly number[] | null
}

/** Names of the filters that have a value. */
export function namesOfFilters(filters: UserFilters): string[] {
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [name]))
}

/** One condition per filter. The index `users_by_names` has all columns of these, except the roles and tags of a user. */
export function conditionsOf({ filters, policy, facets }: UserQuery): Condition[] {
  const isFactorByRole = !facetFilters(filters, policy).includes('factor[eq]')
  return [
    ...(facets ? [isOneOfFacets(facets)] : []),
    ...ifGiven(filters['username[eq]'], hasUsername),
    ...ifGiven(filters['username[contains]'], (part) => sql<boolean>`users.username_folded ${like(part)}`),
    ...ifGiven(filters.search, (text) => (isShort(text) ? nameBeginsWith(text) : nameContains(text))),
    ...ifGiven(filters['role[eq]'], hasRole),
    ...ifGiven(filters['tag[eq]'], hasTag),
    ...ifGiven(filters['identityProvider[eq]'], hasOrigin),
    ...ifGiven(isFactorByRole ? filters['factor[eq]'] : undefined, (state) => isInFactorState(state, policy)),
  ]
}

/** An empty list if the filter has no value. */
export function ifGiven<T, R>(value: T | undefined, make: (value: T) => R): R[] {
  return value === undefined || value === '' ? [] : [make(value)]
}

/** Too short for a trigram index: such text is searched at the beginning of names only. */
export function isShort(text: string): boolean {
  return Array.from(text).length < shortestSearched
}

export function hasUsername(username: string): Condition {
  return sql`(users.username_folded = ${username.toLowerCase()} and users.username = ${username})`
}

/** The users of a tag, from the index of tags. */
export function idsWithTag(tag: string): RawBuilder<unknown> {
  return sql`select user_id from user_tags where tag = ${tag}`
}

function hasTag(tag: string): Condition {
  return sql`users.id in (${idsWithTag(tag)})`
}

/** The users of a provider, in the order of names: the index `users_by_origin`, which leaves local users out. */
export function comesFrom(origin: string): Condition {
  return sql`(users.identity_provider = ${origin} and users.identity_provider <> 'local')`
}

/** Reads that index only, because a walk along names reads no rows of the table. */
function hasOrigin(origin: string): Condition {
  if (origin === 'local') return sql`users.id not in (select id from users where identity_provider <> 'local')`
  const theirs = sql`select id from users where identity_provider = ${origin} and identity_provider <> 'local'`
  return sql`users.id in (${theirs})`
}

/** Two ranges: of the index of usernames, and of the index of display names. */
export function rangesOfBeginning(text: string): [username: Condition, displayName: Condition] {
  const folded = text.toLowerCase()
  return [beginningWith('users.username_folded', folded), beginningWith('users.display_name_folded', folded)]
}

export function nameBeginsWith(text: string): Condition {
  return sql`(${sql.join(rangesOfBeginning(text), sql` or `)})`
}

function nameContains(text: string): Condition {
  return sql`(users.username_folded ${like(text)} or users.display_name_folded ${like(text)})`
}

function like(text: string): RawBuilder<unknown> {
  return sql`like ${containing(text)} escape '\\'`
}
