/**
 * Sends retained messages to new subscriptions (§3.3.1.3). It goes at the pace of the client: it stops while the client's
 * network or window is full, and it shares the thread with others. So a slow reader gets all of them.
 */
import type { Core } from './core.ts'
import type { Message } from './message.ts'
import type { QoS } from './packets/packets.ts'
import type { Session } from './session.ts'
import type { Subscription } from './topics.ts'
import type { Task } from './turns.ts'

export class Replay implements Task {
  readonly #core: Core
  readonly #session: Session
  /** One for each subscription at most, so repeated SUBSCRIBEs do not pile up. */
  #pending: Map<string, Subscription<Session>> | undefined
  #subscription: Subscription<Session> | undefined
  #messages: Generator<Message | undefined, void> | undefined
  #isRunning = false

  constructor(core: Core, session: Session) {
    this.#core = core
    this.#session = session
  }

  /** Will send the retained messages of this subscription. */
  add(subscription: Subscription<Session>): void {
    this.#pending ??= new Map()
    this.#pending.set(subscription.filter, subscription)
  }

  continue(): void {
    if (this.#messages || this.#pending) this.#core.turns.later(this)
  }

  run(): void {
    // Delivery calls `continue` when an acknowledgement comes; while we run, that must not start a second walk.
    if (this.#isRunning) return
    this.#isRunning = true
    const slice = this.#core.turns.beginSlice()
    while (this.#canSend() && !this.#core.turns.isSpent(slice)) if (!this.#step()) break
    this.#isRunning = false
    if (this.#canSend()) this.continue()
  }

  failed(error: unknown): void {
    this.#isRunning = false
    this.clear()
    const { peer } = this.#session
    if (peer) peer.failed(error)
    else this.#core.events.failed?.(error)
  }

  clear(): void {
    this.#pending = undefined
    this.#messages = undefined
  }

  #canSend(): boolean {
    const { peer, outbox } = this.#session
    return !!peer?.isReady && !peer.isCongested && outbox.isIdle
  }

  /** @returns false if there is nothing left to send. */
  #step(): boolean {
    if (!this.#messages && !this.#begin()) return false
    const next = this.#messages?.next()
    if (!next || next.done || !this.#subscription?.isActive) this.#messages = undefined
    else if (next.value) this.#deliver(next.value, this.#subscription)
    return true
  }

  #begin(): boolean {
    const [next] = this.#pending ?? []
    if (!next || !this.#pending) return false
    const [filter, subscription] = next
    this.#pending.delete(filter)
    if (this.#pending.size === 0) this.#pending = undefined
    this.#subscription = subscription
    this.#messages = this.#core.retainedMatching(subscription.path)
    return true
  }

  #deliver(message: Message, { qos: granted, identifier }: Subscription<Session>): void {
    const qos = Math.min(message.qos, granted) as QoS
    // The flag is set because the message is sent for a new subscription [MQTT-3.3.1-8].
    const options = { qos, retain: true, identifiers: identifier === undefined ? undefined : [identifier] }
    if (qos === 0) this.#session.outbox.sendNow(message, options)
    else this.#session.outbox.offer(message, options)
  }
}
