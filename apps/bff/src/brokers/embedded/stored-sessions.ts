// Stored sessions: only what the user may read is kept for a client that is away, in bounded amounts, and a session can be dropped as a
// whole. Replaces the memory store of aedes, which keeps refused topics beside granted ones, has no bound, and cannot drop one client.
import { Readable } from 'node:stream'
import type { AedesPublishPacket, PublishPacket, Subscription } from 'aedes'
import { Retained } from './retained.ts'
import { TopicTree } from './topic-tree.ts'

const maxQueuedMessages = 1_000
const maxQueuedBytes = 4 * 1024 * 1024
const maxSubscriptions = 1_000

interface ClientRef {
  id: string
  closed?: boolean
}

/** A message on its way to the client, or the PUBREL that follows it (QoS 2). */
type Queued = Pick<AedesPublishPacket, 'brokerId' | 'brokerCounter'> & {
  cmd: string
  messageId?: number | undefined
  payload?: string | Buffer
}

interface StoredSession {
  filters: Map<string, Subscription>
  outgoing: Queued[]
  outgoingBytes: number
  /** QoS 2 messages before their PUBREL (§4.3.3), so that a repeated one is not published twice. */
  incoming: Map<number, PublishPacket>
}

/** A persistence of aedes. The methods are async only because aedes expects promises. */
export class StoredSessions {
  readonly #sessions = new Map<string, StoredSession>()
  readonly #tree = new TopicTree()
  readonly #retained = new Retained()
  readonly #mayKeep: (client: ClientRef, filter: string) => boolean

  constructor(mayKeep: (client: ClientRef, filter: string) => boolean) {
    this.#mayKeep = mayKeep
  }

  // aedes reads the name of this function's constructor: it must be `async`.
  async setup(): Promise<void> {}

  /** Deletes everything that is kept of a client. */
  drop(clientId: string): void {
    const session = this.#sessions.get(clientId)
    for (const filter of session?.filters.keys() ?? []) this.#tree.delete(filter, clientId)
    this.#sessions.delete(clientId)
  }

  has(clientId: string): boolean {
    return this.#sessions.has(clientId)
  }

  filtersOf(clientId: string): string[] {
    return [...(this.#sessions.get(clientId)?.filters.keys() ?? [])]
  }

  // Subscriptions

  async addSubscriptions(client: ClientRef, subscriptions: readonly Subscription[]): Promise<void> {
    // A late SUBSCRIBE of a closed client must not bring its session back.
    if (client.closed) return
    const kept = subscriptions.filter(({ topic }) => this.#mayKeep(client, topic))
    if (kept.length === 0) return
    const { filters } = this.#open(client.id)
    for (const { topic, qos, rh, rap, nl } of kept) {
      if (filters.size >= maxSubscriptions && !filters.has(topic)) continue
      filters.set(topic, { topic, qos, rh, rap, nl } as Subscription)
      if (qos > 0) this.#tree.set(topic, client.id, qos)
      else this.#tree.delete(topic, client.id)
    }
  }

  async removeSubscriptions(client: ClientRef, filters: readonly string[]): Promise<void> {
    const session = this.#sessions.get(client.id)
    for (const filter of filters) {
      session?.filters.delete(filter)
      this.#tree.delete(filter, client.id)
    }
    this.#prune(client.id)
  }

  async subscriptionsByClient({ id }: ClientRef): Promise<Subscription[]> {
    return [...(this.#sessions.get(id)?.filters.values() ?? [])].map((each) => ({ ...each }))
  }

  async subscriptionsByTopic(topic: string): Promise<{ clientId: string; qos: number; topic: string }[]> {
    return [...this.#tree.match(topic)].map(([clientId, qos]) => ({ clientId, qos, topic }))
  }

  async cleanSubscriptions({ id }: ClientRef): Promise<void> {
    this.drop(id)
  }

  // Messages to the client

  async outgoingEnqueueCombi(holders: readonly { clientId: string; qos: number }[], packet: Queued & PublishPacket) {
    for (const { clientId, qos } of holders) {
      const session = this.#sessions.get(clientId)
      if (!session) continue // a late message must not bring a dropped session back
      const size = sizeOf(packet)
      const isFull = session.outgoing.length >= maxQueuedMessages || session.outgoingBytes + size > maxQueuedBytes
      if (isFull) continue
      // [MQTT-3.3.1-9]: to an established subscription the retain flag is 0. [MQTT-3.8.4-6]: not above the granted QoS.
      const queued = { ...packet, qos: Math.min(qos, packet.qos), retain: false, messageId: undefined }
      session.outgoing.push(queued)
      session.outgoingBytes += size
    }
  }

  async outgoingUpdate({ id }: ClientRef, packet: Queued): Promise<void> {
    const outgoing = this.#sessions.get(id)?.outgoing ?? []
    if (packet.cmd === 'pubrel') {
      const at = outgoing.findIndex(({ messageId }) => messageId === packet.messageId)
      if (at >= 0) this.#replace(id, at, { ...packet })
      return
    }
    const queued = outgoing.find((each) => isSame(each, packet))
    // Missing when the queue was full: the message is delivered, but not kept.
    if (queued) queued.messageId = packet.messageId
  }

  async outgoingClearMessageId({ id }: ClientRef, packet: Queued): Promise<Queued | undefined> {
    const outgoing = this.#sessions.get(id)?.outgoing ?? []
    const at = outgoing.findIndex((each) =>
      packet.messageId === undefined ? isSame(each, packet) : each.messageId === packet.messageId,
    )
    const cleared = outgoing[at]
    if (cleared) this.#replace(id, at)
    return cleared
  }

  outgoingStream({ id }: ClientRef): Readable {
    const waiting = [...(this.#sessions.get(id)?.outgoing ?? [])].values()
    // Not `Readable.from`, which creates a generator and promises: for most clients nothing waits.
    return new Readable({
      objectMode: true,
      read() {
        this.push(waiting.next().value ?? null)
      },
    })
  }

  // QoS 2 messages from the client

  async incomingStorePacket({ id, closed }: ClientRef, packet: PublishPacket): Promise<void> {
    if (!closed) this.#open(id).incoming.set(packet.messageId ?? 0, packet)
  }

  async incomingGetPacket({ id }: ClientRef, { messageId = 0 }: { messageId?: number }): Promise<PublishPacket> {
    const packet = this.#sessions.get(id)?.incoming.get(messageId)
    if (!packet) throw new Error('no such packet')
    return packet
  }

  async incomingDelPacket({ id }: ClientRef, { messageId = 0 }: { messageId?: number }): Promise<void> {
    this.#sessions.get(id)?.incoming.delete(messageId)
    this.#prune(id)
  }

  async cleanIncoming({ id }: ClientRef): Promise<void> {
    this.#sessions.get(id)?.incoming.clear()
    this.#prune(id)
  }

  // Retained messages

  async storeRetained(packet: PublishPacket): Promise<void> {
    this.#retained.store(packet)
  }

  createRetainedStreamCombi(filters: readonly string[]): Readable {
    return Readable.from(this.#retained.matching(filters))
  }

  // Wills stay with the connection: after a crash no broker is left that could publish them.

  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  streamWill(): Readable {
    return Readable.from([])
  }

  #open(clientId: string): StoredSession {
    const known = this.#sessions.get(clientId)
    if (known) return known
    const session = { filters: new Map(), outgoing: [], outgoingBytes: 0, incoming: new Map() }
    this.#sessions.set(clientId, session)
    return session
  }

  #replace(clientId: string, at: number, ...by: Queued[]): void {
    const session = this.#sessions.get(clientId)
    if (!session) return
    const [removed] = session.outgoing.splice(at, 1, ...by)
    if (removed) session.outgoingBytes -= sizeOf(removed)
    this.#prune(clientId)
  }

  #prune(clientId: string): void {
    const session = this.#sessions.get(clientId)
    const isEmpty = session && session.filters.size + session.outgoing.length + session.incoming.size === 0
    if (isEmpty) this.#sessions.delete(clientId)
  }
}

function isSame(one: Queued, other: Queued): boolean {
  return one.brokerId === other.brokerId && one.brokerCounter === other.brokerCounter
}

function sizeOf({ payload }: Queued): number {
  return payload?.length ?? 0
}
