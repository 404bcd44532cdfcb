import type { SignInOptions } from '@gatehouse/contract/identity/sign-in'
import type { Db } from '../../platform/db/open.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { listOffered } from '../providers/store.ts'

/** What the sign-in page offers. Anybody may read it, so it does not say whether there are directories. */
export async function readSignInOptions(reader: Db): Promise<SignInOptions> {
  const { signIn: policy } = await readPolicies(reader)
  return { providers: await listOffered(reader), passwordSignIn: !policy.passwordsOfAdministratorsOnly }
}
