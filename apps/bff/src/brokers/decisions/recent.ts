/** The last admissions and refusals, in memory. They show an administrator why a device is refused. */
import type { Decision } from '@gatehouse/contract/brokers/broker'
import { maxKeptText } from '@gatehouse/contract/brokers/decisions'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { DecisionSearch } from '../embedded/port.ts'
import { DecisionCounter, type DecisionReport } from './report.ts'

export const maxDecisions = 1_000
/** At most this many decisions are kept that strangers can cause without a certificate and without an MQTT packet. */
export const maxHandshakeFailures = 50

export type NewDecision = Pick<Decision, 'outcome' | 'reason' | 'listener' | 'address'> &
  Partial<Omit<Decision, 'id' | 'at'>>

export interface Decisions {
  record(decision: NewDecision): void
  list(search: DecisionSearch): Decision[]
  /** Are all decisions since then still in memory? */
  reachesBackTo(since: string): boolean
  /** What is to be kept for days, since the last call. Null: nothing. */
  takeReport(): DecisionReport | null
}

export function makeDecisions(clock: Clock, counter?: { countDecision(decision: NewDecision): void }): Decisions {
  let ring: Decision[] = []
  const toKeep = new DecisionCounter()
  // In microseconds of the clock, so that ids go on rising after a restart.
  let nextId = clock.now().getTime() * 1_000
  return {
    record: (decision) => {
      if (isNoise(decision)) ring = withoutOldNoise(ring, decision)
      if (ring.length >= maxDecisions) ring.shift()
      const recorded = clipTexts({ ...unknownClient, ...decision, id: nextId++, at: timestamp(clock) })
      ring.push(recorded)
      toKeep.add(recorded)
      counter?.countDecision(decision)
    },
    list: ({ after = 0, outcome, listener, search = '', since = '' }) => {
      const wanted = search.toLowerCase()
      return ring
        .filter((each) => each.id > after && each.at >= since)
        .filter((each) => outcome === undefined || each.outcome === outcome)
        .filter((each) => listener === undefined || each.listener === listener)
        .filter((each) => wanted === '' || textOf(each).includes(wanted))
        .toReversed()
    },
    reachesBackTo: (since) => ring.length < maxDecisions || (ring[0]?.at ?? since) < since,
    takeReport: () => toKeep.take(),
  }
}

const unknownClient = {
  username: null,
  unknownUsernameLength: null,
  userId: null,
  clientId: null,
  method: null,
  certificate: null,
  topic: null,
  admissionRule: null,
  holder: null,
}

/** A client may choose a topic of 64 KiB, and a stranger a certificate with a subject as long. */
function clipTexts(decision: Decision): Decision {
  const { username, clientId, topic, certificate } = decision
  return {
    ...decision,
    username: clipped(username),
    clientId: clipped(clientId),
    topic: clipped(topic),
    certificate: certificate && { ...certificate, subject: clipped(certificate.subject) },
  }
}

/** PostgreSQL stores no NUL, and no half of a surrogate pair. */
function clipped<T extends string | null>(text: T): T | string {
  if (text === null) return text
  const short = text.length > maxKeptText ? `${text.slice(0, maxKeptText - 1)}…` : text
  return short.toWellFormed().replaceAll('\0', '\uFFFD')
}

const beforeMqtt: readonly NonNullable<Decision['reason']>[] = [
  'handshake_failed',
  'too_many_connections',
  'proxy_not_named',
  'proxy_header_missing',
  'proxy_header_malformed',
  'websocket_handshake',
  'websocket_path',
  'websocket_subprotocol',
  'websocket_origin',
  'websocket_frame',
]

function isNoise({ outcome, reason }: Pick<Decision, 'outcome' | 'reason'>): boolean {
  // Refused with it: before CONNECT.
  if (outcome === 'refused' && reason === 'protocol_error') return true
  return reason !== null && beforeMqtt.includes(reason)
}

// A port scan, or a client that retries every second, is one decision that moves up. It must not evict the others.
function withoutOldNoise(ring: Decision[], { reason, address }: NewDecision): Decision[] {
  const others = ring.filter((each) => each.reason !== reason || each.address !== address || !isNoise(each))
  const noise = others.filter(isNoise)
  const oldest = noise.length >= maxHandshakeFailures ? noise[0] : undefined
  return others.filter((each) => each !== oldest)
}

function textOf({ username, clientId, address, reason, topic, certificate }: Decision): string {
  return [username, clientId, address, reason, topic, certificate?.subject, certificate?.fingerprint]
    .filter((text) => text !== null && text !== undefined)
    .join('\n')
    .toLowerCase()
}
