/** Client ids and the users they belong to. A client id belongs to one user while it is connected or has a stored session. */
import type { Connection, SessionHolder } from './connection.ts'

/** The user of a client id, with a connection or with a stored session only. */
export interface ClientIdOwner {
  clientId: string
  userId: string
  holder: SessionHolder
  /** Null: the client is away. */
  live: Connection | null
}

/** Follows the sessions of the engine. */
export class ClientIds {
  readonly #owners = new Map<string, ClientIdOwner>()
  readonly #byUser = new Map<string, Set<ClientIdOwner>>()

  /** Id of the user to whom the client id belongs. Null: it is free. */
  ownerIdOf(clientId: string): string | null {
    return this.#owners.get(clientId)?.userId ?? null
  }

  ownerOf(clientId: string): ClientIdOwner | undefined {
    return this.#owners.get(clientId)
  }

  /** A connection took the client id. */
  take(connection: Connection): void {
    this.#add(connection, connection)
  }

  /** A stored session of an earlier start has the client id. */
  restore(holder: SessionHolder): void {
    this.#add(holder, null)
  }

  /** The connection ended. The session may go on. */
  leave(connection: Connection): void {
    const owner = this.#owners.get(connection.clientId)
    if (owner?.live === connection) owner.live = null
  }

  /** The session ended. */
  release(clientId: string): void {
    const owner = this.#owners.get(clientId)
    if (!owner) return
    this.#owners.delete(clientId)
    const others = this.#byUser.get(owner.userId)
    others?.delete(owner)
    if (others?.size === 0) this.#byUser.delete(owner.userId)
  }

  /** False: the session has ended, or another connection took the client id. */
  isCurrent(owner: ClientIdOwner): boolean {
    return this.#owners.get(owner.clientId) === owner
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

  #add(holder: SessionHolder, live: Connection | null): void {
    const { clientId, userId } = holder
    this.release(clientId)
    const owner: ClientIdOwner = { clientId, userId, holder, live }
    this.#owners.set(clientId, owner)
    this.#byUser.set(userId, (this.#byUser.get(userId) ?? new Set()).add(owner))
  }
}
