import type { User } from '@gatehouse/contract/identity/users'
import type { MfaPolicy } from '@gatehouse/contract/operations/settings'

export interface DemandFacts {
  /** Demanded by the account itself. */
  isRequired: boolean
  grants: readonly Pick<User['grantTypes'][number], 'method'>[]
  roleIds: readonly string[]
}

/**
 * Must this user have a second factor? Users without the password grant never sign in to the console, so nothing is demanded of
 * them. `factor-state-store.ts` is the same rule in SQL, for lists; a test compares the two.
 */
export function isFactorDemanded(
  { requiredFor, roles }: MfaPolicy,
  { isRequired, grants, roleIds }: DemandFacts,
): boolean {
  if (!grants.some(({ method }) => method === 'password')) return false
  if (isRequired || requiredFor === 'everyone') return true
  return requiredFor === 'roles' && roleIds.some((id) => roles.includes(id))
}

/** `missing`: the user must have a second factor and has none. */
export type FactorState = 'on' | 'missing' | 'off'

export function factorState(policy: MfaPolicy, user: DemandFacts & { hasFactor: boolean }): FactorState {
  if (user.hasFactor) return 'on'
  return isFactorDemanded(policy, user) ? 'missing' : 'off'
}
