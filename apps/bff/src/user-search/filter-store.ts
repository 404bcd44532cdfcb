/** What users are filtered by: as a question about one user, and as a way to those it leaves. */
import type { Parsed } from '@gatehouse/contract/route'
import type { MfaPolicy } from '@gatehouse/contract/settings'
import type { GrantMethod, users } from '@gatehouse/contract/users'
import { type Expression, type RawBuilder, sql } from 'kysely'
import { containing } from '../db/keyset.ts'
import type { Db } from '../db/open.ts'
import { beginningWith, shortestSearched, textSearchOf } from '../db/text-search.ts'

type Search = Parsed<typeof users.list>['search']
export type UserFilters = Omit<Search, 'limit' | 'cursor' | 'sort'>
export type Check = RawBuilder<boolean>

/** A filter's own index: those whom it leaves, without looking at the others. */
export interface Way {
  /** `text`: the index has the names as well. `role`: it has the users in the order of names. `parts`: each of the parts is one. */
  through: 'text' | 'role' | 'parts' | 'rows'
  /** Is the user one of them? Asked so, the database begins with them. */
  isOneOf: Check
  /** A row for each, to be counted. */
  rows: Expression<unknown>
  /** Together the same users, each part a range of an index. */
  parts?: Check[]
  /** Not only these: what is found has to be looked at as well. */
  isRough?: true
}

/** The names of the filters that say something. */
export function givenIn(filters: UserFilters): string[] {
  return Object.entries(filters).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [name]))
}

/** One question for each filter: those that the index `users_by_facets` answers, and for a role `user_roles_by_name`. */
export function checksOf(filters: UserFilters, policy: MfaPolicy): Check[] {
  const { search } = filters
  return [
    ...given(filters['username[eq]'], isNamed),
    ...given(filters['username[contains]'], (part) => sql<boolean>`users.username_folded ${like(part)}`),
    ...given(search, (text) => (isShort(text) ? beginsWith(text) : contains(text))),
    ...given(filters['kind[eq]'], (kind) => sql<boolean>`users.kind = ${kind}`),
    ...given(filters['state[eq]'], (state) => stateChecks[state]),
    ...given(filters['method[eq]'], hasMethod),
    ...given(filters['role[eq]'], hasRole),
    ...given(filters['factor[eq]'], (factor) => factorCheck(factor, policy)),
  ]
}

/** The ways there are to those whom the filters leave. */
export function waysOf(db: Db, filters: UserFilters): Way[] {
  const search = textSearchOf(db)
  const byText = (text: string): Way => {
    const folded = text.toLowerCase()
    return { through: 'text', isOneOf: search.found(folded), rows: search.findings(folded) }
  }
  return [
    ...given(filters['username[eq]'], (name) => byRows(isNamed(name))),
    ...given(filters['username[contains]'], (part): Way[] =>
      isShort(part) ? [] : [{ ...byText(part), isRough: true }],
    ).flat(),
    ...given(filters.search, (text) => (isShort(text) ? byBeginning(text) : byText(text))),
    ...given(filters['state[eq]'] === 'disabled' ? 'disabled' : undefined, () => byRows(stateChecks.disabled)),
    ...given(filters['factor[eq]'] === 'on' ? 'on' : undefined, () => byRows(isEnrolled)),
    ...given(filters['role[eq]'], (role): Way => {
      return { through: 'role', ...byHolding(sql`select user_id from user_roles where role_id = ${role}`) }
    }),
    ...given(filters['method[eq]'], (method): Way => {
      return { through: 'rows', ...byHolding(sql`select user_id from user_grants where method = ${method}`) }
    }),
  ]
}

function given<T, R>(value: T | undefined, make: (value: T) => R): R[] {
  return value === undefined || value === '' ? [] : [make(value)]
}

function byRows(check: Check): Way {
  return { through: 'rows', isOneOf: check, rows: sql`select 1 from users where ${check}` }
}

function byBeginning(text: string): Way {
  const [username, displayName] = beginnings(text)
  return {
    through: 'parts',
    parts: [username, displayName],
    isOneOf: beginsWith(text),
    rows: sql`select 1 from users where ${username} union all select 1 from users where ${displayName} and not ${username}`,
  }
}

function byHolding(userIds: RawBuilder<unknown>): Pick<Way, 'isOneOf' | 'rows'> {
  return { isOneOf: sql`users.id in (${userIds})`, rows: userIds }
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

const stateChecks = {
  enabled: sql<boolean>`users.disabled_at is null`,
  disabled: sql<boolean>`users.disabled_at is not null`,
}

const isEnrolled = sql<boolean>`users.mfa_enrolled_at is not null`

const methodBits: Record<GrantMethod, number> = { password: 1, certificate: 2, token: 4 }

/** The grants as one number: what the index has of them. */
export function methodsOf(grants: readonly { method: GrantMethod }[]): number {
  return grants.reduce((sum, { method }) => sum | methodBits[method], 0)
}

function hasMethod(method: GrantMethod): Check {
  return sql`(users.methods & ${sql.lit(methodBits[method])}) <> 0`
}

/** Asked along the names, one after the other, it finds its place beside the last one. */
function hasRole(role: string): Check {
  return sql`exists (select 1 from user_roles as held where held.role_id = ${role} and held.username_folded = users.username_folded)`
}

/** The same rule as `isFactorDemanded`, for many at once. */
function factorCheck(factor: 'on' | 'missing' | 'off', { requiredFor, roles }: MfaPolicy): Check {
  if (factor === 'on') return isEnrolled
  const byRole = requiredFor === 'roles' && roles.length > 0 ? roles.map(hasRole) : []
  const demanded =
    requiredFor === 'everyone'
      ? hasMethod('password')
      : sql`(${hasMethod('password')} and (${sql.join([sql`users.mfa_required_at is not null`, ...byRole], sql` or `)}))`
  return sql`(users.mfa_enrolled_at is null and ${factor === 'missing' ? demanded : sql`not ${demanded}`})`
}
