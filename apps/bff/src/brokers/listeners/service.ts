/** Creates, changes and deletes listeners. The broker follows the change log and opens, changes and closes them. */
import type { ListenerPreview, listeners, StoredListener } from '@gatehouse/contract/brokers/listeners'
import { maxListeners } from '@gatehouse/contract/brokers/listeners'
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
import { leaveMount } from './followed-mount.ts'
import type { ListenerRecord } from './listener.ts'
import { type PresentContext, present } from './present.ts'
import { type Draft, findErrors, findProblems, type ProblemFacts } from './problems.ts'
import { describeCertificate, readGivenCertificate } from './server-certificate.ts'
import { boxKey, deleteRecord, findRecord, insertRecord, listRecords, updateRecord } from './store.ts'

export interface ListenersContext extends PresentContext {
  db: Db
  clock: Clock
  keyring: Keyring
  enforcers: Enforcers
  ownPorts: ProblemFacts['ownPorts']
}

type Create = Parsed<typeof listeners.create>['body']
type Update = Parsed<typeof listeners.update>['body']

export async function createListener(context: ListenersContext, body: Create, by: By): Promise<StoredListener> {
  const { db, enforcers } = context
  const { record, sequence } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    return insertNewListener(trx, context, { body, actor: actorOf(by.caller, by.request) })
  })
  await enforcers.waitFor([sequence])
  return presentOne(context, record)
}

/** What a new listener is judged by. */
export type NewListenerContext = Pick<ListenersContext, 'clock' | 'keyring' | 'environment' | 'ownPorts'>

/** Inserts a listener with its event and its change. The caller has checked all rights. */
export async function insertNewListener(
  trx: Trx,
  context: NewListenerContext,
  { body, actor }: { body: Create; actor: Actor },
): Promise<{ record: ListenerRecord; sequence: number }> {
  const { clock, keyring } = context
  const draft = draftOf(context, body)
  const { record } = draft
  if ((await listRecords(trx)).length >= maxListeners) throw new Problem('too_many_listeners')
  await requireGood(context, trx, draft)
  const box = body.serverCertificate && boxKey(keyring, record.id, body.serverCertificate.key)
  await orTaken(insertRecord(trx, record, box), nameTaken)
  await recordEvent(trx, clock, {
    action: 'listener.created',
    actor,
    target: auditTarget.listener(record),
    after: auditFactsOf(record),
  })
  return { record, sequence: await appendChange(trx, clock, { kind: 'listener', ids: [record.id] }) }
}

export async function updateListener(
  context: ListenersContext,
  { id, body, caller, request }: By & { id: string; body: Update },
): Promise<StoredListener & Enforcement> {
  const { db, enforcers } = context
  const { record, sequence } = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await find(trx, id)
    requireVersion(request.ifMatch, before.version)
    const draft = changed(before, body)
    await requireGood(context, trx, draft)
    if (body.serverCertificate !== undefined) await leaveMount(trx, id)
    const change = { before, after: draft.record, pair: body.serverCertificate, actor: actorOf(caller, request) }
    return { record: draft.record, sequence: await store(trx, context, change) }
  })
  const ended = await enforcers.waitFor([sequence])
  return { ...(await presentOne(context, record)), ...ended }
}

/** Gives a listener another server certificate. Its connections stay. The caller has checked the pair. */
export async function replaceServerCertificate(
  trx: Trx,
  context: Pick<ListenersContext, 'clock' | 'keyring'>,
  { before, pair, actor }: { before: ListenerRecord; pair: { certificate: string; key: string }; actor: Actor },
): Promise<ListenerRecord> {
  const after = changed(before, { serverCertificate: pair }).record
  await store(trx, context, { before, after, pair, actor })
  return after
}

/** Stores a changed listener with its event and its change. `pair` undefined: the stored key stays. Returns the sequence. */
async function store(
  trx: Trx,
  { clock, keyring }: Pick<ListenersContext, 'clock' | 'keyring'>,
  change: { before: ListenerRecord; after: ListenerRecord; pair: Update['serverCertificate']; actor: Actor },
): Promise<number> {
  const { before, after, pair, actor } = change
  const box = pair && boxKey(keyring, after.id, pair.key)
  await orTaken(updateRecord(trx, after, box), nameTaken)
  await recordEvent(trx, clock, {
    action: 'listener.updated',
    actor,
    target: auditTarget.listener(after),
    before: auditFactsOf(before),
    after: auditFactsOf(after),
  })
  return appendChange(trx, clock, { kind: 'listener', ids: [after.id] })
}

export async function removeListener(
  { db, clock, enforcers }: ListenersContext,
  { id, caller, request }: By & { id: string },
): Promise<Enforcement> {
  const sequence = await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    const before = await find(trx, id)
    requireVersion(request.ifMatch, before.version)
    await deleteRecord(trx, id)
    await recordEvent(trx, clock, {
      action: 'listener.deleted',
      actor: actorOf(caller, request),
      target: auditTarget.listener(before),
      before: auditFactsOf(before),
    })
    return appendChange(trx, clock, { kind: 'listener', ids: [id] })
  })
  return enforcers.waitFor([sequence])
}

export async function previewCreate(context: ListenersContext, body: Create): Promise<ListenerPreview> {
  return { problems: await findProblems(factsFor(context, context.reader), draftOf(context, body)), disconnects: 0 }
}

export async function previewUpdate(
  context: ListenersContext,
  { id, body }: { id: string; body: Update },
): Promise<ListenerPreview> {
  const draft = changed(await find(context.reader, id), body)
  const [problems, disconnects] = await Promise.all([
    findProblems(factsFor(context, context.reader), draft),
    context.broker.impactOnListener(draft.record),
  ])
  return { problems, disconnects }
}

export async function presentOne(context: PresentContext, record: ListenerRecord): Promise<StoredListener> {
  const [presented] = await present(context, [record])
  if (!presented) throw new Problem('not_found')
  return presented
}

async function find(db: Db, id: string): Promise<ListenerRecord> {
  const record = await findRecord(db, id)
  if (!record) throw new Problem('not_found')
  return record
}

function draftOf({ clock }: Pick<ListenersContext, 'clock'>, { serverCertificate, ...settings }: Create): Draft {
  const record: ListenerRecord = {
    ...settings,
    id: newId(clock.now()),
    seed: null,
    certificate: serverCertificate?.certificate ?? null,
    createdAt: timestamp(clock),
    version: 1,
  }
  return { record, before: null, own: serverCertificate && readGivenCertificate(serverCertificate) }
}

function changed(before: ListenerRecord, { serverCertificate, ...settings }: Update): Draft {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
  const certificate = serverCertificate === undefined ? before.certificate : (serverCertificate?.certificate ?? null)
  const record: ListenerRecord = { ...before, ...given, certificate, version: before.version + 1 }
  return { record, before, own: serverCertificate ? readGivenCertificate(serverCertificate) : null }
}

function factsFor({ environment, ownPorts, clock }: NewListenerContext, db: Db): ProblemFacts {
  return { db, environment, ownPorts, now: clock.now() }
}

/** Refuses what could not work. Warnings do not matter here: the state of the listener says afterwards what happened. */
async function requireGood(context: NewListenerContext, trx: Trx, draft: Draft): Promise<void> {
  const errors = await findErrors(factsFor(context, trx), draft)
  if (errors.some(({ code }) => code === 'name_taken')) throw nameTaken()
  if (errors.length === 0) return
  const fields = errors.map(({ field, code }) => [field ?? '', code as FieldCode])
  throw new Problem('listener_refused', { fields: Object.fromEntries(fields) })
}

function nameTaken(): Problem {
  return new Problem('name_taken', { fields: { name: 'name_taken' } })
}

function auditFactsOf(record: ListenerRecord) {
  const { name, purpose, address, port, tls, clientCertificate, minimumTlsVersion, trustedAuthorities } = record
  return {
    name,
    purpose,
    address,
    port,
    tls,
    clientCertificate,
    minimumTlsVersion,
    trustedAuthorities,
    identity: record.identity,
    proxyVersions: record.proxyProtocol.versions,
    proxies: record.proxyProtocol.from,
    allowedOrigins: record.allowedOrigins,
    upstream: record.upstream,
    maxConnections: record.maxConnections,
    serverCertificate: describeCertificate(record.certificate)?.fingerprint ?? null,
  }
}
