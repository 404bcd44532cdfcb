/**
 * The rule: whoever decides whether a certificate is believed must cover the user that it makes. Where it is not known which that is, or
 * there is no such user, that is everybody for whom its authority may vouch. The same for revoking as for taking back: the one shuts
 * somebody out, the other lets somebody in, and both are changes to that user's certificates (security rule 7).
 */
import { coversAll, everything } from '@gatehouse/contract/permissions'
import { coversVouched } from '../authorities/service.ts'
import { findAuthoritiesByKey } from '../authorities/store.ts'
import { Problem } from '../base/problem.ts'
import type { Trx } from '../db/open.ts'
import type { Caller } from '../http/request.ts'
import { requireCover } from '../roles/limits.ts'
import { permissionsOf } from '../roles/store.ts'
import { findCredentials } from '../users/store.ts'

/** Throws `above_caller`. */
export async function requireReach(
  trx: Trx,
  caller: Caller,
  { username, issuerKey }: { username: string | null; issuerKey: string },
): Promise<void> {
  if (coversAll(caller.permissions, everything)) return
  const user = username === null ? null : await findCredentials(trx, username)
  if (user) return requireCover(caller.permissions, await permissionsOf(trx, user.id))
  const authorities = await findAuthoritiesByKey(trx, [issuerKey])
  // One that is not there could come back for anybody.
  if (authorities.length === 0) throw new Problem('above_caller')
  for (const { usernames } of authorities) {
    if (!(await coversVouched(trx, caller, usernames))) throw new Problem('above_caller')
  }
}
