/** Brings a message to all subscribers of its topic. */
import type { Core } from './core.ts'
import { copyToOwn, type Message, remainingSeconds } from './message.ts'
import { encodePublish } from './packets/encode.ts'
import type { QoS, Version } from './packets/packets.ts'
import type { Peer, Session } from './session.ts'
import { type Group, type Matches, type Recipient, recipientOf, type Subscription } from './topics.ts'
import type { Task } from './turns.ts'

/**
 * Delivers a message to its subscribers. If it has the retain flag it also becomes the retained message of its topic, or deletes
 * it if the payload is empty [MQTT-3.3.1-5], [MQTT-3.3.1-6].
 * @param from the session of the publisher, for the option No Local.
 * @returns whether the message was kept as a retained one, and the delivery. If the delivery is not done there are many
 *   subscribers: it must run in later turns, as a task, before the publisher's next packet.
 */
export function publish(core: Core, message: Message, from: Session | undefined): Published {
  core.watcher?.published(message, core.now())
  const isKept = !message.retain || keep(core, message)
  const delivery = new FanOut(core, message, from)
  return { isKept, delivery, isDone: delivery.runOnce() }
}

/** Brings a message that the broker itself made to its subscribers. It is not retained by this. */
export function deliver(core: Core, message: Message): void {
  core.watcher?.published(message, core.now())
  const delivery = new FanOut(core, message, undefined)
  if (!delivery.runOnce()) core.turns.later(delivery)
}

export interface Published {
  /** False if a retained message found no room. */
  isKept: boolean
  delivery: FanOut
  isDone: boolean
}

function keep(core: Core, message: Message): boolean {
  if (message.payload.length > 0) return core.retained.set(message)
  core.retained.delete(message.topic)
  return true
}

/** Number of deliveries between two looks at the clock. */
const stride = 16
export class FanOut implements Task {
  readonly #core: Core
  readonly #message: Message
  readonly #from: Session | undefined
  /** What clients can share: two versions, with and without the retain flag. */
  readonly #encoded: (Buffer | undefined)[] = [undefined, undefined, undefined, undefined]
  #matches: Matches<Session> | undefined
  #search: Generator<undefined, Matches<Session>> | undefined
  #next = 0
  #nextGroup = 0
  #isFirstTurn = true
  /** A recipient that does not read as fast as it is written to. */
  slow: Peer | undefined
  /** Called when all recipients have been served, unless `runOnce` did it all. */
  whenDone: () => void = () => undefined

  constructor(core: Core, message: Message, from: Session | undefined) {
    this.#core = core
    this.#message = message
    this.#from = from
    this.#matches = core.tree.remembered(message.topic)
  }

  /** Known when the delivery is done. */
  get hasSubscribers(): boolean {
    return !!this.#matches && (this.#matches.recipients.length > 0 || this.#matches.groups.length > 0)
  }

  /** Called instead of `whenDone` after an error. The recipients that are left do not get the message. */
  failed = (error: unknown): void => this.#core.events.failed?.(error)

  run(): void {
    if (this.runOnce()) this.whenDone()
    else this.#core.turns.later(this)
  }

  /** @returns true if the work is done. Each call does a part of it, so that it comes to an end. */
  runOnce(): boolean {
    const slice = this.#core.turns.beginSlice()
    this.#matches ??= this.#find(slice)
    const isDone = !!this.#matches && this.#deliverTo(this.#matches, slice)
    this.#isFirstTurn = false
    // The rest comes later: the bytes must outlive the socket's buffer.
    if (!isDone) copyToOwn(this.#message)
    return isDone
  }

  #find(slice: number): Matches<Session> | undefined {
    this.#search ??= this.#core.tree.search(this.#message.topic)
    for (;;) {
      const step = this.#search.next()
      if (step.done) return step.value
      if (this.#core.turns.isSpent(slice)) return undefined
    }
  }

  #deliverTo({ recipients, groups }: Matches<Session>, slice: number): boolean {
    while (this.#next < recipients.length) {
      const recipient = recipients[this.#next++]!
      const current = this.#isFirstTurn ? recipient : refresh(recipient)
      if (current) this.#deliver(current)
      if (this.#next % stride === 0 && this.#next < recipients.length && this.#core.turns.isSpent(slice)) return false
    }
    while (this.#nextGroup < groups.length) {
      this.#deliverToOne(groups[this.#nextGroup++]!)
      if (this.#nextGroup % stride === 0 && this.#core.turns.isSpent(slice)) return false
    }
    return true
  }

  #deliver(recipient: Recipient<Session>): void {
    if (recipient.hasNoLocal && recipient.owner === this.#from) {
      // [MQTT-3.8.3-3] Other subscriptions of the same session still count.
      const others = recipient.subscriptions.filter((each) => !each.noLocal)
      if (others.length > 0) this.#send(recipientOf(others))
    } else this.#send(recipient)
  }

  #send({ owner, qos: granted, retainAsPublished, identifiers }: Recipient<Session>): void {
    const qos = Math.min(this.#message.qos, granted) as QoS
    const options = { qos, retain: retainAsPublished && this.#message.retain, identifiers }
    if (qos > 0) return owner.outbox.offer(this.#message, options)
    const { peer } = owner
    if (!peer) return
    const isShared = !identifiers && !peer.aliases
    const encoded = isShared ? this.#encode(peer.version, options.retain) : undefined
    if (owner.outbox.sendNow(this.#message, options, encoded)) this.slow = peer
  }

  /** Encodes once for all clients that get the same bytes. */
  #encode(version: Version, retain: boolean): Buffer {
    const slot = (version === 5 ? 2 : 0) + (retain ? 1 : 0)
    const { topic, payload, forwarded } = this.#message
    const messageExpirySeconds = remainingSeconds(this.#message, this.#core.now())
    return (this.#encoded[slot] ??= encodePublish(version, {
      topic,
      payload,
      forwarded,
      qos: 0,
      retain,
      messageExpirySeconds,
    }))
  }

  /** One member of a shared subscription receives the message (§4.8.2): connected ones in turn, else one that will come back. */
  #deliverToOne(group: Group<Session>): void {
    const { members } = group
    const { topic } = this.#message
    const mayReceive = ({ isActive, owner }: Subscription<Session>): boolean =>
      isActive && this.#core.policy.deliver(owner.client, topic)
    const start = group.turn++
    let away: Subscription<Session> | undefined
    for (let i = 0; i < members.length; i++) {
      const member = members[(start + i) % members.length]!
      const isHere = member.owner.peer?.isReady && !member.owner.peer.isCongested
      if (!isHere && (away || !member.owner.isDurable)) continue
      if (!mayReceive(member)) continue
      if (isHere) return this.#send(recipientOf([member]))
      away = member
    }
    if (away) this.#send(recipientOf([away]))
  }
}

/**
 * The recipient after subscriptions may have changed; undefined if none of them is left. A subscription that was replaced counts
 * with its new options: no message is lost by replacing it [MQTT-3.8.4-4].
 */
function refresh(recipient: Recipient<Session>): Recipient<Session> | undefined {
  const { owner, subscriptions } = recipient
  if (subscriptions.every((each) => each.isActive)) return recipient
  const current = subscriptions.flatMap(({ filter }) => owner.subscriptions.get(filter) ?? [])
  return current.length > 0 ? recipientOf([...new Set(current)]) : undefined
}
