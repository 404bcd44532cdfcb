/**
 * Rule: certificates issued to a user end with the user. A name can be given again, and a certificate contains only the
 * name.
 */

import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Actor } from '../../platform/http/request.ts'
import { recordRevocation } from '../revocations/service.ts'
import { listGoodOf } from './store.ts'

/** Revokes them before the user is deleted, in the same transaction. Returns how many. */
export async function revokeIssuedTo(
  trx: Trx,
  clock: Clock,
  { userId, actor }: { userId: string; actor: Actor },
): Promise<number> {
  const certificates = await listGoodOf(trx, userId, clock.now())
  for (const certificate of certificates) {
    const revocation = {
      id: newId(clock.now()),
      ...certificate,
      reason: 'cessationOfOperation' as const,
      note: 'Its user was deleted',
      revokedBy: actor.username,
      revokedAt: timestamp(clock),
    }
    await recordRevocation(trx, clock, { revocation, actor })
  }
  return certificates.length
}
