/** The topics of one view, in the main thread: what the broker answered last, and what each reader has not seen of it. */
import type { WatchedTopic } from '@gatehouse/contract/brokers/topics'
import { previewOf } from './preview.ts'
import { figuresPerTopic, type TopicChanges } from './topic-changes.ts'

/** One event has at most so much, estimated. The rest comes with the next. */
const eventBytes = 32_768

/** Room for the names of topics in all views together. Clients choose them, and one may have 64 KiB. */
export class NameRoom {
  #left: number

  constructor(bytes = 64 * 1_048_576) {
    this.#left = bytes
  }

  /** Takes room for a name, or returns false. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  give(bytes: number): void {
    this.#left += bytes
  }
}

interface Shown {
  /** The same object for all readers. */
  topic: WatchedTopic
  /** Rises with each change. */
  version: number
}

export class ShownTopics {
  /** By the number of the broker. Undefined: there was no room for it. */
  readonly topics: (Shown | undefined)[] = []
  isMore = false
  readonly #room: NameRoom
  #bytes = 0
  #isFull = false

  constructor(room: NameRoom) {
    this.#room = room
  }

  /** Takes an answer of the broker. */
  apply({ added, figures, samples, isMore }: TopicChanges): void {
    for (const topic of added) this.topics.push(this.#add(topic))
    this.isMore = isMore || this.#isFull
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)
    let used = 0
    for (let start = 0; start < figures.length; start += figuresPerTopic) {
      const [number = 0, messages = 0, size = 0, retained, at = 0, kept = 0] = figures.subarray(start)
      const preview = previewOf(bytes.subarray(used, used + kept), size)
      used += kept
      const shown = this.topics[number]
      if (!shown) continue
      const time = at === 0 ? null : new Date(at).toISOString()
      shown.topic = { topic: shown.topic.topic, messages, bytes: size, retained: retained === 1, preview, at: time }
      shown.version++
    }
  }

  /** Nobody reads it any more. */
  forget(): void {
    this.#room.give(this.#bytes)
    this.#bytes = 0
    this.topics.length = 0
  }

  #add(topic: string): Shown | undefined {
    const bytes = topic.length * 2
    if (!this.#room.take(bytes)) {
      this.#isFull = true
      return undefined
    }
    this.#bytes += bytes
    return { topic: notSeen(topic), version: 0 }
  }
}

function notSeen(topic: string): WatchedTopic {
  return { topic, messages: 0, bytes: 0, retained: false, preview: null, at: null }
}

/** What one reader has seen. */
export class Reading {
  readonly #shown: ShownTopics
  readonly #seen: number[] = []
  #next = 0

  constructor(shown: ShownTopics) {
    this.#shown = shown
  }

  /** The topics that have changed since the reader saw them, in turn, so that none waits for ever. */
  take(): WatchedTopic[] {
    const { topics } = this.#shown
    const taken: WatchedTopic[] = []
    let bytes = 0
    for (let looked = 0; looked < topics.length && bytes < eventBytes; looked++) {
      const at = this.#next++ % topics.length
      const { topic, version } = topics[at] ?? {}
      // Version 0: named, without figures yet.
      if (!topic || version === undefined || (this.#seen[at] ?? 0) === version) continue
      this.#seen[at] = version
      taken.push(topic)
      bytes += 150 + topic.topic.length + (topic.preview?.length ?? 0)
    }
    this.#next %= Math.max(1, topics.length)
    return taken
  }
}
