/** Who may sign in, and as what. The broker's rule for a CONNECT is `access/decision`. */
import type { User } from '@gatehouse/contract/identity/users'

type SignInFacts = Pick<User, 'disabledAt' | 'grantTypes'>

/**
 * May the user sign in to the console with a password? A user with a required certificate may not, because the console asks for
 * none. `users/may-sign-in-store.ts` is the same rule in SQL; a test compares the two.
 */
export function maySignIn({ disabledAt, grantTypes }: SignInFacts): boolean {
  const needsCertificate = grantTypes.some(({ method, isRequired }) => method === 'certificate' && isRequired)
  return disabledAt === null && !needsCertificate && hasGrant(grantTypes, 'password')
}

/** May the user's tokens be used? A change that makes this false deletes them, so that no old token works again later. */
export function mayUseTokens({ disabledAt, grantTypes }: SignInFacts): boolean {
  return disabledAt === null && hasGrant(grantTypes, 'token')
}

export function hasGrant(grants: User['grantTypes'], method: User['grantTypes'][number]['method']): boolean {
  return grants.some((grant) => grant.method === method)
}
