/** PUBLISH from a client (§3.3): aliases, permission, acknowledgement. */

import { TokenBucket } from './budget.ts'
import type { Connection } from './connection.ts'
import type { Core } from './core.ts'
import type { EngineReason } from './events.ts'
import type { Message } from './message.ts'
import { encodeAcknowledgement } from './packets/encode.ts'
import { PacketError } from './packets/packet-error.ts'
import type { Publish } from './packets/packets.ts'
import { reasonCodes } from './packets/reason-codes.ts'
import { countLevels } from './packets/text.ts'
import { Patience } from './patience.ts'
import { isRefused, type RefusalAnswer } from './policy.ts'
import { type Published, publish } from './routing.ts'
import type { Session } from './session.ts'

export class Publisher {
  readonly #core: Core
  readonly #connection: Connection
  #aliases: Map<number, string> | undefined
  #aliasBytes = 0
  readonly #rate: TokenBucket
  readonly #patience: Patience

  constructor(core: Core, connection: Connection) {
    this.#core = core
    this.#connection = connection
    this.#rate = new TokenBucket(core.limits.publishRate, core.now())
    this.#patience = new Patience(core.limits.publisherPatienceMs)
  }

  /** @throws PacketError for an unknown alias and for more QoS 2 messages than Receive Maximum allows. */
  publish(session: Session, packet: Publish): void {
    const topic = this.#resolveAlias(packet)
    this.#slowDown(session)
    if (packet.qos === 2 && !this.#isNew(session, packet)) return
    if (countLevels(topic) > this.#core.limits.topicLevels) {
      const reason: EngineReason = 'topic_too_deep'
      return this.#refuse(session, packet, { topic, reason, answer: { code: reasonCodes.topicNameInvalid } })
    }
    const { policy } = this.#core
    const answer = policy.publish(session.client, { topic, qos: packet.qos, retain: packet.retain, isWill: false })
    if (!isRefused(answer)) return this.#accept(session, packet, answer.topic)
    this.#refuse(session, packet, { topic, reason: answer.refused, answer: policy.reasonFor(answer.refused) })
  }

  #accept(session: Session, packet: Publish, topic: string): void {
    const { payload, qos, retain, properties } = packet
    const { messageExpiryInterval: seconds, forwarded } = properties
    const expiresAt = seconds === undefined ? 0 : this.#core.now() + seconds * 1000
    const message: Message = {
      topic,
      payload,
      qos,
      retain,
      forwarded,
      expiresAt,
      user: session.user,
      memory: 'borrowed',
    }
    if (qos === 2) session.receive(packet.packetId)
    const published = publish(this.#core, message, session)
    this.#core.events.published?.(session.client, { topic, bytes: payload.length })
    if (!published.isKept) this.#report(session, topic, 'retained_quota' satisfies EngineReason)
    if (published.isDone) return this.#done(packet, published)
    this.#connection.hold()
    published.delivery.whenDone = () => {
      this.#done(packet, published)
      this.#connection.release()
    }
    published.delivery.failed = (error) => this.#connection.failed(error)
    this.#core.turns.later(published.delivery)
  }

  #done(packet: Publish, published: Published): void {
    this.#acknowledge(packet, published)
    const { slow } = published.delivery
    if (slow) this.#patience.waitFor(slow, this.#connection)
  }

  /**
   * PUBACK or PUBREC, after everything that the message changed is on disk. The order of the packets is kept [MQTT-4.6.0-2].
   * A retained message that found no room was delivered, and is told by a reason code that is not a failure.
   */
  #acknowledge({ qos, packetId }: Publish, { delivery, isKept }: Published): void {
    if (qos === 0) return
    const reasonString = isKept ? undefined : 'not retained: the store is full'
    const reasonCode = delivery.hasSubscribers ? reasonCodes.success : reasonCodes.noMatchingSubscribers
    this.#answer(qos, { packetId, reasonCode, reasonString })
  }

  #answer(qos: 1 | 2, fields: { packetId: number; reasonCode: number; reasonString: string | undefined }): void {
    const connection = this.#connection
    const type = qos === 1 ? 'puback' : 'pubrec'
    const answer = (): void =>
      connection.writeWithReason(fields.reasonString, (reasonString) =>
        encodeAcknowledgement(connection.version, type, { ...fields, reasonString }),
      )
    this.#core.journal.afterCommit(answer, connection)
  }

  /**
   * MQTT 5 clients learn the reason from PUBACK or PUBREC. MQTT 3.1.1 has no way to say no: the server must acknowledge or close
   * the connection [MQTT-3.3.5-2]. The engine closes, so that the client does not take the message for delivered.
   */
  #refuse(session: Session, packet: Publish, refusal: { topic: string; reason: unknown; answer: RefusalAnswer }): void {
    const { topic, reason, answer } = refusal
    this.#report(session, topic, reason)
    if (this.#connection.version === 4) throw new PacketError(answer.code, `publish to ${topic} refused`)
    if (packet.qos === 0) return
    this.#answer(packet.qos, { packetId: packet.packetId, reasonCode: answer.code, reasonString: answer.text })
  }

  #report({ clientId, client }: Session, topic: string, reason: unknown): void {
    this.#core.refused({ what: 'publish', reason, clientId, client, context: this.#connection.context, topic })
  }

  /** A repeated QoS 2 message is acknowledged again and not delivered again [MQTT-4.3.3-10]. */
  #isNew(session: Session, { qos, packetId }: Publish): boolean {
    if (session.hasReceived(packetId)) {
      this.#answer(qos as 2, { packetId, reasonCode: reasonCodes.success, reasonString: undefined })
      return false
    }
    if (session.incomingCount < this.#core.limits.receiveMaximum) return true
    throw new PacketError(
      reasonCodes.receiveMaximumExceeded,
      'more QoS 2 messages than Receive Maximum are not released',
    )
  }

  #resolveAlias({ topic, properties: { topicAlias: alias } }: Publish): string {
    if (alias === undefined) return topic
    if (alias > this.#core.limits.topicAliases) throw unknownAlias(alias)
    if (topic !== '') this.#setAlias(alias, topic)
    const known = this.#aliases?.get(alias)
    if (known === undefined) throw unknownAlias(alias)
    return known
  }

  #setAlias(alias: number, topic: string): void {
    this.#aliases ??= new Map()
    this.#aliasBytes += topic.length - (this.#aliases.get(alias)?.length ?? 0)
    if (this.#aliasBytes > this.#core.limits.topicAliasBytes) {
      throw new PacketError(reasonCodes.quotaExceeded, 'the topics of all aliases are too long')
    }
    this.#aliases.set(alias, topic)
  }

  /** A client above its rate is not read until it has a token again. */
  #slowDown({ user }: Session): void {
    const now = this.#core.now()
    const waitMs = Math.max(this.#rate.spend(now), this.#core.publishBucket(user)?.spend(now) ?? 0)
    if (waitMs === 0) return
    this.#connection.hold()
    setTimeout(() => this.#connection.release(), waitMs).unref()
  }
}

function unknownAlias(alias: number): PacketError {
  return new PacketError(reasonCodes.topicAliasInvalid, `topic alias ${alias} is not known`)
}
