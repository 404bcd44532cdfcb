import { setImmediate } from 'node:timers/promises'
import { matches } from '@gatehouse/contract/access/topic'
import type { PublishPacket } from 'aedes'

const maxMessages = 100_000
const maxTotalBytes = 64 * 1024 * 1024
const comparedAtOnce = 1_000

/** The last message of each topic that was published with the retain flag. In memory and bounded: above the bound new topics are not kept. */
export class Retained {
  readonly #messages = new Map<string, PublishPacket>()
  #bytes = 0

  store(packet: PublishPacket): void {
    const before = this.#messages.get(packet.topic)
    if (before) this.#bytes -= sizeOf(before)
    this.#messages.delete(packet.topic)
    // [MQTT-3.3.1-10]: an empty message deletes the retained one.
    if (packet.payload.length === 0) return
    const size = sizeOf(packet)
    if (this.#messages.size >= maxMessages || this.#bytes + size > maxTotalBytes) return
    this.#messages.set(packet.topic, { ...packet })
    this.#bytes += size
  }

  async *matching(filters: readonly string[]): AsyncGenerator<PublishPacket> {
    for (const filter of filters) {
      if (/[+#]/.test(filter)) yield* this.#search(filter)
      else yield* [this.#messages.get(filter)].filter((packet) => packet !== undefined)
    }
  }

  async *#search(filter: string): AsyncGenerator<PublishPacket> {
    let compared = 0
    for (const packet of this.#messages.values()) {
      if (matches(filter, packet.topic)) yield packet
      if (++compared % comparedAtOnce === 0) await setImmediate()
    }
  }
}

function sizeOf({ topic, payload }: PublishPacket): number {
  return topic.length + payload.length
}
