/**
 * The topics below `$SYS/broker`, with the names and units of Mosquitto (mosquitto(8), "Broker status"), so that tools that watch
 * Mosquitto can watch this engine. They are retained messages of QoS 0 that are not stored. Filters that begin with a wildcard do not
 * match them [MQTT-4.7.2-1]. The policy decides who may read them, and must let no client publish there.
 */
import { getHeapStatistics } from 'node:v8'
import type { Core } from './core.ts'
import type { Message } from './message.ts'
import { deliver } from './routing.ts'
import { addTraffic, type Traffic } from './traffic.ts'

export interface SystemTopicOptions {
  /** The payload of `$SYS/broker/version`. */
  version: string
  intervalMs: number
}

interface Reader {
  /** What ended and live connections have carried. */
  traffic(): Traffic
}

const minuteMs = 60_000
const windows = [1, 5, 15] as const

export class SystemTopics {
  readonly #core: Core
  readonly #options: SystemTopicOptions
  readonly #reader: Reader
  readonly #startedAt: number
  /** What each topic was published with. An unchanged figure is not published again. */
  readonly #published = new Map<string, string>()
  readonly #loads = new Map<string, Load>()
  #nextAt: number
  #largestHeap = 0

  constructor(core: Core, options: SystemTopicOptions, reader: Reader) {
    this.#core = core
    this.#options = options
    this.#reader = reader
    this.#startedAt = core.now()
    this.#nextAt = this.#startedAt
  }

  /** Publishes what has changed, if the interval is over. */
  check(now: number): void {
    // A clock that was set back must not stop them.
    if (now < this.#nextAt && this.#nextAt - now <= this.#options.intervalMs) return
    this.#nextAt = now + this.#options.intervalMs
    for (const [name, value] of this.#figures(now)) this.#publish(name, String(value))
  }

  *#figures(now: number): Generator<[name: string, value: string | number], void> {
    const traffic = this.#reader.traffic()
    yield ['version', this.#options.version]
    yield ['uptime', `${Math.round((now - this.#startedAt) / 1000)} seconds`]
    yield* this.#clients()
    yield* this.#stored()
    yield ['bytes/received', traffic.bytesReceived]
    yield ['bytes/sent', traffic.bytesSent]
    yield ['messages/received', traffic.packetsReceived]
    yield ['messages/sent', traffic.packetsSent]
    yield ['publish/messages/received', traffic.messagesReceived]
    yield ['publish/messages/sent', traffic.messagesSent]
    yield ['publish/messages/dropped', this.#core.counts.dropped]
    yield* this.#averages(traffic, now)
  }

  *#clients(): Generator<[name: string, value: number], void> {
    const { sessions, budgets, counts } = this.#core
    const connected = budgets.connections.total.count
    const disconnected = sessions.size - connected
    yield ['clients/connected', connected]
    yield ['clients/disconnected', disconnected]
    yield ['clients/total', sessions.size]
    yield ['clients/maximum', counts.mostConnected]
    yield ['clients/expired', counts.expiredSessions]
    // The old names, which some dashboards read.
    yield ['clients/active', connected]
    yield ['clients/inactive', disconnected]
  }

  *#stored(): Generator<[name: string, value: number], void> {
    const { retained, budgets, sessions } = this.#core
    const { total: queued } = budgets.queued
    const stored = retained.used.count + queued.count
    const heap = getHeapStatistics().used_heap_size
    this.#largestHeap = Math.max(this.#largestHeap, heap)
    let inFlight = 0
    for (const { outbox } of sessions.values()) inFlight += outbox.inFlightCount
    yield ['retained messages/count', retained.used.count]
    yield ['subscriptions/count', budgets.subscriptions.total.count]
    yield ['messages/inflight', inFlight]
    yield ['messages/stored', stored]
    yield ['store/messages/count', stored]
    yield ['store/messages/bytes', retained.used.bytes + queued.bytes]
    yield ['heap/current size', heap]
    yield ['heap/maximum size', this.#largestHeap]
  }

  *#averages(traffic: Traffic, now: number): Generator<[name: string, value: string], void> {
    const { dropped, connects, sockets } = this.#core.counts
    yield* this.#load('messages/received', traffic.packetsReceived, now)
    yield* this.#load('messages/sent', traffic.packetsSent, now)
    yield* this.#load('publish/received', traffic.messagesReceived, now)
    yield* this.#load('publish/sent', traffic.messagesSent, now)
    yield* this.#load('publish/dropped', dropped, now)
    yield* this.#load('bytes/received', traffic.bytesReceived, now)
    yield* this.#load('bytes/sent', traffic.bytesSent, now)
    yield* this.#load('connections', connects, now)
    yield* this.#load('sockets', sockets, now)
  }

  *#load(name: string, total: number, now: number): Generator<[name: string, value: string], void> {
    const before = this.#loads.get(name) ?? { total: 0, at: this.#startedAt, perMinute: [0, 0, 0] }
    const load = nextLoad(before, total, now)
    this.#loads.set(name, load)
    for (const [at, minutes] of windows.entries()) yield [`load/${name}/${minutes}min`, load.perMinute[at]!.toFixed(2)]
  }

  #publish(name: string, value: string): void {
    if (this.#published.get(name) === value) return
    this.#published.set(name, value)
    const topic = `$SYS/broker/${name}`
    const payload = Buffer.from(value)
    const message: Message = {
      topic,
      payload,
      qos: 0,
      retain: true,
      forwarded: undefined,
      expiresAt: 0,
      user: '',
      memory: 'borrowed',
    }
    this.#core.systemRetained.set(message)
    deliver(this.#core, message)
  }
}

interface Load {
  total: number
  at: number
  /** Moving averages over 1, 5 and 15 minutes. */
  perMinute: readonly number[]
}

/** An exponential moving average of the number per minute, as Mosquitto computes it. */
function nextLoad(before: Load, total: number, now: number): Load {
  const elapsedMs = now - before.at
  if (elapsedMs <= 0) return before
  const current = ((total - before.total) * minuteMs) / elapsedMs
  const perMinute = windows.map((minutes, at) => {
    const weight = Math.exp(-elapsedMs / (minutes * minuteMs))
    return current + weight * (before.perMinute[at]! - current)
  })
  return { total, at: now, perMinute }
}

/** The sum of what ended and live connections have carried. */
export function sumTraffic(ended: Readonly<Traffic>, live: Iterable<{ traffic: Readonly<Traffic> }>): Traffic {
  const sum = { ...ended }
  for (const { traffic } of live) addTraffic(sum, traffic)
  return sum
}
