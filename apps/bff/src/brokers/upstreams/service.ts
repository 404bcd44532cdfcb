/** Adds, changes and deletes upstreams. The broker's thread follows the change log and applies them. */
import { isIP } from 'node:net'
import { maxUpstreams, type Upstream, type upstreams } from '@gatehouse/contract/brokers/upstreams'
import type { FieldCode } from '@gatehouse/contract/errors'
import type { Parsed } from '@gatehouse/contract/route'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { orTaken, requireVersion } from '../../platform/base/conflict.ts'
import { newId } from '../../platform/base/id.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Enforcement, Enforcers } from '../../platform/changes/enforcers.ts'
import { appendChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type Actor, actorOf, type By } from '../../platform/http/request.ts'
import { isAllowedAddress } from '../../platform/outbound/addresses.ts'
import { areCertificates } from '../../platform/outbound/authorities.ts'
import { upstreamAddresses } from '../edge/upstream-client.ts'
import { servesUpstream } from '../listeners/store.ts'
import { claimIdentity, forgetIdentity, hasIdentity, type IdentityClaim } from './identities-store.ts'
import {
  boxSecret,
  deleteUpstream,
  findUpstream,
  insertUpstream,
  listUpstreams,
  readSecret,
  updateUpstream,
} from './store.ts'

export interface UpstreamsContext {
  db: Db
  reader: Db
  clock: Clock
  keyring: Keyring
  enforcers: Enforcers
}

type Create = Parsed<typeof upstreams.create>['body']
type Update = Parsed<typeof upstreams.update>['body']

export async function createUpstream(context: UpstreamsContext, body: Create, by: By): Promise<Upstream> {
  const { db, enforcers } = context
  const { upstream, sequence } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    return insertNewUpstream(trx, context, { body, actor: actorOf(by.caller, by.request) })
  })
  await enforcers.waitFor([sequence])
  return upstream
}

/** Inserts an upstream with its event and its change. The caller has checked all rights. */
export async function insertNewUpstream(
  trx: Trx,
  { clock, keyring }: Pick<UpstreamsContext, 'clock' | 'keyring'>,
  { body, actor }: { body: Create; actor: Actor },
): Promise<{ upstream: Upstream; sequence: number }> {
  const { upstream, secret } = newDraft({ clock }, body)
  const { id } = upstream
  if ((await listUpstreams(trx)).length >= maxUpstreams) throw new Problem('too_many_upstreams')
  await orTaken(insertUpstream(trx, upstream, secret && boxSecret(keyring, id, secret)), nameTaken)
  await recordEvent(trx, clock, {
    action: 'upstream.created',
    actor,
    target: auditTarget.upstream(upstream),
    after: auditFactsOf(upstream),
  })
  return { upstream, sequence: await appendChange(trx, clock, { kind: 'upstream', ids: [id] }) }
}

export async function changeUpstream(
  context: UpstreamsContext,
  { id, body, caller, request }: By & { id: string; body: Update },
): Promise<Upstream & Enforcement> {
  const { db, clock, keyring, enforcers } = context
  const { secret } = body
  const { upstream, sequence } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await find(trx, id)
    requireVersion(request.ifMatch, before.version)
    const after = applied(before, body)
    await orTaken(updateUpstream(trx, after, secret && boxSecret(keyring, id, secret)), nameTaken)
    await recordEvent(trx, clock, {
      action: 'upstream.updated',
      actor: actorOf(caller, request),
      target: auditTarget.upstream(after),
      before: auditFactsOf(before),
      after: auditFactsOf(after),
    })
    return { upstream: after, sequence: await appendChange(trx, clock, { kind: 'upstream', ids: [id] }) }
  })
  return { ...upstream, ...(await enforcers.waitFor([sequence])) }
}

export async function removeUpstream(
  { db, clock, enforcers }: UpstreamsContext,
  { id, caller, request }: By & { id: string },
): Promise<Enforcement> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await find(trx, id)
    requireVersion(request.ifMatch, before.version)
    if (await servesUpstream(trx, id)) throw new Problem('upstream_in_use')
    await deleteUpstream(trx, id)
    await recordEvent(trx, clock, {
      action: 'upstream.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.upstream(before),
      before: auditFactsOf(before),
    })
    return appendChange(trx, clock, { kind: 'upstream', ids: [id] })
  })
  return enforcers.waitFor([sequence])
}

/** For the broker's thread: does this identity belong to this user? The first claim of each is in the audit log. */
export async function claimForDevice(
  { db, reader, clock }: Pick<UpstreamsContext, 'db' | 'reader' | 'clock'>,
  claim: IdentityClaim,
): Promise<boolean> {
  // A device may ask as often as it likes: only a new claim is written.
  const known = await hasIdentity(reader, claim)
  if (known !== null) return known
  return db.transaction().execute(async (trx) => {
    const { isOwn, isNew } = await claimIdentity(trx, claim, timestamp(clock))
    if (isNew) {
      const upstream = await find(trx, claim.upstreamId)
      await recordEvent(trx, clock, {
        action: 'upstream.identity-claimed',
        actor: { userId: null, username: null, via: 'machine', address: null },
        target: auditTarget.upstream(upstream),
        after: { user: claim.userId, fingerprint: claim.identityHash },
      })
    }
    return isOwn
  })
}

/** A device that got another identity, such as a new mainboard, may claim it then. */
export async function forgetClaim(
  { db, clock }: UpstreamsContext,
  { id, userId, caller, request }: By & { id: string; userId: string },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const upstream = await find(trx, id)
    if (!(await forgetIdentity(trx, { upstreamId: id, userId }))) throw new Problem('not_found')
    await recordEvent(trx, clock, {
      action: 'upstream.identity-forgotten',
      actor: actorOf(caller, request),
      target: auditTarget.upstream(upstream),
      before: { user: userId },
    })
  })
}

export async function find(db: Db | Trx, id: string): Promise<Upstream> {
  const upstream = await findUpstream(db, id)
  if (!upstream) throw new Problem('not_found')
  return upstream
}

/** The upstream and its secret as they would be after a change, for a test. Throws `upstream_refused` as the change does. */
export async function readDraft(
  { reader, keyring }: Pick<UpstreamsContext, 'reader' | 'keyring'>,
  { id, body }: { id: string; body: Update },
): Promise<{ upstream: Upstream; secret: string | null }> {
  const upstream = applied(await find(reader, id), body)
  const { secret = upstream.hasSecret ? await readSecret(reader, keyring, id) : null } = body
  return { upstream, secret }
}

/** The same for one that does not exist yet. */
export function newDraft(
  { clock }: Pick<UpstreamsContext, 'clock'>,
  { secret, ...settings }: Create,
): { upstream: Upstream; secret: string | null } {
  const [id, createdAt] = [newId(clock.now()), timestamp(clock)]
  const upstream: Upstream = { ...settings, id, hasSecret: secret !== null, createdAt, version: 1 }
  requireGood(upstream)
  return { upstream, secret }
}

function applied(before: Upstream, { secret, ...settings }: Update): Upstream {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  const hasSecret = secret === undefined ? before.hasSecret : secret !== null
  const after: Upstream = { ...before, ...given, hasSecret, version: before.version + 1 }
  requireGood(after)
  requireSecretAgain(before, after, secret)
  return after
}

/** Refuses what could not work. */
function requireGood(upstream: Upstream): void {
  const { kind, authentication, username, hasSecret, origin, authorities, identityAttribute } = upstream
  const wrong: Record<string, FieldCode> = {}
  if (!isOrigin(origin) || !isAllowedOrigin(origin)) wrong['origin'] = 'invalid'
  if (authorities !== null && !(origin.startsWith('https:') && areCertificates(authorities))) {
    wrong['authorities'] = 'invalid'
  }
  if (kind === 'mender' && authentication === 'none') wrong['authentication'] = 'required'
  // RFC 7617 §2: a colon would end the username.
  if (authentication === 'basic' && username?.includes(':')) wrong['username'] = 'invalid'
  if (authentication === 'basic' && username === null) wrong['username'] = 'required'
  if (authentication !== 'none' && !hasSecret) wrong['secret'] = 'required'
  if (kind !== 'mender' && identityAttribute !== null) wrong['identityAttribute'] = 'invalid'
  if (Object.keys(wrong).length > 0) throw new Problem('upstream_refused', { fields: wrong })
}

/** A stored secret is sent only where the person who knows it wanted it: never to another server by a change of the address. */
function requireSecretAgain(before: Upstream, after: Upstream, secret: string | null | undefined): void {
  const isElsewhere = before.origin !== after.origin || before.authorities !== after.authorities
  if (isElsewhere && after.hasSecret && secret === undefined) {
    throw new Problem('upstream_refused', { fields: { secret: 'required' } })
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && Number(new URL(text).port || 1) > 0
}

/** A name is judged when it is resolved. */
function isAllowedOrigin(text: string): boolean {
  const host = new URL(text).hostname.replace(/^\[|\]$/g, '')
  return isIP(host) === 0 || isAllowedAddress(host, upstreamAddresses)
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}

function auditFactsOf(upstream: Upstream) {
  const { name, kind, origin, authorities, authentication, username, identityAttribute } = upstream
  const { connectTimeoutMs, responseTimeoutMs, idleTimeoutMs, maxRequestBytes } = upstream
  const limits = { connectTimeoutMs, responseTimeoutMs, idleTimeoutMs, maxRequestBytes }
  return { name, kind, origin, authorities, authentication, username, identityAttribute, ...limits }
}
