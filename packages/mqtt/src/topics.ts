/** The tree of subscriptions, and who receives a topic. */
import type { QoS } from './packets/packets.ts'
import { prune } from './prune.ts'

/** What the tree needs to know of a subscription. `Owner` is the session. */
export interface Subscription<Owner> {
  owner: Owner
  /** As the client wrote it, with `$share/<group>/`. */
  filter: string
  /** Without `$share/<group>/`. */
  path: string
  group: string | undefined
  qos: QoS
  noLocal: boolean
  retainAsPublished: boolean
  /** The subscription identifier of MQTT 5. */
  identifier: number | undefined
  /** False as soon as it was removed or replaced. */
  isActive: boolean
}

/** One session that receives a topic once, whatever number of its filters match [MQTT-3.3.4-2]. */
export interface Recipient<Owner> {
  owner: Owner
  subscriptions: Subscription<Owner>[]
  /** The highest of the granted ones. */
  qos: QoS
  retainAsPublished: boolean
  identifiers: number[] | undefined
  hasNoLocal: boolean
}

export interface Matches<Owner> {
  recipients: Recipient<Owner>[]
  groups: Group<Owner>[]
}

/** A shared subscription. One of its members receives the message. */
export interface Group<Owner> {
  members: Subscription<Owner>[]
  /** The member that is asked first, modulo their number. Grows with each message, so that the members take turns. */
  turn: number
}

interface Node<Owner> {
  children: Map<string, Node<Owner>> | undefined
  subscriptions: Set<Subscription<Owner>> | undefined
}

/** Number of nodes and subscriptions between two points at which the caller may stop the search. */
const stride = 64
/** Results are remembered until they weigh this much, or until a subscription changes. */
const cacheWeight = 100_000

export class SubscriptionTree<Owner> {
  readonly #root: Node<Owner> = { children: undefined, subscriptions: undefined }
  #cache = new Map<string, Matches<Owner>>()
  #cached = 0
  /** Grows with each change of a subscription. */
  #version = 0
  /** The next group begins here. Otherwise the first member of a group would get the first message of every topic. */
  #nextTurn = 0

  add(subscription: Subscription<Owner>): void {
    let node = this.#root
    for (const level of subscription.path.split('/')) {
      const children = (node.children ??= new Map())
      let child = children.get(level)
      if (!child) children.set(level, (child = { children: undefined, subscriptions: undefined }))
      node = child
    }
    ;(node.subscriptions ??= new Set()).add(subscription)
    this.#changed()
  }

  remove(subscription: Subscription<Owner>): void {
    const path: [Node<Owner>, string][] = []
    let node = this.#root
    for (const level of subscription.path.split('/')) {
      const child = node.children?.get(level)
      if (!child) return
      path.push([node, level])
      node = child
    }
    node.subscriptions?.delete(subscription)
    subscription.isActive = false
    if (node.subscriptions?.size === 0) node.subscriptions = undefined
    prune(path, ({ subscriptions }) => subscriptions !== undefined)
    this.#changed()
  }

  /** Who receives this topic, if that is remembered. The result must not be changed. */
  remembered(topic: string): Matches<Owner> | undefined {
    return this.#cache.get(topic)
  }

  /**
   * Finds who receives this topic. It yields from time to time, so that the caller can stop for a while; subscriptions may change
   * meanwhile. The result must not be changed: it is remembered if no subscription has changed.
   */
  *search(topic: string): Generator<undefined, Matches<Owner>> {
    const version = this.#version
    const byOwner = new Map<Owner, Subscription<Owner>[]>()
    const groups = new Map<string, Subscription<Owner>[]>()
    let found = 0
    let steps = 0
    for (const node of matchingNodes(this.#root, topic.split('/'))) {
      if (++steps % stride === 0) yield
      for (const subscription of node.subscriptions ?? []) {
        if (subscription.group === undefined) append(byOwner, subscription.owner, subscription)
        else append(groups, subscription.filter, subscription)
        found++
        if (++steps % stride === 0) yield
      }
    }
    const recipients: Recipient<Owner>[] = []
    for (const subscriptions of byOwner.values()) {
      recipients.push(recipientOf(subscriptions))
      if (++steps % stride === 0) yield
    }
    const matches = { recipients, groups: [...groups.values()].map((members) => ({ members, turn: this.#nextTurn++ })) }
    if (version === this.#version) this.#remember(topic, matches, found)
    return matches
  }

  #remember(topic: string, matches: Matches<Owner>, found: number): void {
    const weight = 1 + found + topic.length / 100
    if (weight > cacheWeight / 4) return
    if (this.#cached + weight > cacheWeight) this.#clearCache()
    this.#cache.set(topic, matches)
    this.#cached += weight
  }

  #changed(): void {
    this.#version++
    if (this.#cached > 0) this.#clearCache()
  }

  #clearCache(): void {
    this.#cache = new Map()
    this.#cached = 0
  }
}

/** The nodes whose filters match. No node is visited twice, so the work is at most the size of the tree. */
function* matchingNodes<Owner>(root: Node<Owner>, levels: string[]): Generator<Node<Owner>, void> {
  // Wildcards at the first level do not match topics that begin with $ [MQTT-4.7.2-1].
  const isSystem = levels[0]?.startsWith('$') ?? false
  const waiting: [node: Node<Owner>, depth: number][] = [[root, 0]]
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, depth] = next
    const mayBeWild = depth > 0 || !isSystem
    // `#` also matches its parent level (§4.7.1.2).
    const rest = mayBeWild ? node.children?.get('#') : undefined
    if (rest) yield rest
    if (depth === levels.length) {
      yield node
      continue
    }
    const single = mayBeWild ? node.children?.get('+') : undefined
    if (single) waiting.push([single, depth + 1])
    const exact = node.children?.get(levels[depth]!)
    if (exact) waiting.push([exact, depth + 1])
  }
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Joins the subscriptions of one session that match the same topic. The list must not be empty. */
export function recipientOf<Owner>(subscriptions: Subscription<Owner>[]): Recipient<Owner> {
  let { qos, retainAsPublished, noLocal: hasNoLocal } = subscriptions[0]!
  let identifiers: number[] | undefined
  for (const each of subscriptions) {
    if (each.qos > qos) qos = each.qos
    retainAsPublished ||= each.retainAsPublished
    hasNoLocal ||= each.noLocal
    if (each.identifier !== undefined) (identifiers ??= []).push(each.identifier)
  }
  return { owner: subscriptions[0]!.owner, subscriptions, qos, retainAsPublished, identifiers, hasNoLocal }
}
