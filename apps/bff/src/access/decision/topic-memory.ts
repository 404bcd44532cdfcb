/**
 * Remembers which topics were allowed for one connection. Clients choose the topics, so there is a bound in bytes for all connections
 * together: a user may have 10,000 connections.
 */

const rememberedTopics = 256
const rememberedLength = 256
/** The cost of an entry besides its text, estimated. */
const entryBytes = 64
export const mostBytesInAll = 64 * 1_048_576

/** Those that remember something, also of connections that have ended since. */
const memories = new Set<TopicMemory>()
let bytesInAll = 0

export class TopicMemory {
  /** Undefined while nothing is remembered: many connections are idle. */
  #known: Map<string, boolean> | undefined
  #bytes = 0

  get(topic: string): boolean | undefined {
    return this.#known?.get(topic)
  }

  set(topic: string, isAllowed: boolean): void {
    if (topic.length > rememberedLength) return
    const bytes = entryBytes + topic.length
    if (this.#known && this.#known.size >= rememberedTopics) this.clear()
    if (bytesInAll + bytes > mostBytesInAll) for (const memory of memories) memory.clear()
    this.#known ??= new Map()
    this.#known.set(topic, isAllowed)
    this.#bytes += bytes
    bytesInAll += bytes
    memories.add(this)
  }

  clear(): void {
    this.#known = undefined
    memories.delete(this)
    bytesInAll -= this.#bytes
    this.#bytes = 0
  }
}
