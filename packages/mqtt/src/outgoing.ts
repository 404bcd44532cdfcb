/** One QoS 1 or 2 message on its way to one client, and its stored form. */
import type { Durable } from './journal.ts'
import type { Message } from './message.ts'
import type { QoS } from './packets/packets.ts'
import { keyOf } from './store.ts'

export interface OutgoingOptions {
  qos: QoS
  retain: boolean
  identifiers: readonly number[] | undefined
  /** Grows by one with each message of the session. */
  sequence: number
}

export class Outgoing implements Durable {
  readonly message: Message
  readonly options: OutgoingOptions
  /** 0 until it is sent. */
  packetId = 0
  /** True after PUBREC: PUBREL is sent, not PUBLISH. */
  isReleased = false
  /** Sent on the present connection, and not acknowledged. */
  isOutstanding = false
  #key: string | undefined

  constructor(message: Message, options: OutgoingOptions) {
    this.message = message
    this.options = options
  }

  get sequence(): number {
    return this.options.sequence
  }

  keyFor(clientId: string): string {
    return (this.#key ??= keyOf(clientId, this.sequence))
  }

  toRecord(): { fields: string; body: Buffer } {
    const { qos, retain, identifiers } = this.options
    const { packetId, isReleased } = this
    const message = messageFields(this.message)
    return {
      fields: JSON.stringify({ qos, retain, identifiers, packetId, isReleased, message }),
      body: bodyOf(this.message),
    }
  }

  static fromRecord(sequence: number, fields: string, body: Buffer | undefined): Outgoing {
    const stored = JSON.parse(fields) as StoredOutgoing
    const { qos, retain, identifiers } = stored
    const outgoing = new Outgoing(messageFrom(stored.message, body), { qos, retain, identifiers, sequence })
    outgoing.packetId = stored.packetId
    outgoing.isReleased = stored.isReleased
    return outgoing
  }
}

interface StoredOutgoing {
  qos: QoS
  retain: boolean
  identifiers?: number[]
  packetId: number
  isReleased: boolean
  message: MessageFields
}

/** The stored form of a message, without its bytes. */
export interface MessageFields {
  topic: string
  qos: QoS
  retain: boolean
  expiresAt: number
  user: string
  /** Number of bytes of properties at the beginning of the body. The rest is the payload. */
  forwardedBytes: number
}

export function messageFields({ topic, qos, retain, expiresAt, user, forwarded }: Message): MessageFields {
  return { topic, qos, retain, expiresAt, user, forwardedBytes: forwarded?.length ?? 0 }
}

export function bodyOf({ forwarded, payload }: Message): Buffer {
  if (!forwarded) return payload
  const body = Buffer.allocUnsafeSlow(forwarded.length + payload.length)
  payload.copy(body, forwarded.copy(body))
  return body
}

export function messageFrom(fields: MessageFields, body: Buffer = Buffer.alloc(0)): Message {
  const { forwardedBytes, ...rest } = fields
  const forwarded = forwardedBytes > 0 ? body.subarray(0, forwardedBytes) : undefined
  return { ...rest, forwarded, payload: body.subarray(forwardedBytes), memory: 'own' }
}
