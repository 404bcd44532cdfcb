/** What the server knows of a client beyond one connection (MQTT 5.0 §4.1): subscriptions, messages, expiry. */
import type { Core } from './core.ts'
import type { Deadline } from './deadlines.ts'
import type { Ending } from './events.ts'
import type { Durable } from './journal.ts'
import { Outbox } from './outbox.ts'
import type { QoS, Version } from './packets/packets.ts'
import { type Client, isRefused } from './policy.ts'
import { Replay } from './replay.ts'
import { keyOf } from './store.ts'
import type { Subscription } from './topics.ts'
import type { Traffic } from './traffic.ts'

/** The connection of a session, as delivery sees it. */
export interface Peer {
  readonly version: Version
  /** The smaller of the client's Receive Maximum and ours. */
  readonly sendMaximum: number
  readonly maxPacketBytes: number
  readonly aliases: TopicAliases | undefined
  readonly traffic: Traffic
  /** True after CONNACK was written. */
  readonly isReady: boolean
  /** True if so much waits for the network that nothing more should be written. `Outbox.pump` is called when there is room. */
  readonly isCongested: boolean
  /** What waits for the network, as a part of the bound: at 1 the peer is congested. */
  readonly load: number
  /** Set while it did not read although publishers waited for it. Nobody waits for it then. */
  isStuck: boolean
  /** Calls back when little waits for the network, or when the connection has ended. @returns how to cancel it. */
  whenDrained(callback: () => void): () => void
  write(bytes: Buffer): void
  end(ending: Ending, reasonString?: string): void
  /** Reports an error in work for this client, and ends its connection. */
  failed(error: unknown): void
}

const longestAliased = 1024

/** The topic aliases of one direction of one connection (§3.3.2.3.4). */
export class TopicAliases {
  readonly #aliases = new Map<string, number>()
  readonly #maximum: number

  constructor(maximum: number) {
    this.#maximum = maximum
  }

  get(topic: string): number | undefined {
    return this.#aliases.get(topic)
  }

  /** The next free alias, if there is one. It counts after `set`. Long topics get none, for aliases are kept. */
  next(topic: string): number | undefined {
    return this.#aliases.size < this.#maximum && topic.length <= longestAliased ? this.#aliases.size + 1 : undefined
  }

  set(topic: string, alias: number): void {
    this.#aliases.set(topic, alias)
  }
}

/** The weight of one level of a filter in the tree, estimated. */
const levelBytes = 200

/** 0xffffffff means that the session never expires (§3.1.2.11.2). */
export const neverExpires = 0xffff_ffff

/** The memo may contain a chain of certificates that the client chose. */
export function weighSession(clientId: string, memo: string | undefined): number {
  return Buffer.byteLength(clientId) + (memo?.length ?? 0)
}

export class Session implements Durable {
  readonly clientId: string
  readonly user: string
  client: Client
  /** `Admitted.memo` of the last connection. */
  memo: string | undefined
  /** What the budget of sessions holds for it. */
  weight = 0
  peer: Peer | undefined
  /** Is the session stored? Decided when it begins: a session that ends with its connection is not. */
  readonly isDurable: boolean
  /** Seconds that the session lasts after the connection; 0 ends it with the connection. */
  expirySeconds: number
  /** Milliseconds since 1970; undefined while connected or without expiry. */
  expiresAt: number | undefined
  expiry: Deadline | undefined
  readonly subscriptions = new Map<string, Subscription<Session>>()
  /** QoS 2 messages that were received and not released yet. */
  #incoming: Set<number> | undefined
  readonly outbox: Outbox
  readonly replay: Replay
  isEnded = false
  readonly #core: Core
  #subscriptionBytes = 0

  constructor(core: Core, client: Client, expirySeconds: number) {
    this.#core = core
    this.expirySeconds = expirySeconds
    this.isDurable = expirySeconds > 0
    this.client = client
    this.clientId = client.clientId
    this.user = client.user
    this.outbox = new Outbox(core, this)
    this.replay = new Replay(core, this)
  }

  /** Adds a subscription in place of the one with the same filter. @returns false if the bounds do not allow it. */
  subscribe(subscription: Subscription<Session>): boolean {
    const weight = weighFilter(subscription)
    const old = this.subscriptions.get(subscription.filter)
    const { count, bytes } = this.#core.limits.subscriptionsPerSession
    const isRoom = this.subscriptions.size < count && this.#subscriptionBytes + weight <= bytes
    if (!old && !(isRoom && this.#core.budgets.subscriptions.take(this.user, weight))) return false
    if (old) this.#core.tree.remove(old)
    else this.#subscriptionBytes += weight
    this.subscriptions.set(subscription.filter, subscription)
    this.#core.tree.add(subscription)
    if (this.isDurable) this.#saveSubscription(subscription)
    return true
  }

  /** Puts back a stored subscription at the start. */
  restoreSubscription(subscription: Subscription<Session>): void {
    const weight = weighFilter(subscription)
    this.#core.budgets.subscriptions.takeAnyway(this.user, weight)
    this.#subscriptionBytes += weight
    this.subscriptions.set(subscription.filter, subscription)
    this.#core.tree.add(subscription)
  }

  /** A connection takes up the session: the policy judges every subscription again, for rights may have gone since. */
  judgeAgain(client: Client): void {
    const { clientId } = this
    for (const subscription of this.subscriptions.values()) {
      const { filter, path, group, qos } = subscription
      const answer = this.#core.policy.subscribe(client, { filter: path, group, qos })
      if (isRefused(answer)) {
        this.unsubscribe(filter)
        const context = undefined
        this.#core.refused({ what: 'subscribe', reason: answer.refused, clientId, client, context, topic: filter })
      } else if (answer.qos < qos) this.subscribe({ ...subscription, qos: answer.qos })
    }
  }

  /** @returns false if there was no such subscription. */
  unsubscribe(filter: string): boolean {
    const subscription = this.subscriptions.get(filter)
    if (!subscription) return false
    const weight = weighFilter(subscription)
    this.#core.tree.remove(subscription)
    this.subscriptions.delete(filter)
    this.#subscriptionBytes -= weight
    this.#core.budgets.subscriptions.give(this.user, weight)
    if (this.isDurable) this.#core.journal.delete('subscription', keyOf(this.clientId, filter))
    return true
  }

  /** Number of QoS 2 messages that were received and not released yet. */
  get incomingCount(): number {
    return this.#incoming?.size ?? 0
  }

  hasReceived(packetId: number): boolean {
    return this.#incoming?.has(packetId) ?? false
  }

  /** Puts back a stored identifier at the start. */
  restoreReceived(packetId: number): void {
    this.#incoming ??= new Set()
    this.#incoming.add(packetId)
  }

  receive(packetId: number): void {
    this.restoreReceived(packetId)
    if (this.isDurable) this.#core.journal.insert('incoming', keyOf(this.clientId, packetId), nothing)
  }

  /** @returns false if no message with that identifier waits for its release. */
  release(packetId: number): boolean {
    if (!this.#incoming?.delete(packetId)) return false
    if (this.isDurable) this.#core.journal.delete('incoming', keyOf(this.clientId, packetId))
    return true
  }

  /** Ends the session: subscriptions, messages and stored records go. The will is not touched. */
  end(): void {
    if (this.isEnded) return
    this.isEnded = true
    for (const filter of this.subscriptions.keys()) this.unsubscribe(filter)
    for (const packetId of this.#incoming ?? []) this.release(packetId)
    this.outbox.clear()
    this.replay.clear()
    this.#core.deadlines.clear(this.expiry)
    this.#core.sessions.delete(this.clientId)
    this.#core.budgets.sessions.give(this.user, this.weight)
    if (this.isDurable) this.#core.journal.delete('session', this.clientId)
    this.#core.events.sessionEnded?.(this.client)
  }

  save(): void {
    if (this.isDurable) this.#core.journal.put('session', this.clientId, this)
  }

  toRecord(): { fields: string; body: undefined } {
    const { user, expirySeconds, expiresAt, memo } = this
    return { fields: JSON.stringify({ user, expirySeconds, expiresAt, memo }), body: undefined }
  }

  #saveSubscription(subscription: Subscription<Session>): void {
    const { filter, qos, noLocal, retainAsPublished, identifier } = subscription
    const record = { fields: JSON.stringify({ qos, noLocal, retainAsPublished, identifier }), body: undefined }
    this.#core.journal.put('subscription', keyOf(this.clientId, filter), { toRecord: () => record })
  }
}

const nothing: Durable = { toRecord: () => ({ fields: '{}', body: undefined }) }

function weighFilter({ filter }: { filter: string }): number {
  return filter.length + levelBytes * filter.split('/').length
}

/** The stored fields of a subscription. */
export interface SubscriptionFields {
  qos: QoS
  noLocal: boolean
  retainAsPublished: boolean
  identifier?: number
}
