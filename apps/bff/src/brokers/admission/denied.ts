/** Denies names and forgives them. */
import type { DeniedDevice } from '@gatehouse/contract/brokers/admission-rules'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { Problem } from '../../platform/base/problem.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { countDenied, deleteDenial, findDenial, insertDenial } from './denied-store.ts'
import type { AdmissionContext } from './service.ts'

const maxDenied = 100_000

export async function denyDevice(
  { db, clock }: AdmissionContext,
  { username, caller, request }: By & { username: string },
): Promise<DeniedDevice> {
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    if ((await countDenied(trx)) >= maxDenied) throw new Problem('too_many_denied_devices')
    await insertDenial(trx, clock, { username, cause: 'denied', by: caller.username })
    await recordEvent(trx, clock, {
      action: 'device.denied',
      actor: actorOf(caller, request),
      target: auditTarget.deniedDevice(username),
    })
    const denied = await findDenial(trx, username)
    if (!denied) throw new Error('A denial that was just written is not there')
    return denied
  })
}

export async function forgiveDevice(
  { db, clock }: AdmissionContext,
  { username, caller, request }: By & { username: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const denied = await deleteDenial(trx, username)
    if (!denied) throw new Problem('not_found')
    await recordEvent(trx, clock, {
      action: 'device.forgiven',
      actor: actorOf(caller, request),
      target: auditTarget.deniedDevice(denied.username),
      before: { reason: denied.cause },
    })
  })
}
