import type { Client } from 'aedes'
import type { Connection } from './connection.ts'

/** The live connections, by id and by aedes client. */
export class Connections {
  readonly #byId = new Map<string, Connection>()
  readonly #byClient = new WeakMap<Client, Connection>()

  get size(): number {
    return this.#byId.size
  }

  add(connection: Connection): void {
    this.#byId.set(connection.id, connection)
    this.#byClient.set(connection.client, connection)
  }

  delete(connection: Connection): void {
    this.#byId.delete(connection.id)
  }

  /** Also of a client whose connection has ended: its will is published after that. */
  ofClient(client: Client): Connection | undefined {
    return this.#byClient.get(client)
  }

  byId(connectionId: string): Connection | undefined {
    return this.#byId.get(connectionId)
  }

  /** The oldest first. */
  live(): IterableIterator<Connection> {
    return this.#byId.values()
  }
}
