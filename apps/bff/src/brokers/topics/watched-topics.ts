/**
 * What the live views show of each topic: counters, and the beginning of the last payload. The engine calls it for every message,
 * so a message of a topic that is known costs one lookup and some counters, however many views there are. Its payload is copied
 * when a view is asked for its changes: of all messages in between, only the last one. Everything is bounded by count and bytes.
 */
import { keptPayloadBytes } from '@gatehouse/contract/brokers/topics'
import type { MessageWatcher, WatchedMessage } from '@gatehouse/mqtt/events'
import type { QoS } from '@gatehouse/mqtt/packets/packets'

export interface TopicState {
  readonly topic: string
  messages: number
  /** Of the last payload. */
  bytes: number
  /** The last payload, until `settle` has copied it: a part of the socket's buffer. */
  latest: Buffer | undefined
  /** The beginning of the last payload, in the first `kept` bytes. */
  sample: Buffer
  kept: number
  qos: QoS
  isRetained: boolean
  /** Milliseconds since 1970; 0 for a retained message that is older. */
  at: number
  /** Rises with each change. */
  version: number
  /** How many views show it. */
  views: number
}

/** Who wants to see a topic. It decides when the topic is seen first. */
export interface Viewer {
  /** Adds the topic if the viewer wants it and has room. */
  offer(state: TopicState): boolean
  /** No further topic has room. */
  readonly isFull: boolean
}

/** The fixed cost of a topic in memory, estimated. */
const overheadBytes = 400
const mostBytes = 32 * 1_048_576
const mostIgnored = 100_000
const mostIgnoredBytes = 8 * 1_048_576
/** What is kept of a payload when the memory is used up. */
const leastKept = 128
/** The most payloads that wait for their copy. Each of them pins a socket's buffer of 64 KiB. */
const mostUncopied = 256

export class WatchedTopics implements MessageWatcher {
  readonly #states = new Map<string, TopicState>()
  /** Topics that no view wants, so that their messages are not compared with the filters again. */
  readonly #ignored = new Set<string>()
  #ignoredBytes = 0
  readonly #viewers = new Set<Viewer>()
  #bytes = 0
  /** Those with a payload that is not copied yet. */
  readonly #uncopied: TopicState[] = []

  get used(): { topics: number; bytes: number; ignored: number } {
    return { topics: this.#states.size, bytes: this.#bytes, ignored: this.#ignored.size }
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer)
    this.#forgetIgnored()
    for (const state of this.#states.values()) if (viewer.offer(state)) state.views++
  }

  /** @param states the topics that the viewer has accepted. */
  remove(viewer: Viewer, states: Iterable<TopicState>): void {
    this.#viewers.delete(viewer)
    this.settle()
    for (const state of states) {
      state.views--
      if (state.views > 0) continue
      this.#states.delete(state.topic)
      this.#bytes -= weigh(state)
    }
    this.#forgetIgnored()
  }

  find(topic: string): TopicState | undefined {
    this.settle()
    return this.#states.get(topic)
  }

  published(message: WatchedMessage, now: number): void {
    const state = this.#states.get(message.topic) ?? this.#see(message.topic)
    if (!state) return
    const { payload, qos } = message
    state.messages++
    state.at = now
    state.bytes = payload.length
    state.qos = qos
    state.version++
    if (message.retain) state.isRetained = payload.length > 0
    if (state.latest === undefined) this.#uncopied.push(state)
    state.latest = payload
    // The memory that a large one pins has no other bound.
    if (payload.length > keptPayloadBytes || this.#uncopied.length >= mostUncopied) this.settle()
  }

  /** Copies the payloads that are not copied yet. */
  settle(): void {
    for (const state of this.#uncopied) {
      if (state.latest) this.#copy(state, state.latest)
      state.latest = undefined
    }
    this.#uncopied.length = 0
  }

  /** A retained message that is older than the view. */
  retained(message: WatchedMessage): void {
    if (this.#states.has(message.topic)) return
    const state = this.#see(message.topic)
    if (!state) return
    state.bytes = message.payload.length
    state.qos = message.qos
    state.isRetained = true
    this.#copy(state, message.payload)
  }

  retainedEnded(topic: string): void {
    const state = this.#states.get(topic)
    if (!state?.isRetained) return
    state.isRetained = false
    state.version++
  }

  #see(topic: string): TopicState | undefined {
    if (this.#ignored.has(topic)) return undefined
    const state: TopicState = {
      topic,
      messages: 0,
      bytes: 0,
      latest: undefined,
      sample: nothing,
      kept: 0,
      qos: 0,
      isRetained: false,
      at: 0,
      version: 0,
      views: 0,
    }
    const weight = weigh(state)
    if (this.#bytes + weight <= mostBytes) {
      for (const viewer of this.#viewers) if (!viewer.isFull && viewer.offer(state)) state.views++
    }
    if (state.views === 0) {
      this.#ignore(topic)
      return undefined
    }
    this.#states.set(topic, state)
    this.#bytes += weight
    return state
  }

  #copy(state: TopicState, payload: Buffer): void {
    const wanted = Math.min(payload.length, keptPayloadBytes)
    if (wanted > state.sample.length) this.#grow(state, wanted)
    state.kept = Math.min(wanted, state.sample.length)
    payload.copy(state.sample, 0, 0, state.kept)
  }

  #grow(state: TopicState, wanted: number): void {
    const size = this.#sizeFor(wanted - state.sample.length) + state.sample.length
    if (size === state.sample.length) return
    this.#bytes += size - state.sample.length
    // Memory of its own: a slice of a pool would keep the whole pool.
    state.sample = Buffer.allocUnsafeSlow(size)
  }

  /** How many of these bytes there is room for. Half of the memory is left for topics. */
  #sizeFor(bytes: number): number {
    if (this.#bytes + bytes <= mostBytes / 2) return bytes
    return this.#bytes + leastKept <= mostBytes ? Math.min(bytes, leastKept) : 0
  }

  #ignore(topic: string): void {
    const weight = overheadBytes / 4 + topic.length * 2
    if (this.#ignored.size >= mostIgnored || this.#ignoredBytes + weight > mostIgnoredBytes) this.#forgetIgnored()
    this.#ignored.add(topic)
    this.#ignoredBytes += weight
  }

  #forgetIgnored(): void {
    this.#ignored.clear()
    this.#ignoredBytes = 0
  }
}

const nothing = Buffer.alloc(0)

function weigh({ topic, sample }: TopicState): number {
  return overheadBytes + topic.length * 2 + sample.length
}
