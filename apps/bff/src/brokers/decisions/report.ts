/**
 * Collects decisions between two reports to the main thread and counts equal ones together. The number of entries is
 * bounded for each client and for all of them, so that a flood costs neither memory nor writes.
 */
import type { Decision } from '@gatehouse/contract/brokers/broker'
import type { KeptDecision } from '@gatehouse/contract/brokers/decisions'

export type CountedDecision = Omit<KeptDecision, 'id'>

export interface DecisionReport {
  decisions: CountedDecision[]
  /** Decisions that are not in the list. */
  leftOut: number
}

/** Entries of one report. Admissions are counted apart: when a plant starts, they must not take the place of refusals. */
export const maxAdmitted = 500
export const maxOthers = 1_000
/** `2026-11-28T23` */
const hourLength = 13

/** Entries of one username at one address, which may try many topics and client ids. */
export const maxOfClient = 50

export class DecisionCounter {
  #entries = new Map<string, CountedDecision>()
  #ofClients = new Map<string, number>()
  #admitted = 0
  #leftOut = 0

  add(decision: Decision): void {
    const counted = toCounted(decision)
    const key = equalityKey(counted)
    const known = this.#entries.get(key)
    if (known) {
      known.count++
      known.lastAt = decision.at
    } else if (this.#hasRoomFor(counted)) {
      this.#entries.set(key, counted)
    } else {
      this.#leftOut++
    }
  }

  /** Since the last call. Null: there is nothing to report. */
  take(): DecisionReport | null {
    if (this.#entries.size === 0) return null
    const report = { decisions: [...this.#entries.values()], leftOut: this.#leftOut }
    this.#entries = new Map()
    this.#ofClients = new Map()
    this.#admitted = 0
    this.#leftOut = 0
    return report
  }

  #hasRoomFor({ outcome, address, username }: CountedDecision): boolean {
    const isAdmitted = outcome === 'admitted'
    const others = this.#entries.size - this.#admitted
    if (isAdmitted ? this.#admitted >= maxAdmitted : others >= maxOthers) return false
    const client = `${address} ${username}`
    const ofClient = this.#ofClients.get(client) ?? 0
    if (ofClient >= maxOfClient) return false
    this.#ofClients.set(client, ofClient + 1)
    if (isAdmitted) this.#admitted++
    return true
  }
}

/** Decisions with the same key are one entry: equal in everything, and begun in the same hour. */
export function equalityKey(decision: CountedDecision): string {
  const { outcome, reason, listener, address, topic, firstAt, certificate, admissionRule } = decision
  const { username, unknownUsernameLength, userId, clientId, method } = decision
  return JSON.stringify([
    firstAt.slice(0, hourLength),
    [outcome, reason, listener, address, topic, admissionRule],
    [username, unknownUsernameLength, userId, clientId, method],
    [certificate?.fingerprint, certificate?.authority, certificate?.revocation?.serialNumber],
  ])
}

function toCounted({ id: _id, at, holder: _holder, ...decision }: Decision): CountedDecision {
  return { ...decision, firstAt: at, lastAt: at, count: 1 }
}
