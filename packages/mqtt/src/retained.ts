/** Retained messages (§3.3.1.3), found by topic filter. */
import { Budget } from './budget.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import type { Journal } from './journal.ts'
import type { Share } from './limits.ts'
import { copyToOwn, isExpired, type Message, weigh } from './message.ts'
import { bodyOf, messageFields } from './outgoing.ts'
import { countLevels } from './packets/text.ts'
import { prune } from './prune.ts'

interface Node {
  children: Map<string, Node> | undefined
  message: Message | undefined
  /** When the message came; milliseconds since 1970, 0 means unknown. */
  at: number
  /** Deletes the message when it expires. */
  expiry: Deadline | undefined
}

interface RetainedOptions {
  share: Share
  now: () => number
  deadlines: Deadlines
  journal: Journal
  /** Called when a message was deleted or has expired. */
  ended(topic: string): void
}

/** The first levels of topics are shared by many messages. Each further one costs so many bytes in the tree, estimated. */
const sharedLevels = 3
const levelBytes = 200

function weighRetained(message: Message): number {
  return weigh(message) + levelBytes * Math.max(0, countLevels(message.topic) - sharedLevels)
}

export class RetainedMessages {
  readonly #root = emptyNode()
  readonly #budget: Budget
  readonly #now: () => number
  readonly #deadlines: Deadlines
  readonly #journal: Journal
  readonly #ended: (topic: string) => void

  constructor({ share, now, deadlines, journal, ended }: RetainedOptions) {
    this.#budget = new Budget(share)
    this.#now = now
    this.#deadlines = deadlines
    this.#journal = journal
    this.#ended = ended
  }

  get used(): { count: number; bytes: number } {
    return { ...this.#budget.total }
  }

  get(topic: string): Message | undefined {
    const message = this.#find(topic)?.message
    return message && !isExpired(message, this.#now()) ? message : undefined
  }

  /** When the message of a topic came. Milliseconds since 1970; 0: unknown, or there is none. */
  arrivedAt(topic: string): number {
    return this.#find(topic)?.at ?? 0
  }

  /**
   * Keeps a copy of the message. It takes the place of the one on the same topic.
   * @returns false if its user or all users together keep too much. Then the message on the topic stays as it is.
   */
  set(message: Message): boolean {
    const node = this.#reach(message.topic)
    const old = node.message
    if (old) this.#budget.give(old.user, weighRetained(old))
    if (this.#budget.take(message.user, weighRetained(message))) {
      const at = this.#now()
      this.#put(node, copyToOwn(message), at)
      this.#journal.put('retained', message.topic, {
        toRecord: () => ({ fields: JSON.stringify({ ...messageFields(message), at }), body: bodyOf(message) }),
      })
      return true
    }
    if (old) this.#budget.takeAnyway(old.user, weighRetained(old))
    else this.#prune(message.topic)
    return false
  }

  /** Puts back a stored message at the start. */
  restore(message: Message, at: number): void {
    this.#budget.takeAnyway(message.user, weighRetained(message))
    this.#put(this.#reach(message.topic), message, at)
  }

  /** @returns true if there was a message. */
  delete(topic: string): boolean {
    const node = this.#find(topic)
    if (!node?.message) return false
    this.#budget.give(node.message.user, weighRetained(node.message))
    node.message = undefined
    this.#deadlines.clear(node.expiry)
    this.#prune(topic)
    this.#journal.delete('retained', topic)
    this.#ended(topic)
    return true
  }

  /**
   * Walks over the messages that match a filter. It yields undefined for a node without one, so that the caller can stop for a
   * while after any node; the store may change meanwhile. It keeps one iterator per level and no list of messages.
   */
  *matching(filter: string): Generator<Message | undefined, void> {
    const levels = filter.split('/')
    const path = [childrenToVisit(this.#root, { levels, depth: 0, isRoot: true })]
    for (let last = path.at(-1); last; last = path.at(-1)) {
      const next = last.next()
      if (next.done) {
        path.pop()
        continue
      }
      const [node, depth] = next.value
      const isMatch = depth === levels.length || levels[depth] === '#'
      yield isMatch && node.message && !isExpired(node.message, this.#now()) ? node.message : undefined
      path.push(childrenToVisit(node, { levels, depth, isRoot: false }))
    }
  }

  #put(node: Node, message: Message, at: number): void {
    this.#deadlines.clear(node.expiry)
    node.message = message
    node.at = at
    node.expiry =
      message.expiresAt === 0
        ? undefined
        : this.#deadlines.set(message.expiresAt, () => {
            this.delete(message.topic)
          })
  }

  #find(topic: string): Node | undefined {
    let node: Node | undefined = this.#root
    for (const level of topic.split('/')) node = node?.children?.get(level)
    return node
  }

  #reach(topic: string): Node {
    let node = this.#root
    for (const level of topic.split('/')) {
      const children = (node.children ??= new Map())
      let child = children.get(level)
      if (!child) children.set(level, (child = emptyNode()))
      node = child
    }
    return node
  }

  #prune(topic: string): void {
    const branch: [Node, string][] = []
    let node = this.#root
    for (const level of topic.split('/')) {
      const child = node.children?.get(level)
      if (!child) return
      branch.push([node, level])
      node = child
    }
    prune(branch, ({ message }) => message !== undefined)
  }
}

function emptyNode(): Node {
  return { children: undefined, message: undefined, at: 0, expiry: undefined }
}

/** The children that can lead to a match, each with its depth in the filter. `#` stays at its depth. */
function* childrenToVisit(
  { children }: Node,
  { levels, depth, isRoot }: { levels: string[]; depth: number; isRoot: boolean },
): Generator<[Node, number], void> {
  const level = levels[depth]
  if (level === undefined || !children) return
  if (level !== '#' && level !== '+') {
    const child = children.get(level)
    if (child) yield [child, depth + 1]
    return
  }
  for (const [name, child] of children) {
    // Wildcards at the first level do not match topics that begin with $ [MQTT-4.7.2-1].
    if (isRoot && name.startsWith('$')) continue
    yield [child, level === '#' ? depth : depth + 1]
  }
}
