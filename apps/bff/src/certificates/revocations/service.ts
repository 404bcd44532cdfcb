import type {
  Revocation,
  RevocationImpact,
  RevocationSubject,
  revocations,
} from '@gatehouse/contract/certificates/revocations'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'
import { findAuthoritiesByKey } from '../authorities/store.ts'
import type { RevocationsContext } from './context.ts'
import { nameCertificate } from './named-certificate.ts'
import { requireRevocationRight } from './revocation-rights.ts'
import { deleteRevocation, findRevocation, findRevocationOf, insertRevocation, type StoredRevocation } from './store.ts'

export async function revoke(
  context: RevocationsContext,
  { body, caller, request }: By & { body: Parsed<typeof revocations.create>['body'] },
): Promise<Answer<typeof revocations.create>> {
  const { db, reader, clock, enforcers } = context
  const { reason, note = null, ...which } = body
  const { certificate: _known, ...named } = await nameCertificate(context, which)
  const made: StoredRevocation = {
    id: newId(clock.now()),
    ...named,
    reason,
    note,
    revokedBy: caller.username,
    revokedAt: timestamp(clock),
  }
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    await requireRevocationRight(trx, caller, {
      ...made,
      evidence: body.authority === undefined ? 'signature' : 'none',
    })
    await recordRevocation(trx, clock, { revocation: made, actor: actorOf(caller, request) })
    return appendChange(trx, clock, { kind: 'revocation', ids: [made.id] })
  })
  return { ...(await presentOne(reader, made)), ...(await enforcers.waitFor([sequence])) }
}

/** The caller's authority is checked before. */
export async function recordRevocation(
  trx: Trx,
  clock: Clock,
  { revocation, actor }: { revocation: StoredRevocation; actor: Actor },
): Promise<void> {
  await orTaken(insertRevocation(trx, revocation), () => new Problem('already_revoked'))
  await recordEvent(trx, clock, {
    action: 'certificate.revoked',
    actor,
    target: targetOf(revocation),
    after: factsOf(revocation),
  })
}

/** Undoes a revocation. */
export async function reinstate(
  { db, clock, enforcers }: RevocationsContext,
  { id, caller, request }: By & { id: string },
): Promise<Answer<typeof revocations.remove>> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const revocation = await findRevocation(trx, id)
    if (!revocation) throw new Problem('not_found')
    await requireRevocationRight(trx, caller, { ...revocation, evidence: 'none' })
    await deleteRevocation(trx, id)
    await recordEvent(trx, clock, {
      action: 'certificate.reinstated',
      actor: actorOf(caller, request),
      target: targetOf(revocation),
      before: factsOf(revocation),
    })
    return appendChange(trx, clock, { kind: 'revocation', ids: [id] })
  })
  return { live: (await enforcers.waitFor([sequence])).disconnected !== null }
}

export async function impactOf(context: RevocationsContext, which: RevocationSubject): Promise<RevocationImpact> {
  const named = await nameCertificate(context, which)
  const existing = await findRevocationOf(context.reader, named)
  const ended = await context.enforcers.impactOnRevocation(named)
  return { ...named, existing: existing?.id ?? null, ...ended }
}

/** Revocations in API answers, with an authority that has the key now, if there is one. */
export async function present(reader: Db, stored: readonly StoredRevocation[]): Promise<Revocation[]> {
  const authorities = await findAuthoritiesByKey(
    reader,
    stored.map(({ issuerKey }) => issuerKey),
  )
  const byKey = new Map(
    authorities.map(({ certificate: { keyFingerprint, fingerprint }, name }) => [
      keyFingerprint,
      { fingerprint, name },
    ]),
  )
  return stored.map((revocation) => ({ ...revocation, authority: byKey.get(revocation.issuerKey) ?? null }))
}

async function presentOne(reader: Db, stored: StoredRevocation): Promise<Revocation> {
  const [revocation] = await present(reader, [stored])
  if (!revocation) throw new Error('Rows and presented revocations differ in number')
  return revocation
}

function targetOf({ fingerprint, issuerKey, serialNumber, username, subject }: StoredRevocation) {
  const id = fingerprint ?? `${issuerKey}:${serialNumber}`
  return auditTarget.certificate({ id, name: username ?? subject ?? serialNumber })
}

function factsOf({ serialNumber, issuer, issuerKey, subject, notAfter, reason, note }: StoredRevocation) {
  return { serialNumber, issuer, issuerKey, subject, notAfter, reason, note }
}
