/** Client ids and the users they belong to. A client id belongs to one user while it is connected or has a stored session. */
import type { PresentedCredentials } from '../../access/decision/evidence.ts'
import { AwayOwners } from './away-owners.ts'
import type { Connection } from './connection.ts'
import type { StoredSessions } from './stored-sessions.ts'

/** The user of a client id, with a connection or with a stored session only. */
export interface ClientIdOwner {
  clientId: string
  userId: string
  username: string
  credentials: PresentedCredentials
  /** Null: the client is away. */
  live: Connection | null
}

export class ClientIds {
  readonly #sessions: StoredSessions
  readonly #owners = new Map<string, ClientIdOwner>()
  readonly #byUser = new Map<string, Set<ClientIdOwner>>()
  readonly #away = new AwayOwners()

  constructor(sessions: StoredSessions) {
    this.#sessions = sessions
  }

  /** Id of the user to whom the client id belongs. Null: it is free. */
  ownerIdOf(clientId: string): string | null {
    return this.#owners.get(clientId)?.userId ?? null
  }

  /** Gives the client id to this connection. Returns the connection of the same client id before it. */
  take(connection: Connection): Connection | null {
    const { clientId, userId, username, credentials } = connection
    const before = this.#owners.get(clientId)
    if (before) this.#forget(before)
    const owner: ClientIdOwner = { clientId, userId, username, credentials, live: connection }
    this.#owners.set(clientId, owner)
    this.#byUser.set(userId, (this.#byUser.get(userId) ?? new Set()).add(owner))
    return before?.live ?? null
  }

  /** The connection ended. A stored session keeps the client id; a clean session, and one without content, releases it. */
  leave(connection: Connection): void {
    const owner = this.#owners.get(connection.clientId)
    if (owner?.live !== connection) return
    owner.live = null
    if (connection.isClean || !this.#sessions.has(owner.clientId)) return this.release(owner)
    for (const evicted of this.#away.add(owner)) this.release(evicted)
  }

  /** Releases a client id and drops its stored session. */
  release(owner: ClientIdOwner): void {
    if (this.#owners.get(owner.clientId) !== owner) return
    this.#sessions.drop(owner.clientId)
    this.#forget(owner)
  }

  ofUser(userId: string): ClientIdOwner[] {
    return [...(this.#byUser.get(userId) ?? [])]
  }

  all(): ClientIdOwner[] {
    return [...this.#owners.values()]
  }

  liveOf(userId: string): Connection[] {
    return this.ofUser(userId).flatMap(({ live }) => live ?? [])
  }

  #forget(owner: ClientIdOwner): void {
    this.#owners.delete(owner.clientId)
    this.#away.delete(owner)
    const others = this.#byUser.get(owner.userId)
    others?.delete(owner)
    if (others?.size === 0) this.#byUser.delete(owner.userId)
  }
}
