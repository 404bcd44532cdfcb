/**
 * Messages on their way to one client (§4.3, §4.4, §4.9): queued, sent, acknowledged. Messages of QoS 1 and 2 are kept until the
 * client has acknowledged them; no more are on their way than the client's Receive Maximum allows.
 */
import { fits } from './budget.ts'
import { ChurnMap } from './churn-map.ts'
import type { Core } from './core.ts'
import type { DropReason } from './events.ts'
import type { Bound } from './limits.ts'
import { copyToBlock, isExpired, type Message, remainingSeconds, weigh } from './message.ts'
import { Outgoing } from './outgoing.ts'
import { encodeAcknowledgement, encodePublish } from './packets/encode.ts'
import type { QoS } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import type { Peer, Session } from './session.ts'

/** How a message is delivered to one session. */
export interface DeliveryOptions {
  qos: QoS
  retain: boolean
  identifiers: readonly number[] | undefined
}

/** From this load of a client on, publishers wait for it. */
const highLoad = 1 / 4

export class Outbox {
  readonly #core: Core
  readonly #session: Session
  /** Not sent yet, in order. */
  readonly #waiting = new ChurnMap<number, Outgoing>()
  /** Sent and not acknowledged, by packet identifier, in the order of sending. */
  readonly #inFlight = new ChurnMap<number, Outgoing>()
  /** In flight from an earlier connection and to be sent again, in order [MQTT-4.4.0-1]. */
  #resend: Outgoing[] = []
  /** Sent on this connection and not acknowledged: what the client's Receive Maximum counts. */
  #outstanding = 0
  #used: Bound = { count: 0, bytes: 0 }
  #lastSequence = 0
  #lastPacketId = 0

  constructor(core: Core, session: Session) {
    this.#core = core
    this.#session = session
  }

  get used(): Readonly<Bound> {
    return this.#used
  }

  /** Messages that were sent and are not acknowledged. */
  get inFlightCount(): number {
    return this.#inFlight.size
  }

  /** Nothing waits, and the client's window is open. */
  get isIdle(): boolean {
    const { peer } = this.#session
    return this.#waiting.size === 0 && this.#resend.length === 0 && !!peer && this.#outstanding < peer.sendMaximum
  }

  /**
   * Sends a QoS 0 message now or drops it. `encoded` is used if the packet is the same for many clients.
   * @returns true if so much waits for the client's network that the publisher should wait before its next message.
   */
  sendNow(message: Message, options: DeliveryOptions, encoded?: Buffer): boolean {
    const { peer } = this.#session
    if (!peer?.isReady) return false
    if (!this.#mayReceive(message.topic)) this.#drop(message, 'not_permitted')
    else if (peer.load >= 1) this.#drop(message, 'slow_reader')
    else if (encoded && encoded.length <= peer.maxPacketBytes) writeMessage(peer, encoded)
    else if (!this.#write(peer, message, options)) this.#drop(message, 'larger_than_client_accepts')
    return peer.load >= highLoad && !peer.isStuck
  }

  /** Keeps a QoS 1 or 2 message and sends it as soon as the client can take it. A full queue refuses it. */
  offer(message: Message, options: DeliveryOptions): void {
    const weight = weigh(message)
    const isRoom = fits(this.#used, weight, this.#core.limits.queuePerSession)
    if (!isRoom || !this.#core.budgets.queued.take(this.#session.user, weight)) return this.#drop(message, 'queue_full')
    this.#used.count++
    this.#used.bytes += weight
    const outgoing = new Outgoing(copyToBlock(message), { ...options, sequence: ++this.#lastSequence })
    this.#waiting.set(outgoing.sequence, outgoing)
    if (this.#session.isDurable)
      this.#core.journal.insert('outgoing', outgoing.keyFor(this.#session.clientId), outgoing)
    this.pump()
  }

  /** Puts back a stored message at the start. Messages must come in the order of their sequence numbers. */
  restore(outgoing: Outgoing): void {
    const weight = weigh(outgoing.message)
    this.#core.budgets.queued.takeAnyway(this.#session.user, weight)
    this.#used.count++
    this.#used.bytes += weight
    this.#lastSequence = Math.max(this.#lastSequence, outgoing.sequence)
    if (outgoing.packetId === 0) this.#waiting.set(outgoing.sequence, outgoing)
    else this.#inFlight.set(outgoing.packetId, outgoing)
  }

  /** A new connection took up the session: what was on its way is sent again, with the same packet identifiers. */
  resume(): void {
    this.#outstanding = 0
    this.#resend = []
    const { peer } = this.#session
    for (const outgoing of this.#inFlight.values()) {
      outgoing.isOutstanding = false
      if (!outgoing.isReleased) this.#resend.push(outgoing)
      else peer?.write(encodeAcknowledgement(peer.version, 'pubrel', { packetId: outgoing.packetId }))
    }
    this.pump()
  }

  /** Sends what the client can take now. */
  pump(): void {
    const { peer } = this.#session
    if (!peer?.isReady) return
    while (this.#outstanding < peer.sendMaximum && !peer.isCongested) {
      const again = this.#nextToResend()
      const next = again ?? this.#waiting.first
      if (!next) break
      if (!again) this.#waiting.delete(next.sequence)
      this.#send(peer, next, again !== undefined)
    }
    if (this.isIdle) this.#session.replay.continue()
  }

  /** A client may answer a message of an earlier connection before it is sent again. */
  #nextToResend(): Outgoing | undefined {
    let next = this.#resend.shift()
    while (next && (next.isReleased || this.#inFlight.get(next.packetId) !== next)) next = this.#resend.shift()
    return next
  }

  puback(packetId: number): void {
    const outgoing = this.#inFlight.get(packetId)
    if (outgoing?.options.qos === 1) this.#finish(outgoing)
  }

  pubrec(packetId: number, reasonCode: number): void {
    const outgoing = this.#inFlight.get(packetId)
    if (outgoing?.options.qos !== 2) return this.#pubrel(packetId, reasonCodes.packetIdentifierNotFound)
    // The client refused the message: it ends here [MQTT-4.3.3-4].
    if (reasonCode >= 0x80) return this.#finish(outgoing)
    if (!outgoing.isReleased) {
      outgoing.isReleased = true
      // PUBRELs are sent again in the order of the PUBRECs [MQTT-4.6.0-4].
      this.#inFlight.delete(packetId)
      this.#inFlight.set(packetId, outgoing)
      this.#save(outgoing)
    }
    // Not before it is stored: after a crash we would send PUBLISH again, and the client would take it for a new message.
    const { peer } = this.#session
    const answer = (): void => {
      if (this.#session.peer === peer) this.#pubrel(packetId, reasonCodes.success)
    }
    if (peer) this.#core.journal.afterCommit(answer, peer)
  }

  pubcomp(packetId: number): void {
    const outgoing = this.#inFlight.get(packetId)
    if (outgoing?.isReleased) this.#finish(outgoing)
  }

  /** The session ended: everything is forgotten. */
  clear(): void {
    for (const outgoing of [...this.#waiting.values(), ...this.#inFlight.values()]) this.#forget(outgoing)
    this.#waiting.clear()
    this.#inFlight.clear()
    this.#resend = []
  }

  #send(peer: Peer, outgoing: Outgoing, isAgain: boolean): void {
    const { message, options } = outgoing
    // A message that was sent before does not expire any more [MQTT-4.3.3-7].
    if (!isAgain && isExpired(message, this.#core.now())) return this.#discard(outgoing)
    if (!this.#mayReceive(message.topic)) {
      this.#drop(message, 'not_permitted')
      return this.#discard(outgoing)
    }
    if (!isAgain) {
      outgoing.packetId = this.#freePacketId()
      this.#inFlight.set(outgoing.packetId, outgoing)
      this.#save(outgoing)
    }
    outgoing.isOutstanding = true
    this.#outstanding++
    const write = (): void => {
      if (this.#session.peer !== peer || this.#inFlight.get(outgoing.packetId) !== outgoing) return
      if (this.#write(peer, message, { ...options, packetId: outgoing.packetId, dup: isAgain })) return
      this.#drop(message, 'larger_than_client_accepts')
      this.#finish(outgoing)
    }
    // QoS 2 waits until the identifier is stored: sent with another one after a crash, the message would arrive twice.
    if (options.qos === 2) this.#core.journal.afterCommit(write, peer)
    else write()
  }

  /** @returns false if the packet is larger than the client accepts [MQTT-3.1.2-24]. */
  #write(peer: Peer, message: Message, options: DeliveryOptions & { packetId?: number; dup?: boolean }): boolean {
    const alias = peer.aliases?.get(message.topic)
    const newAlias = alias === undefined ? peer.aliases?.next(message.topic) : undefined
    const bytes = encodePublish(peer.version, {
      ...options,
      topic: alias === undefined ? message.topic : '',
      payload: message.payload,
      forwarded: message.forwarded,
      topicAlias: alias ?? newAlias,
      messageExpirySeconds: remainingSeconds(message, this.#core.now()),
      subscriptionIdentifiers: options.identifiers,
    })
    if (bytes.length > peer.maxPacketBytes) return false
    if (newAlias !== undefined) peer.aliases?.set(message.topic, newAlias)
    writeMessage(peer, bytes)
    return true
  }

  #pubrel(packetId: number, reasonCode: number): void {
    const { peer } = this.#session
    peer?.write(encodeAcknowledgement(peer.version, 'pubrel', { packetId, reasonCode }))
  }

  #finish(outgoing: Outgoing): void {
    this.#discard(outgoing)
    this.pump()
  }

  #discard(outgoing: Outgoing): void {
    if (this.#inFlight.get(outgoing.packetId) === outgoing) this.#inFlight.delete(outgoing.packetId)
    if (outgoing.isOutstanding) this.#outstanding = Math.max(0, this.#outstanding - 1)
    this.#forget(outgoing)
  }

  #forget(outgoing: Outgoing): void {
    const weight = weigh(outgoing.message)
    this.#used.count--
    this.#used.bytes -= weight
    this.#core.budgets.queued.give(this.#session.user, weight)
    if (this.#session.isDurable) this.#core.journal.delete('outgoing', outgoing.keyFor(this.#session.clientId))
  }

  #save(outgoing: Outgoing): void {
    if (this.#session.isDurable) this.#core.journal.put('outgoing', outgoing.keyFor(this.#session.clientId), outgoing)
  }

  #mayReceive(topic: string): boolean {
    return this.#core.policy.deliver(this.#session.client, topic)
  }

  #drop(message: Message, reason: DropReason): void {
    this.#core.dropped(this.#session, message.topic, reason)
  }

  #freePacketId(): number {
    do this.#lastPacketId = (this.#lastPacketId % 65_535) + 1
    while (this.#inFlight.has(this.#lastPacketId))
    return this.#lastPacketId
  }
}

function writeMessage(peer: Peer, bytes: Buffer): void {
  peer.traffic.messagesSent++
  peer.write(bytes)
}
