/**
 * The column `facets`: kind, methods, state and second factor of a user as one number, which the database computes. Filters by
 * these leave some of the numbers, a dozen or two however many users there are.
 */
import type { GrantMethod } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../platform/db/open.ts'
import { factorState } from '../second-factors/demand.ts'
import type { UserFilters } from './filter-store.ts'

const methodBits: Record<GrantMethod, number> = { password: 1, certificate: 2, token: 4 }

/** The value of the column `methods`. */
export function methodsOf(grants: readonly { method: GrantMethod }[]): number {
  return grants.reduce((sum, { method }) => sum | methodBits[method], 0)
}

/** The bits of `facets`, as migration 0014 defines the column. */
export const facetBits = {
  person: 1,
  method: (method: GrantMethod) => methodBits[method] * 2,
  disabled: 16,
  enrolled: 32,
  demanded: 64,
}

type FacetFilter = 'kind[eq]' | 'state[eq]' | 'method[eq]' | 'factor[eq]'

/** Those of the given filters that facets decide. Under a policy that names roles, the roles decide about the factor too. */
export function facetFilters(filters: UserFilters, { requiredFor, roles }: MfaPolicy): FacetFilter[] {
  const isByRole = requiredFor === 'roles' && roles.length > 0 && filters['factor[eq]'] !== 'on'
  const names = Object.keys(tests) as FacetFilter[]
  return names.filter((name) => filters[name] !== undefined && !(name === 'factor[eq]' && isByRole))
}

/** The values of `facets` that users have and the filters leave. */
export async function findFacets(reader: Db, filters: UserFilters, policy: MfaPolicy): Promise<number[]> {
  const names = facetFilters(filters, policy)
  // Steps from each value to the next along the index, so it reads a dozen rows however many users there are.
  const { rows } = await sql<{ facets: number }>`
    with recursive used(facets) as (
      select min(facets) from users
      union all
      select (select min(users.facets) from users where users.facets > used.facets) from used where used.facets is not null
    ) select facets from used where facets is not null`.execute(reader)
  return rows
    .map(({ facets }) => facets)
    .filter((facets) => names.every((name) => tests[name](facets, filters, policy)))
}

type Test = (facets: number, filters: UserFilters, policy: MfaPolicy) => boolean

const tests: Record<FacetFilter, Test> = {
  'kind[eq]': (facets, filters) => ((facets & facetBits.person) !== 0) === (filters['kind[eq]'] === 'person'),
  'state[eq]': (facets, filters) => ((facets & facetBits.disabled) !== 0) === (filters['state[eq]'] === 'disabled'),
  'method[eq]': (facets, { 'method[eq]': method }) => !method || (facets & facetBits.method(method)) !== 0,
  // Only called if the policy names no role: see `facetFilters`.
  'factor[eq]': (facets, filters, policy) => filters['factor[eq]'] === factorState(policy, factorFacts(facets)),
}

function factorFacts(facets: number) {
  return {
    hasFactor: (facets & facetBits.enrolled) !== 0,
    isRequired: (facets & facetBits.demanded) !== 0,
    grants: (facets & facetBits.method('password')) !== 0 ? [{ method: 'password' as const }] : [],
    roleIds: [],
  }
}

export function hasFacets(facets: number): RawBuilder<boolean> {
  return sql`users.facets = ${facets}`
}

export function isOneOfFacets(facets: readonly number[]): RawBuilder<boolean> {
  return facets.length === 0 ? sql`1 = 0` : sql`users.facets in (${sql.join(facets)})`
}

export function hasFacet(bit: number): RawBuilder<boolean> {
  return sql`(users.facets & ${sql.lit(bit)}) <> 0`
}

/** Compares names instead of ids, because a walk along usernames then reads the index of the role in its own order. */
export function hasRole(role: string): RawBuilder<boolean> {
  return sql`exists (select 1 from user_roles as held where held.role_id = ${role} and held.username_folded = users.username_folded)`
}
