import type { ClientIdOwner } from './client-ids.ts'

export const maxStoredSessions = 10_000
export const maxStoredSessionsPerUser = 100

/** Owners of client ids that are away, and which of them to evict. A user's own bound keeps one user from evicting all others. */
export class AwayOwners {
  /** Both in the order in which the clients left. */
  readonly #all = new Set<ClientIdOwner>()
  readonly #byUser = new Map<string, Set<ClientIdOwner>>()

  /** Returns the owners that are beyond a bound: the ones that left first. */
  add(owner: ClientIdOwner): ClientIdOwner[] {
    const own = this.#byUser.get(owner.userId) ?? new Set()
    this.#byUser.set(owner.userId, own.add(owner))
    this.#all.add(owner)
    if (own.size > maxStoredSessionsPerUser) return [...own].slice(0, 1)
    return this.#all.size > maxStoredSessions ? [...this.#all].slice(0, 1) : []
  }

  delete(owner: ClientIdOwner): void {
    this.#all.delete(owner)
    const own = this.#byUser.get(owner.userId)
    own?.delete(owner)
    if (own?.size === 0) this.#byUser.delete(owner.userId)
  }
}
