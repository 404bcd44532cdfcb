import { session } from '@gatehouse/contract/identity/sign-in'
import { queryFor } from '../../api/queries.ts'

/** Loaded by every page that asks for a new password, so that a dialog does not wait for it. */
export const passwordPolicyQuery = { ...queryFor(session.passwordPolicy, {}), gcTime: Infinity }
