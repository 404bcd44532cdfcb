import { coversAll, everything, type Permission } from '@gatehouse/contract/access/permission'
import type { Policies } from '../../platform/policies/store.ts'

/**
 * Does a policy keep this user from signing in with a password (decision 99)? Local administrators keep their passwords, so that
 * they can sign in while the OpenID provider fails.
 */
export function isPasswordOff(
  { signIn }: Pick<Policies, 'signIn'>,
  user: { identity_provider: string; permissions: readonly Permission[] },
): boolean {
  if (!signIn.passwordsOfAdministratorsOnly) return false
  return user.identity_provider !== 'local' || !coversAll(user.permissions, everything)
}
