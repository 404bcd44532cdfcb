/** The will of a client: a message that the server publishes when the connection ends without DISCONNECT (§3.1.2.5). */
import type { Core } from './core.ts'
import type { Deadline } from './deadlines.ts'
import type { EngineReason } from './events.ts'
import type { Durable } from './journal.ts'
import { isExpired, type Message, weigh } from './message.ts'
import { bodyOf, type MessageFields, messageFields, messageFrom } from './outgoing.ts'
import { type Client, isRefused } from './policy.ts'
import { publish } from './routing.ts'

export class Will implements Durable {
  /** Its topic is the client's, without the prefix of the policy. Its expiry runs from publication. */
  readonly message: Message
  readonly delaySeconds: number
  readonly expirySeconds: number | undefined
  /** Milliseconds since 1970; undefined while the client is connected. */
  firesAt: number | undefined
  deadline: Deadline | undefined
  /** `Admitted.memo`, if no stored session has it. */
  memo: string | undefined

  constructor(message: Message, delaySeconds: number, expirySeconds: number | undefined) {
    this.message = message
    this.delaySeconds = delaySeconds
    this.expirySeconds = expirySeconds
  }

  toRecord(): { fields: string; body: Buffer } {
    const { delaySeconds, expirySeconds, firesAt, memo, message } = this
    const fields = JSON.stringify({ delaySeconds, expirySeconds, firesAt, memo, message: messageFields(message) })
    return { fields, body: bodyOf(message) }
  }

  static fromRecord(fields: string, body: Buffer | undefined): Will {
    const stored = JSON.parse(fields) as {
      delaySeconds: number
      expirySeconds?: number
      firesAt?: number
      memo?: string
      message: MessageFields
    }
    const will = new Will(messageFrom(stored.message, body), stored.delaySeconds, stored.expirySeconds)
    will.firesAt = stored.firesAt
    will.memo = stored.memo
    return will
  }
}

/** All wills of an engine, by client id. */
export class Wills {
  readonly #core: Core
  readonly #wills = new Map<string, { will: Will; client: Client }>()
  #isStopping = false

  constructor(core: Core) {
    this.#core = core
  }

  /** Keeps the will of a new connection. Whether there is room was asked before. */
  set(client: Client, will: Will, memo: string | undefined): void {
    this.discard(client.clientId)
    will.memo = memo
    this.#core.budgets.wills.takeAnyway(client.user, weigh(will.message))
    this.#wills.set(client.clientId, { will, client })
    this.#core.journal.put('will', client.clientId, will)
  }

  /** Puts back a stored will at the start. The restart ended the connection of its client. */
  restore(client: Client, will: Will, sessionSeconds: number): void {
    this.#core.budgets.wills.takeAnyway(client.user, weigh(will.message))
    this.#wills.set(client.clientId, { will, client })
    if (will.firesAt === undefined) this.arm(client.clientId, sessionSeconds)
    else this.#wait(client.clientId, will)
  }

  /** The server stops: wills stay in the store, and the next start publishes them. */
  keepAll(): void {
    this.#isStopping = true
  }

  /** The connection ended: publishes the will after its delay, or when the session ends if that is earlier [MQTT-3.1.3-9]. */
  arm(clientId: string, sessionSeconds: number): void {
    const will = this.#wills.get(clientId)?.will
    if (!will || this.#isStopping) return
    const seconds = Math.min(will.delaySeconds, sessionSeconds)
    if (seconds === 0) return this.fire(clientId)
    will.firesAt = this.#core.now() + seconds * 1000
    this.#core.journal.put('will', clientId, will)
    this.#wait(clientId, will)
  }

  /** Publishes the will now, if there is one. The policy is asked again: rights may have changed since CONNECT. */
  fire(clientId: string): void {
    const kept = this.#wills.get(clientId)
    if (!kept) return
    this.discard(clientId)
    const { will, client } = kept
    const { topic, qos, retain } = will.message
    const refuse = (reason: unknown): void =>
      this.#core.refused({ what: 'publish', reason, clientId, client, context: undefined, topic })
    const answer = this.#core.policy.publish(client, { topic, qos, retain, isWill: true })
    if (isRefused(answer)) return refuse(answer.refused)
    const expiresAt = will.expirySeconds === undefined ? 0 : this.#core.now() + will.expirySeconds * 1000
    const message = { ...will.message, topic: answer.topic, expiresAt }
    if (isExpired(message, this.#core.now())) return
    const { isKept, delivery, isDone } = publish(this.#core, message, undefined)
    if (!isKept) refuse('retained_quota' satisfies EngineReason)
    if (!isDone) this.#core.turns.later(delivery)
  }

  discard(clientId: string): void {
    const kept = this.#wills.get(clientId)
    if (!kept) return
    this.#core.deadlines.clear(kept.will.deadline)
    this.#wills.delete(clientId)
    this.#core.budgets.wills.give(kept.client.user, weigh(kept.will.message))
    this.#core.journal.delete('will', clientId)
  }

  #wait(clientId: string, will: Will): void {
    will.deadline = this.#core.deadlines.set(will.firesAt ?? 0, () => this.fire(clientId))
  }
}
