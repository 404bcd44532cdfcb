/**
 * Replaces the enforcers' CA (ADR 101). The next CA and the current one are both trusted until each enforcer has stored the next CA
 * and uses a certificate that it issued. Then the next CA becomes the current one, and the former CA is no longer trusted.
 */
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { makeEnforcersAuthority } from './authority.ts'
import { fingerprintOf, isIssuedBy } from './authority-certificates.ts'
import { type AuthorityRecord, insertAuthority, listAuthorities, promoteAuthority } from './authority-store.ts'
import type { EnrolmentContext } from './enrolment.ts'
import { listNamed } from './list.ts'
import type { EnforcersContext } from './service.ts'
import { deleteEnforcerOf } from './store.ts'
import { deleteAllTokens } from './token-store.ts'

export async function replaceAuthority(context: EnforcersContext, { caller, request }: By): Promise<void> {
  const { db, clock, keyring, enforcerUrl } = context
  // Without the listener no enforcer could follow.
  if (enforcerUrl === null) throw new Problem('no_enforcer_listener')
  const made = await makeEnforcersAuthority(clock)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const { current, next } = await find(trx)
    if (!current) throw new Problem('not_found')
    if (next) return
    await insertAuthority(trx, keyring, { id: 'next', authority: made, at: timestamp(clock) })
    await recordEvent(trx, clock, {
      action: 'enforcers-authority.created',
      actor: actorOf(caller, request),
      target: auditTarget.enforcersAuthority,
      before: { fingerprint: fingerprintOf(current.certificate) },
      after: { fingerprint: fingerprintOf(made.certificatePem) },
    })
  })
}

/** `revokes`: ids of the enforcers that have not followed. Throws `changed_meanwhile` if these are other enforcers now. */
export async function completeByForce(
  { db, clock, hub }: EnforcersContext,
  { revokes, caller, request }: By & { revokes: readonly string[] },
): Promise<void> {
  const actor = actorOf(caller, request)
  const revoked = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const { next, missing } = await find(trx)
    if (!next) throw new Problem('not_found')
    if (missing.length !== revokes.length || missing.some(({ id }) => !revokes.includes(id)))
      throw new Problem('changed_meanwhile')
    for (const { broker, host, fingerprint } of missing) {
      await deleteEnforcerOf(trx, broker.id)
      await recordEvent(trx, clock, {
        action: 'enforcer.revoked',
        actor,
        target: auditTarget.broker(broker),
        before: { host, fingerprint },
      })
    }
    await complete(trx, { clock, actor, next })
    return missing
  })
  for (const { brokerId } of revoked) hub.disconnect(brokerId)
}

/** Completes a replacement that all enforcers have followed. */
export async function completeIfFollowed({ db, reader, clock }: EnrolmentContext): Promise<void> {
  if (!isFollowed(await find(reader))) return
  await db.transaction().execute(async (trx) => {
    const found = await find(trx)
    if (!found.next || !isFollowed(found)) return
    await complete(trx, { clock, actor: bySystem, next: found.next })
  })
}

const bySystem = { userId: null, username: null, via: 'system', address: null } as const

type Completion = Pick<EnrolmentContext, 'clock'> & {
  actor: Parameters<typeof recordEvent>[2]['actor']
  next: AuthorityRecord
}

async function complete(trx: Trx, { clock, actor, next }: Completion): Promise<void> {
  await promoteAuthority(trx)
  await deleteAllTokens(trx)
  await recordEvent(trx, clock, {
    action: 'enforcers-authority.replaced',
    actor,
    target: auditTarget.enforcersAuthority,
    after: { fingerprint: fingerprintOf(next.certificate) },
  })
}

type Found = Awaited<ReturnType<typeof find>>

function isFollowed({ next, missing }: Found): boolean {
  return next !== undefined && missing.length === 0
}

/** `missing`: enforcers that do not use a certificate of the next CA. */
async function find(db: Db | Trx) {
  const authorities = await listAuthorities(db)
  const current = authorities.find(({ id }) => id === 'current')
  const next = authorities.find(({ id }) => id === 'next')
  const all = next ? await listNamed(db) : []
  return { current, next, missing: all.filter((each) => next && !isIssuedBy(each.certificate, next.certificate)) }
}
