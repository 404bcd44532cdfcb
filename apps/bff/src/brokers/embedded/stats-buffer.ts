/** Gathers between two messages to the console's thread what it is told: a message, and a transaction, for each CONNECT would be too many. */
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type { NewDecision } from '../decisions/recent.ts'
import type { Seen, Told } from './port.ts'

type Count = Told['decisions'][number]

/** More are not told at once: whoever comes again is told then. */
const maxCertificates = 10_000

export class Tally {
  #certificates = new Map<string, SeenCertificate>()
  #seen = new Map<string, string>()
  #counts = new Map<string, Count>()
  #mostConnections = 0

  /** The user signed in. */
  see(userId: string, at: string): void {
    this.#seen.set(userId, at)
  }

  seeCertificate(seen: SeenCertificate): void {
    if (this.#certificates.size < maxCertificates) this.#certificates.set(seen.fingerprint, seen)
  }

  count({ outcome, reason }: Pick<NewDecision, 'outcome' | 'reason'>, connections: number): void {
    const key = `${outcome} ${reason}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { outcome, reason, count: 1 })
    this.#mostConnections = Math.max(this.#mostConnections, connections)
  }

  /** When each user was last seen, since this was last asked. */
  takeSeen(): Seen[] {
    const seen = [...this.#seen].map(([userId, at]) => ({ userId, at }))
    this.#seen = new Map()
    return seen
  }

  takeCertificates(): SeenCertificate[] {
    const seen = [...this.#certificates.values()]
    this.#certificates = new Map()
    return seen
  }

  /** Null where there is nothing to tell. */
  takeTold(connections: number): Told | null {
    const decisions = [...this.#counts.values()]
    const mostConnections = Math.max(this.#mostConnections, connections)
    this.#counts = new Map()
    this.#mostConnections = connections
    return decisions.length === 0 && mostConnections === 0 ? null : { decisions, mostConnections }
  }
}
