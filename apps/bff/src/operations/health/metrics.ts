/** Figures for Prometheus: counters since the process started, and gauges of the moment. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Served } from '../../platform/http/handle.ts'

/** The state of the broker's thread. Null: it does not answer. */
export interface BrokerState {
  connections: number
  edgeConnections: number
  sessions: number
  retained: number
  retainedBytes: number
  authorities: number
  /** The 99th percentile of the event loop's delay. */
  loopDelaySeconds: number
}

export interface MetricsText {
  mediaType: string
  text: string
}

export interface Metrics {
  served(call: Served): void
  decided(decisions: readonly { outcome: string; reason: string | null; count: number }[]): void
  /** Messages that the broker did not deliver. */
  dropped(drops: readonly { reason: string; count: number }[]): void
  /** The figures in the Prometheus text format. `askBroker` is called each time, because the broker starts after the metrics. */
  write(askBroker: () => Promise<BrokerState | null>): Promise<MetricsText>
}

const signIns = new Set(['session.signIn', 'session.secondFactor', 'session.login'])

interface Asked {
  /** The earliest end of each kind of certificate. */
  findEarliestEnds(): Promise<ReadonlyMap<string, Date>>
}

export function makeMetrics({ findEarliestEnds }: Asked): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // CPU, memory, and the delay of this thread's event loop.
  collectDefaultMetrics({ register: registry })
  const calls = new Histogram({
    name: 'gatehouse_http_request_duration_seconds',
    help: 'Calls of the API, by route and by how they ended: ok, or the code of the problem',
    labelNames: ['route', 'outcome'],
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5],
    registers,
  })
  const attempts = new Counter({
    name: 'gatehouse_sign_ins_total',
    help: 'Sign-ins to the console and the API: admitted, code_due, or why they were refused',
    labelNames: ['outcome'],
    registers,
  })
  const decisions = new Counter({
    name: 'gatehouse_mqtt_decisions_total',
    help: 'What the broker decided, told every five seconds',
    labelNames: ['outcome', 'reason'],
    registers,
  })
  const drops = new Counter({
    name: 'gatehouse_mqtt_dropped_messages_total',
    help: 'Messages that the broker did not deliver to a client, told every five seconds',
    labelNames: ['reason'],
    registers,
  })
  const ends = new Gauge({
    name: 'gatehouse_certificate_expiry_timestamp_seconds',
    help: 'The earliest end of each kind: trusted authorities, client certificates issued here or seen, the server; in Unix time',
    labelNames: ['kind'],
    registers,
  })
  const broker = makeBrokerGauges(registers)
  // Looks each pair of labels up once.
  const pairs = new Map<string, ReturnType<typeof calls.labels>>()
  const callsOf = (route: string, outcome: string) => {
    const key = `${route} ${outcome}`
    const pair = pairs.get(key) ?? calls.labels({ route, outcome })
    pairs.set(key, pair)
    return pair
  }
  return {
    served: ({ route, outcome, answer, seconds }) => {
      callsOf(route.id, outcome).observe(seconds)
      if (signIns.has(route.id)) attempts.inc({ outcome: outcome === 'ok' ? admission(answer) : outcome })
    },
    decided: (told) => {
      for (const { outcome, reason, count } of told) decisions.inc({ outcome, reason: reason ?? '' }, count)
    },
    dropped: (told) => {
      for (const { reason, count } of told) drops.inc({ reason }, count)
    },
    write: async (askBroker) => {
      const [state, earliest] = await Promise.all([
        askBroker(),
        // The other figures matter most while the database is down.
        findEarliestEnds().catch(() => new Map<string, Date>()),
      ])
      broker.set(state)
      // A kind without certificates has no figure.
      ends.reset()
      for (const [kind, at] of earliest) ends.set({ kind }, at.getTime() / 1_000)
      return { mediaType: registry.contentType, text: await registry.metrics() }
    },
  }
}

/** The right password of a user with a second factor is not yet a sign-in. */
function admission(answer: unknown): string {
  const isHalf = typeof answer === 'object' && answer !== null && 'stage' in answer && answer.stage === 'mfa-required'
  return isHalf ? 'code_due' : 'admitted'
}

function makeBrokerGauges(registers: Registry[]) {
  const gauge = (name: string, help: string) => new Gauge({ name: `gatehouse_${name}`, help, registers })
  const up = gauge('mqtt_up', 'Does the broker answer? 1 or 0')
  const connections = gauge('mqtt_connections', 'Live connections')
  const edgeConnections = gauge('edge_connections', 'Live connections of devices to the HTTP edge')
  const sessions = gauge('mqtt_sessions', 'Sessions, connected or stored')
  const retained = gauge('mqtt_retained_messages', 'Retained messages')
  const retainedBytes = gauge(
    'mqtt_retained_bytes',
    'What the retained messages take up, as it is counted against the bound',
  )
  const authorities = gauge('trust_store_authorities', 'Authorities in the trust store')
  const delay = gauge(
    'mqtt_eventloop_lag_p99_seconds',
    'Delay of the event loop of the broker, the worst of the last minute',
  )
  return {
    set: (state: BrokerState | null): void => {
      up.set(state ? 1 : 0)
      // Not zero, because zero would be a value.
      connections.set(state?.connections ?? Number.NaN)
      edgeConnections.set(state?.edgeConnections ?? Number.NaN)
      sessions.set(state?.sessions ?? Number.NaN)
      retained.set(state?.retained ?? Number.NaN)
      retainedBytes.set(state?.retainedBytes ?? Number.NaN)
      authorities.set(state?.authorities ?? Number.NaN)
      delay.set(state?.loopDelaySeconds ?? Number.NaN)
    },
  }
}
