import type { MfaPolicy } from '@gatehouse/contract/operations/settings'
import { type RawBuilder, sql } from 'kysely'
import type { FactorState } from '../second-factors/demand.ts'
import { facetBits, hasFacet, hasRole } from './facets-store.ts'

/** The rule `factorState` of `second-factors/demand.ts` as SQL about the row `users`. A test compares the two. */
export function isInFactorState(state: FactorState, { requiredFor, roles }: MfaPolicy): RawBuilder<boolean> {
  const isEnrolled = hasFacet(facetBits.enrolled)
  if (state === 'on') return isEnrolled
  const reasons = [
    hasFacet(facetBits.demanded),
    ...(requiredFor === 'everyone' ? [sql`1 = 1`] : []),
    ...(requiredFor === 'roles' ? roles.map(hasRole) : []),
  ]
  const isDemanded = sql`(${hasFacet(facetBits.method('password'))} and (${sql.join(reasons, sql` or `)}))`
  return sql`(not ${isEnrolled} and ${state === 'missing' ? isDemanded : sql`not ${isDemanded}`})`
}
