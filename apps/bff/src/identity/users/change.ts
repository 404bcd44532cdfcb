/** The user after a change, and the sessions and tokens that the change ends. Pure, so that the change and its preview agree. */
import type { User, UserUpdate } from '@gatehouse/contract/identity/users'
import { Problem } from '../../platform/base/problem.ts'
import { hasGrant, maySignIn, mayUseTokens } from '../sign-in/may-sign-in.ts'

/** The user after the change. `at` becomes `disabledAt` if the change disables the user. */
export function applied(user: User, changes: UserUpdate, at: string): User {
  const disabledAt =
    changes.disabled === undefined ? user.disabledAt : changes.disabled ? (user.disabledAt ?? at) : null
  return {
    ...user,
    displayName: changes.displayName === undefined ? user.displayName : changes.displayName,
    kind: changes.kind ?? user.kind,
    grantTypes: changes.grantTypes ? toGrants(changes.grantTypes) : user.grantTypes,
    roles: changes.roles ? withMapped(user, changes.roles) : user.roles,
    permissions: changes.permissions ?? user.permissions,
    mqttPublishPrefix: changes.mqttPublishPrefix === undefined ? user.mqttPublishPrefix : changes.mqttPublishPrefix,
    // The contract has normalised and sorted them.
    tags: changes.tags ?? user.tags,
    disabledAt,
    mfa: { ...user.mfa, required: changes.mfaRequired ?? user.mfa.required },
    version: user.version + 1,
  }
}

/** Throws `role_is_mapped` if a role is missing that the identity provider gives. */
function withMapped({ mappedRoles }: User, given: readonly string[]): string[] {
  const missing = mappedRoles.find((id) => !given.includes(id))
  if (missing) throw new Problem('role_is_mapped', { fields: { roles: 'role_is_mapped' }, facts: { role: missing } })
  return [...new Set(given)]
}

/** Clients present no token at a CONNECT, so it cannot be required. */
export function toGrants(given: NonNullable<UserUpdate['grantTypes']>): User['grantTypes'] {
  const grants = given.map(({ method, isRequired = false }) => ({ method, isRequired }))
  const at = grants.findIndex(({ method, isRequired }) => method === 'token' && isRequired)
  if (at >= 0) {
    throw new Problem('token_grant_required', { fields: { [`grantTypes.${at}.isRequired`]: 'token_grant_required' } })
  }
  return grants
}

/** Users may change only their own display name and add grants. Throws `own_account` for roles, permissions and state. */
export function requireAllowedOnSelf(before: User, after: User): void {
  const keepsGrants = before.grantTypes.every((grant) =>
    after.grantTypes.some(({ method, isRequired }) => method === grant.method && isRequired === grant.isRequired),
  )
  const addsNoDemand = after.grantTypes.every(
    ({ method, isRequired }) => !isRequired || before.grantTypes.some((grant) => grant.method === method),
  )
  const keeps = (['kind', 'disabledAt', 'mqttPublishPrefix'] as const).every((field) => before[field] === after[field])
  const keepsDemand = before.mfa.required === after.mfa.required
  if (!keepsGrants || !addsNoDemand || !keeps || !keepsDemand || rights(before) !== rights(after))
    throw new Problem('own_account')
}

/** The same text for the same rights, in any order. */
function rights({ roles, permissions }: User): string {
  const named = permissions.map(({ context, resource, operation }) => JSON.stringify([context, resource, operation]))
  return JSON.stringify([roles.toSorted(), [...new Set(named)].toSorted()])
}

/**
 * Which tokens a change ends. Removing the password grant ends tokens that only needed the password. Demanding a second factor
 * that the user lacks means that the password alone is no longer trusted. That ends all tokens. With `endTokens` false, it
 * keeps the tokens that were made in the console.
 */
export function tokensEndedBy(
  { before, after }: { before: User; after: User },
  endTokens = true,
): 'all' | 'of-password' | 'none' {
  if (!mayUseTokens(after)) return 'all'
  const isFactorMissing = after.mfa.required && !after.mfa.enabled && hasGrant(after.grantTypes, 'password')
  if (isFactorMissing && !before.mfa.required) return endTokens ? 'all' : 'of-password'
  return maySignIn(before) && !maySignIn(after) ? 'of-password' : 'none'
}
