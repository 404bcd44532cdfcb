/** Lists, generates, records and forgets hand-overs. Nothing here reaches a cluster: a person applies the texts. */
import { isDeepStrictEqual } from 'node:util'
import type { GeneratedHandOver, HandOver, HandOverTarget, kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import type { Parsed } from '@gatehouse/contract/route'
import { listTrustedAuthorities } from '../../certificates/authorities/store.ts'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hasChangedSince, readLatestChange } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { type Content, contentOf, type Facts, fingerprintsOf, generate, stateOf } from './generate.ts'
import { deleteHandOver, findHandOver, listHandOvers, type StoredHandOver, saveHandOver } from './store.ts'
import { findTarget, type Target, type TargetContext } from './targets.ts'
import { judgeTrust } from './trust-set.ts'

export interface KubernetesContext extends TargetContext {
  db: Db
  clock: Clock
}

type Generate = Parsed<typeof kubernetes.generate>['body']
type Record = Parsed<typeof kubernetes.record>['body']

export async function listAll(context: KubernetesContext): Promise<HandOver[]> {
  const { reader, clock } = context
  const all = await listHandOvers(reader)
  if (all.length === 0) return []
  const trust = await judgeTrust(await listTrustedAuthorities(reader))
  const items: HandOver[] = []
  for (const stored of all) {
    const target = await findTarget(context, stored.target)
    if (target) items.push(present(stored, { target, content: contentOf({ target, trust, now: clock.now() }) }))
  }
  return items
}

export async function generateFor(
  context: KubernetesContext,
  { target, settings }: Generate,
): Promise<GeneratedHandOver> {
  return generate(await factsFor(context, target), settings)
}

export async function recordHandOver(context: KubernetesContext, body: Record, by: By): Promise<HandOver> {
  const { db, reader, clock } = context
  const { caller, request } = by
  // The trust store is judged before the transaction: with thousands of CAs all other writers would wait for it.
  const judgedAt = await readLatestChange(reader)
  const facts = await factsFor(context, body.target)
  const content = contentOf(facts)
  const { trustSet, contentHash } = content
  // What the person applied is not what would be recorded.
  if (contentHash !== body.contentHash) throw new Problem('changed_meanwhile')
  return db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const target = await findTarget({ ...context, reader: trx }, body.target)
    const isJudged = isDeepStrictEqual(target, facts.target) && !(await hasChangedSince(trx, 'authority', judgedAt))
    if (!isJudged) throw new Problem('changed_meanwhile')
    const stored: StoredHandOver = {
      target: body.target,
      settings: body.settings,
      authorities: fingerprintsOf(trustSet),
      serverCertificate: facts.target.serverCertificate?.fingerprint ?? null,
      contentHash,
      sequence: await readLatestChange(trx),
      appliedAt: timestamp(clock),
      appliedBy: caller.username,
    }
    await saveHandOver(trx, stored)
    await recordEvent(trx, clock, {
      action: 'kubernetes.applied',
      actor: actorOf(caller, request),
      target: auditTargetOf(facts.target),
      after: auditFactsOf(stored),
    })
    return present(stored, { target: facts.target, content })
  })
}

export async function forgetHandOver(
  context: KubernetesContext,
  { target: of, caller, request }: By & { target: HandOverTarget },
): Promise<undefined> {
  const { db, clock } = context
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const stored = await findHandOver(trx, of)
    const target = await findTarget({ ...context, reader: trx }, of)
    if (!stored || !target) throw new Problem('not_found')
    await deleteHandOver(trx, of)
    await recordEvent(trx, clock, {
      action: 'kubernetes.forgotten',
      actor: actorOf(caller, request),
      target: auditTargetOf(target),
      before: auditFactsOf(stored),
    })
  })
}

async function factsFor(context: KubernetesContext, of: HandOverTarget): Promise<Facts> {
  const { reader } = context
  const target = await findTarget(context, of)
  if (!target) throw new Problem('not_found')
  return {
    target,
    trust: await judgeTrust(await listTrustedAuthorities(reader)),
    stored: await findHandOver(reader, of),
    now: context.clock.now(),
  }
}

function present(stored: StoredHandOver, now: { target: Target; content: Content }): HandOver {
  const { target, settings } = stored
  return { target, name: now.target.name, settings, state: stateOf(stored, now) }
}

function auditTargetOf({ of: { kind, id }, name }: Target) {
  return kind === 'listener' ? auditTarget.listener({ id, name }) : auditTarget.broker({ id, name })
}

function auditFactsOf({ settings, authorities, contentHash }: StoredHandOver) {
  return { namespace: settings.namespace, secret: settings.clientCaSecret, count: authorities.length, contentHash }
}
