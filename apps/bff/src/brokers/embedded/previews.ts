/** What a change would end, before it is made. */
import { isDeepStrictEqual } from 'node:util'
import type { Engine } from '@gatehouse/mqtt/engine'
import { trustedPaths } from '@gatehouse/pki/judge/chain'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { AcceptingListener, JudgeChain } from '../../access/decision/evidence.ts'
import type { DecisionUser, UserFacts } from '../../access/decision/facts.ts'
import { type ReviewContext, review } from '../../access/decision/review.ts'
import type { ChainExamples, PathChange, TrustChange, TrustImpact } from '../../certificates/trust/changes.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { EdgeConnections } from '../edge/edge-connections.ts'
import type { ListenerRecord } from '../listeners/listener.ts'
import type { ClientIds } from './client-ids.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { ListenerSet } from './listener-set.ts'
import type { BrokerStore } from './store.ts'
import { contextFor, eachWithUser, inSlices } from './with-users.ts'

const maxNames = 100

interface Listeners {
  listeners: Pick<ListenerSet, 'rulesAfter'>
}

interface Parts {
  clock: Clock
  store: BrokerStore
  trust: Trust
  engine: Engine
  connections: Connections
  /** Of the HTTP edge. */
  devices: EdgeConnections
  clientIds: ClientIds
}

/** How many connections of a user would end if the user had these facts. Null: if the user was deleted. */
export async function previewUser(
  parts: Parts,
  { userId, facts }: { userId: string; facts: UserFacts | null },
): Promise<number> {
  const stored = (await parts.store.findUsersById([userId])).get(userId)
  const { credential = null, passwordEndsAt = null, confirmations = [] } = stored ?? {}
  const context = contextFor(parts, facts && { ...facts, credential, passwordEndsAt, confirmations })
  return liveOf(parts, userId).filter((each) => !isKept(parts, each, context)).length
}

/** How many connections of these users would end if their identity provider were disabled. */
export async function previewOrigin(
  parts: Parts,
  { userIds, keepsCertificates }: { userIds: readonly string[]; keepsCertificates: boolean },
): Promise<number> {
  const { clock, store } = parts
  const closed = keepsCertificates ? { passwordEndsAt: clock.now() } : { disabledAt: timestamp(clock) }
  const live = userIds.flatMap((id) => liveOf(parts, id))
  let count = 0
  const preview = (connection: Connection, user: DecisionUser | null) => {
    if (!isKept(parts, connection, contextFor(parts, user && { ...user, ...closed }))) count++
  }
  for (const slice of inSlices(live)) await eachWithUser(store, slice, preview)
  return count
}

/** Over MQTT and on the HTTP edge. */
function liveOf({ clientIds, devices }: Pick<Parts, 'clientIds' | 'devices'>, userId: string): Connection[] {
  return [...clientIds.liveOf(userId), ...devices.ofUser(userId).map(({ connection }) => connection)]
}

/** How many connections would end if the listener were changed so. */
export async function previewListener(
  parts: Parts & Pick<Listeners, 'listeners'>,
  next: ListenerRecord,
): Promise<number> {
  const { connections, store } = parts
  const { before, after } = parts.listeners.rulesAfter(next)
  const concerned = [...connections.live()].filter(({ credentials }) => credentials.listener.id === next.id)
  if (!after) return concerned.length
  // The form asks while a person types, mostly about a name or a port.
  if (before && isSameRule(before, after)) return 0
  let count = 0
  const preview = (connection: Connection, user: DecisionUser | null) => {
    const changed = { ...connection, credentials: { ...connection.credentials, listener: after } }
    if (!isKept(parts, changed, contextFor(parts, user))) count++
  }
  for (const slice of inSlices(concerned)) await eachWithUser(store, slice, preview)
  return count
}

function isSameRule(before: AcceptingListener, after: AcceptingListener): boolean {
  return isDeepStrictEqual(before, { ...after, name: before.name })
}

/** Which connections would end after a change of CAs or revocations. */
export async function previewTrust(parts: Parts, change: TrustChange): Promise<TrustImpact> {
  const { connections, devices, trust, store } = parts
  const judgeChain = await trust.withChange(change)
  const ofEdge = devices.all().map(({ connection }) => connection)
  const withCertificate = [...connections.live(), ...ofEdge].filter(({ certificate }) => certificate !== null)
  const names = new Set<string>()
  let count = 0
  const preview = (connection: Connection, user: DecisionUser | null) => {
    if (isKept(parts, connection, { ...contextFor(parts, user), judgeChain })) return
    names.add(connection.username)
    count++
  }
  for (const slice of inSlices(withCertificate)) await eachWithUser(store, slice, preview)
  return { connections: count, usernames: [...names].slice(0, maxNames), userCount: names.size }
}

/** By which paths the examples are trusted before and after a change. */
export async function previewPaths(
  { trust, clock }: Pick<Parts, 'trust' | 'clock'>,
  { change, examples }: { change: TrustChange; examples: ChainExamples },
): Promise<PathChange[]> {
  const judgeChain = await trust.withChange(change)
  const yieldIfDue = createYielder()
  const changes: PathChange[] = []
  for (const chains of examples) {
    const now = clock.now()
    changes.push({ before: firstTrusted(chains, trust.judge, now), after: firstTrusted(chains, judgeChain, now) })
    await yieldIfDue()
  }
  return changes
}

function firstTrusted(
  chains: readonly (readonly Uint8Array[])[],
  judgeChain: JudgeChain,
  at: Date,
): PathChange['after'] {
  const judged = { at, trusted: null }
  const verdict = chains.map((presented) => judgeChain(presented, judged)).find(({ trusted }) => trusted)
  return verdict?.trusted ? trustedPaths(verdict).map(({ authority, limits }) => ({ authority, limits })) : []
}

function isKept({ engine, connections, devices }: Parts, connection: Connection, context: ReviewContext): boolean {
  // Devices of the edge have no subscriptions.
  if (devices.has(connection)) return review(connection, [], context).isKept
  const hasEnded = connections.byId(connection.id) === undefined
  return hasEnded || review(connection, engine.filtersOf(connection.clientId), context).isKept
}
