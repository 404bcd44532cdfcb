// Rule: a client id belongs to one user as long as it is connected or has left a session behind; nobody else gets it.
import type { Listener } from '@gatehouse/contract/brokers/broker'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'
import type { Client } from 'aedes'
import type { Evidence, Method } from '../../access/decision/connect.ts'
import type { Access } from '../../access/decision/topics.ts'
import type { CertificateFacts } from '../../certificates/trust/trust.ts'
import type { StoredSessions } from './stored-sessions.ts'

export const maxStoredSessions = 10_000
export const maxStoredSessionsPerUser = 100

/** What a client showed when it was admitted, kept so that it can be judged again. No secret is in it. */
export interface Shown {
  /** DER, the leaf first; empty for none. */
  presented: readonly Uint8Array[]
  commonName: CommonNameResult
  username: string | null
  password: Evidence['password']
  /** The stored credential that the password was right for. */
  credential: string | null
  at: Date
}

export interface Connection {
  id: string
  client: Client
  clientId: string
  userId: string
  username: string
  listener: Listener['name']
  address: string
  since: string
  isClean: boolean
  shown: Shown
  method: Method
  certificate: CertificateFacts | null
  /** When the path of certificates that was accepted ends. */
  validUntil: Date | null
  access: Access
  /** Filters whose refusal was written down: a client that asks again and again is one line each. */
  refusedFilters: Set<string>
}

/** Who has a client id: with a connection, or with what it left behind. */
export interface Holder {
  clientId: string
  userId: string
  username: string
  shown: Shown
  live: Connection | null
}

export class Connections {
  readonly #sessions: StoredSessions
  readonly #holders = new Map<string, Holder>()
  readonly #byUser = new Map<string, Set<Holder>>()
  readonly #byId = new Map<string, Connection>()
  readonly #byClient = new WeakMap<Client, Connection>()
  /** Those that are away, whoever left first in front. */
  readonly #away = new Set<Holder>()

  constructor(sessions: StoredSessions) {
    this.#sessions = sessions
  }

  get size(): number {
    return this.#byId.size
  }

  /** May this user take the client id? */
  isFree(clientId: string, userId: string): boolean {
    const holder = this.#holders.get(clientId)
    return !holder || holder.userId === userId
  }

  /**
   * Puts a connection in possession of its client id, in the same step in which it was judged. Answers with the one that it took
   * the id over from.
   */
  add(connection: Connection): Connection | null {
    const { clientId, userId, username, shown } = connection
    const before = this.#holders.get(clientId)
    if (before) this.#forget(before)
    // [MQTT-3.1.4-2]: the same user came back; the old connection ends, with its will.
    const replaced = before?.live ?? null
    replaced?.client.close()
    const holder: Holder = { clientId, userId, username, shown, live: connection }
    this.#holders.set(clientId, holder)
    this.#byUser.set(userId, (this.#byUser.get(userId) ?? new Set()).add(holder))
    this.#byId.set(connection.id, connection)
    this.#byClient.set(connection.client, connection)
    return replaced
  }

  /** The connection ended. What it leaves behind keeps the client id; a session that is nothing but its name does not. */
  left(connection: Connection): void {
    this.#byId.delete(connection.id)
    const holder = this.#holders.get(connection.clientId)
    if (holder?.live !== connection) return
    holder.live = null
    if (connection.isClean || !this.#sessions.has(holder.clientId)) return this.drop(holder)
    this.#away.add(holder)
    this.#makeRoom(holder.userId)
  }

  /** Takes a client id and everything stored under it away. */
  drop(holder: Holder): void {
    if (this.#holders.get(holder.clientId) !== holder) return
    this.#sessions.drop(holder.clientId)
    this.#forget(holder)
  }

  ofClient(client: Client): Connection | undefined {
    return this.#byClient.get(client)
  }

  byId(connectionId: string): Connection | undefined {
    return this.#byId.get(connectionId)
  }

  /** Who is connected, the oldest first. */
  live(): IterableIterator<Connection> {
    return this.#byId.values()
  }

  holdersOf(userId: string): Holder[] {
    return [...(this.#byUser.get(userId) ?? [])]
  }

  holders(): Holder[] {
    return [...this.#holders.values()]
  }

  liveOf(userId: string): Connection[] {
    return this.holdersOf(userId).flatMap(({ live }) => live ?? [])
  }

  #forget(holder: Holder): void {
    this.#holders.delete(holder.clientId)
    this.#away.delete(holder)
    const others = this.#byUser.get(holder.userId)
    others?.delete(holder)
    if (others?.size === 0) this.#byUser.delete(holder.userId)
  }

  // The sessions that were left first go first: one user's cannot push out everybody's.
  #makeRoom(userId: string): void {
    const own = this.holdersOf(userId).filter((holder) => this.#away.has(holder))
    const [first] = own.length > maxStoredSessionsPerUser ? own : []
    if (first) this.drop(first)
    const [oldest] = this.#away.size > maxStoredSessions ? this.#away : []
    if (oldest) this.drop(oldest)
  }
}
