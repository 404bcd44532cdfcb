/** Which CA goes to which listener: chosen here, sent by the adapter, and repeated until the broker has confirmed it. */
import type { DeployableBroker, Deployment, deployments } from '@gatehouse/contract/brokers/deployments'
import type { Parsed } from '@gatehouse/contract/route'
import { requireAuthority } from '../../certificates/authorities/service.ts'
import type { StoredAuthority } from '../../certificates/authorities/store.ts'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { appendChange, hasChangedSince, readLatestChange } from '../../platform/changes/store.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import type { BrokerSet } from '../inventory/broker-set.ts'
import { answerWithin } from '../inventory/deadline.ts'
import { CedaloAdapter } from './adapter.ts'
import type { CedaloListener } from './control.ts'
import { readDeployable } from './deployable.ts'
import { isSuitable, newDeployment } from './plan.ts'
import { type CedaloRow, listCedaloRows, presentChoices, presentDeployments } from './present.ts'
import { deleteDeployment, listDeployments, type StoredDeployment, saveDeployments } from './store.ts'

export interface DeploymentsContext {
  db: Db
  reader: Db
  clock: Clock
  brokers: BrokerSet
}

const askWithinMs = 4_000
const deployWithinMs = 15_000

/** Asks all Cedalo brokers at once. One that does not answer is there with its problem. */
export async function listChoices(
  { reader, brokers }: DeploymentsContext,
  fingerprint: string,
): Promise<DeployableBroker[]> {
  const authority = await requireAuthority(reader, fingerprint)
  const stored = await listDeployments(reader, { fingerprint })
  const isDeployable = await mayBeDeployed(reader, authority)
  return Promise.all(
    (await listCedaloRows(reader)).map(async (row) =>
      presentChoices(row, { ...(await askListeners(brokers, row)), stored, isDeployable }),
    ),
  )
}

async function askListeners(
  brokers: BrokerSet,
  { id }: CedaloRow,
): Promise<{ listeners: readonly CedaloListener[] | null; problem: DeployableBroker['problem'] }> {
  const adapter = brokers.find(id)
  if (!(adapter instanceof CedaloAdapter) || !adapter.isConnected) return { listeners: null, problem: 'unreachable' }
  const listeners = await answerWithin(
    askWithinMs,
    () => adapter.readListeners(),
    () => {},
  )
  return { listeners, problem: listeners ? null : adapter.listenerProblem }
}

export async function deploy(
  context: DeploymentsContext,
  { fingerprint, body, ...by }: By & { fingerprint: string; body: Parsed<typeof deployments.deploy>['body'] },
): Promise<{ items: Deployment[]; complete: boolean }> {
  const { db, reader, clock, brokers } = context
  const row = await requireCedaloRow(reader, body.broker)
  const { listeners } = await askListeners(brokers, row)
  const judgedAt = body.listeners.length > 0 ? await requireDeployable(reader, fingerprint) : null
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    const authority = await requireAuthority(trx, fingerprint)
    if (judgedAt !== null && (await hasChangedSince(trx, 'authority', judgedAt))) throw new Problem('changed_meanwhile')
    const stored = await listDeployments(trx, { brokerId: row.id, fingerprint })
    const places = body.listeners.map((id) => placeOf(id, { listeners, stored }))
    const place = { brokerId: row.id, fingerprint, name: authority.name }
    await saveDeployments(trx, wantedAfter(stored, places, { place, at: timestamp(clock) }))
    await recordDeployment(context, trx, { row, authority, stored, chosen: body.listeners, by })
    await appendChange(trx, clock, { kind: 'broker', ids: [row.id] })
  })
  const adapter = brokers.find(row.id)
  const complete =
    adapter instanceof CedaloAdapter &&
    (await answerWithin(
      deployWithinMs,
      () => adapter.deploy(),
      () => {},
    )) === true
  return { items: await presentDeployments(db, { brokerId: row.id, fingerprint }), complete }
}

interface ListenerPlace {
  listenerId: number
  listenerPort: number
}

/** While the broker is away, listeners that were chosen before can stay chosen, and be given up. */
function placeOf(
  id: number,
  { listeners, stored }: { listeners: readonly CedaloListener[] | null; stored: readonly StoredDeployment[] },
): ListenerPlace {
  const known = stored.find(({ listenerId }) => listenerId === id)
  if (!listeners && known) return { listenerId: id, listenerPort: known.listenerPort }
  if (!listeners) throw new Problem('unavailable', { detail: 'The broker does not name its listeners' })
  const listener = listeners.find((each) => each.id === id)
  if (!listener || !isSuitable(listener)) {
    throw new Problem('listener_refused', { fields: { listeners: 'invalid' }, detail: `listener ${id}` })
  }
  return { listenerId: id, listenerPort: listener.port }
}

/** A retry forgets the error of the last attempt. */
function wantedAfter(
  stored: readonly StoredDeployment[],
  places: readonly ListenerPlace[],
  { place, at }: { place: Pick<StoredDeployment, 'brokerId' | 'fingerprint' | 'name'>; at: string },
): StoredDeployment[] {
  const wanted = new Map(places.map((each) => [each.listenerId, each]))
  const known = new Set(stored.map(({ listenerId }) => listenerId))
  const before = stored.map((each) => {
    const chosen = wanted.get(each.listenerId)
    return { ...each, ...chosen, name: place.name, isWanted: chosen !== undefined, error: null, changedAt: at }
  })
  const added = places
    .filter(({ listenerId }) => !known.has(listenerId))
    .map((each) => ({ ...newDeployment({ ...place, ...each }, at), isWanted: true }))
  return [...before, ...added]
}

async function recordDeployment(
  { clock }: DeploymentsContext,
  trx: Trx,
  {
    row,
    authority,
    stored,
    chosen,
    by,
  }: { row: CedaloRow; authority: StoredAuthority; stored: readonly StoredDeployment[]; chosen: number[]; by: By },
): Promise<void> {
  const before = stored.filter(({ isWanted }) => isWanted).map(({ listenerId }) => listenerId)
  await recordEvent(trx, clock, {
    action: 'authority.deployed',
    actor: actorOf(by.caller, by.request),
    target: auditTarget.authority({ ...authority.certificate, name: authority.name }),
    before: { broker: row.name, brokerListeners: before },
    after: { broker: row.name, brokerListeners: chosen },
  })
}

/** The CA stays on the broker if it is there: the broker refused its removal, or has numbered its listeners anew. */
export async function forget(
  { db, clock, reader }: DeploymentsContext,
  { fingerprint, broker, listener, ...by }: By & { fingerprint: string; broker: string; listener: string },
): Promise<undefined> {
  const row = await requireCedaloRow(reader, broker)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, by.caller)
    const stored = await listDeployments(trx, { brokerId: broker, fingerprint })
    const found = stored.find(({ listenerId }) => listenerId === Number(listener))
    if (!found) throw new Problem('not_found')
    await deleteDeployment(trx, found)
    await recordEvent(trx, clock, {
      action: 'authority.deployment-forgotten',
      actor: actorOf(by.caller, by.request),
      target: auditTarget.authority({ fingerprint, name: found.name }),
      before: { broker: row.name, brokerListeners: [found.listenerId] },
    })
  })
}

async function requireCedaloRow(db: Db, id: string): Promise<CedaloRow> {
  const row = (await listCedaloRows(db)).find((each) => each.id === id)
  if (!row) throw new Problem('not_found')
  return row
}

/**
 * Returns the change of the log up to which it holds. The trust store is judged before the transaction: with thousands of CAs
 * all other writers would wait for it.
 */
async function requireDeployable(reader: Db, fingerprint: string): Promise<number> {
  const judgedAt = await readLatestChange(reader)
  const authority = await requireAuthority(reader, fingerprint)
  if (!(await mayBeDeployed(reader, authority))) throw new Problem('authority_not_limitable')
  return judgedAt
}

async function mayBeDeployed(db: Db, { certificate }: StoredAuthority): Promise<boolean> {
  return (await readDeployable(db)).deployable.some(({ fingerprint }) => fingerprint === certificate.fingerprint)
}
