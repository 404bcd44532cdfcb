/** Collects statistics between two messages to the main thread: a message and a transaction for each CONNECT would be too many. */
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type { NewDecision } from '../decisions/recent.ts'
import type { Connection } from './connection.ts'
import type { BrokerStats, Seen } from './port.ts'

type Count = BrokerStats['decisions'][number]

/** More are left out. A client that connects again later is recorded then. */
const maxCertificates = 10_000
const maxCertificateBytes = 32 * 1024 * 1024

export class StatsBuffer {
  #certificates = new Map<string, SeenCertificate>()
  #certificateBytes = 0
  #seen = new Map<string, string>()
  #counts = new Map<string, Count>()
  #drops = new Map<string, number>()
  #mostConnections = 0

  signedIn({ userId, username, credentials, certificate, issuerKey }: Connection, moment: Date): void {
    const at = moment.toISOString()
    this.#seen.set(userId, at)
    if (!certificate?.authority || issuerKey === null || this.#certificates.size >= maxCertificates) return
    const { fingerprint, authority } = certificate
    const { presented } = credentials
    const known = this.#certificates.get(fingerprint)
    const bytes = this.#certificateBytes + bytesOf(presented) - bytesOf(known?.presented ?? [])
    if (bytes > maxCertificateBytes) return
    this.#certificateBytes = bytes
    this.#certificates.set(fingerprint, { fingerprint, issuerKey, authority, userId, username, at, presented })
  }

  countDecision({ outcome, reason }: Pick<NewDecision, 'outcome' | 'reason'>): void {
    const key = `${outcome} ${reason}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { outcome, reason, count: 1 })
  }

  /** A message that was not delivered. */
  countDrop(reason: string): void {
    this.#drops.set(reason, (this.#drops.get(reason) ?? 0) + 1)
  }

  countConnections(connections: number): void {
    this.#mostConnections = Math.max(this.#mostConnections, connections)
  }

  /** When each user last signed in, since the last call. */
  takeSeen(): Seen[] {
    const seen = [...this.#seen].map(([userId, at]) => ({ userId, at }))
    this.#seen = new Map()
    return seen
  }

  takeCertificates(): SeenCertificate[] {
    const seen = [...this.#certificates.values()]
    this.#certificates = new Map()
    this.#certificateBytes = 0
    return seen
  }

  /** Since the last call. Null: there is nothing to report. */
  takeStats(connections: number): BrokerStats | null {
    const decisions = [...this.#counts.values()]
    const mostConnections = Math.max(this.#mostConnections, connections)
    this.#counts = new Map()
    this.#mostConnections = connections
    const drops = [...this.#drops].map(([reason, count]) => ({ reason, count }))
    this.#drops = new Map()
    const isNothing = decisions.length + drops.length + mostConnections === 0
    return isNothing ? null : { decisions, drops, mostConnections }
  }
}

function bytesOf(chain: readonly Uint8Array[]): number {
  return chain.reduce((sum, der) => sum + der.length, 0)
}
