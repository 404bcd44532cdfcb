/** The tree of subscriptions, and who receives a topic. */
import type { QoS } from './packets/packets.ts'

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
  /** Grows with each message, so that the members take turns. */
  turn: number
}

interface Node<Owner> {
  children: Map<string, Node<Owner>> | undefined
  subscriptions: Set<Subscription<Owner>> | undefined
}

/** Results are remembered until they weigh this much, or until a subscription changes. */
const cacheWeight = 100_000

export class SubscriptionTree<Owner> {
  readonly #root: Node<Owner> = { children: undefined, subscriptions: undefined }
  #cache = new Map<string, Matches<Owner>>()
  #cached = 0

  add(subscription: Subscription<Owner>): void {
    let node = this.#root
    for (const level of subscription.path.split('/')) {
      const children = (node.children ??= new Map())
      let child = children.get(level)
      if (!child) children.set(level, (child = { children: undefined, subscriptions: undefined }))
      node = child
    }
    ;(node.subscriptions ??= new Set()).add(subscription)
    this.#forget()
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
    prune(node, path)
    this.#forget()
  }

  /** Who receives this topic. The result must not be changed: it is remembered. */
  match(topic: string): Matches<Owner> {
    const known = this.#cache.get(topic)
    if (known) return known
    const found: Subscription<Owner>[] = []
    collect(this.#root, topic.split('/'), found)
    const matches = group(found)
    this.#remember(topic, matches, found.length)
    return matches
  }

  #remember(topic: string, matches: Matches<Owner>, subscriptions: number): void {
    const weight = 1 + subscriptions + topic.length / 100
    if (weight > cacheWeight / 4) return
    if (this.#cached + weight > cacheWeight) this.#forget()
    this.#cache.set(topic, matches)
    this.#cached += weight
  }

  #forget(): void {
    if (this.#cached === 0) return
    this.#cache = new Map()
    this.#cached = 0
  }
}

function prune<Owner>(last: Node<Owner>, path: [Node<Owner>, string][]): void {
  let node = last
  for (const [parent, level] of path.toReversed()) {
    if (node.subscriptions || (node.children && node.children.size > 0)) return
    parent.children?.delete(level)
    node = parent
  }
}

/** Collects the subscriptions that match. No node is visited twice, so the work is at most the size of the tree. */
function collect<Owner>(root: Node<Owner>, levels: string[], found: Subscription<Owner>[]): void {
  // Wildcards at the first level do not match topics that begin with $ [MQTT-4.7.2-1].
  const isSystem = levels[0]?.startsWith('$') ?? false
  const visit = (node: Node<Owner>, depth: number): void => {
    const mayBeWild = depth > 0 || !isSystem
    // `#` also matches its parent level (§4.7.1.2).
    if (mayBeWild) push(node.children?.get('#'), found)
    if (depth === levels.length) {
      push(node, found)
      return
    }
    const exact = node.children?.get(levels[depth]!)
    if (exact) visit(exact, depth + 1)
    const single = mayBeWild ? node.children?.get('+') : undefined
    if (single) visit(single, depth + 1)
  }
  visit(root, 0)
}

function push<Owner>(node: Node<Owner> | undefined, found: Subscription<Owner>[]): void {
  if (node?.subscriptions) for (const subscription of node.subscriptions) found.push(subscription)
}

function group<Owner>(found: Subscription<Owner>[]): Matches<Owner> {
  const byOwner = new Map<Owner, Subscription<Owner>[]>()
  const groups = new Map<string, Subscription<Owner>[]>()
  for (const subscription of found) {
    if (subscription.group === undefined) append(byOwner, subscription.owner, subscription)
    else append(groups, subscription.filter, subscription)
  }
  return {
    recipients: [...byOwner.values()].map(recipientOf),
    groups: [...groups.values()].map((members) => ({ members, turn: 0 })),
  }
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

/** Joins the subscriptions of one session that match the same topic. The list must not be empty. */
export function recipientOf<Owner>(subscriptions: Subscription<Owner>[]): Recipient<Owner> {
  const identifiers = subscriptions.flatMap(({ identifier }) => (identifier === undefined ? [] : [identifier]))
  return {
    owner: subscriptions[0]!.owner,
    subscriptions,
    qos: subscriptions.reduce<QoS>((highest, { qos }) => (qos > highest ? qos : highest), 0),
    retainAsPublished: subscriptions.some((each) => each.retainAsPublished),
    identifiers: identifiers.length > 0 ? identifiers : undefined,
    hasNoLocal: subscriptions.some((each) => each.noLocal),
  }
}
