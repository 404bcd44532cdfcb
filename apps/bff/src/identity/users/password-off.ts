import { coversAll, everything } from '@gatehouse/contract/access/permission'
import type { Db } from '../../platform/db/open.ts'
import type { Policies } from '../../platform/policies/store.ts'
import { permissionsOf } from './rights-store.ts'

/**
 * Does a policy keep this user from signing in with a password (decision 99)? Local administrators keep their passwords, so that
 * they can sign in while the OpenID provider fails.
 */
export async function isPasswordOff(
  db: Db,
  { signIn }: Pick<Policies, 'signIn'>,
  user: { id: string; identity_provider: string },
): Promise<boolean> {
  if (!signIn.passwordsOfAdministratorsOnly) return false
  return user.identity_provider !== 'local' || !coversAll(await permissionsOf(db, user.id), everything)
}
