import { session } from '@gatehouse/contract/identity/sign-in'
import { queryFor } from '../../api/queries.ts'

/** Read by the loader of every page that asks for a new password; kept, so that a dialog need not wait for it. */
export const passwordPolicyQuery = { ...queryFor(session.passwordPolicy, {}), gcTime: Infinity }
