/**
 * What a user is, in one number: kind, methods, state, second factor, as the database keeps it in `facets`. A filter by any of
 * these, or by several, leaves some of the numbers.
 */

import type { GrantMethod } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../../platform/db/open.ts'
import { factorState } from '../second-factors/demand.ts'
import type { UserFilters } from './filter-store.ts'

const methodBits: Record<GrantMethod, number> = { password: 1, certificate: 2, token: 4 }

/** The grants as one number: what the row has of them. */
export function methodsOf(grants: readonly { method: GrantMethod }[]): number {
  return grants.reduce((sum, { method }) => sum | methodBits[method], 0)
}

/** As migration 0014 adds them up. */
export const facetBits = {
  person: 1,
  method: (method: GrantMethod) => methodBits[method] * 2,
  disabled: 16,
  enrolled: 32,
  demanded: 64,
}

type FacetFilter = 'kind[eq]' | 'state[eq]' | 'method[eq]' | 'factor[eq]'

/** Which of the filters given speak of facets alone. A policy that names roles makes the factor a question about roles. */
export function facetFilters(filters: UserFilters, { requiredFor, roles }: MfaPolicy): FacetFilter[] {
  const isByRole = requiredFor === 'roles' && roles.length > 0 && filters['factor[eq]'] !== 'on'
  const names = Object.keys(tests) as FacetFilter[]
  return names.filter((name) => filters[name] !== undefined && !(name === 'factor[eq]' && isByRole))
}

/** Those in use that the filters leave. */
export async function findFacets(reader: Db, filters: UserFilters, policy: MfaPolicy): Promise<number[]> {
  const names = facetFilters(filters, policy)
  // From each to the next along the index: a dozen steps, however many users there are.
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
  // Only asked where the policy names no role: see `facetFilters`.
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

export function hasFacet(bit: number): RawBuilder<boolean> {
  return sql`(users.facets & ${sql.lit(bit)}) <> 0`
}

/** By name instead of id: along the names of users, the index of roles is read in its own order. */
export function hasRole(role: string): RawBuilder<boolean> {
  return sql`exists (select 1 from user_roles as held where held.role_id = ${role} and held.username_folded = users.username_folded)`
}
