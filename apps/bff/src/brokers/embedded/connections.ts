import type { Connection } from './connection.ts'

/** The live connections, by id. */
export class Connections {
  readonly #byId = new Map<string, Connection>()

  get size(): number {
    return this.#byId.size
  }

  add(connection: Connection): void {
    this.#byId.set(connection.id, connection)
  }

  delete(connection: Connection): void {
    this.#byId.delete(connection.id)
  }

  byId(connectionId: string): Connection | undefined {
    return this.#byId.get(connectionId)
  }

  /** The oldest first. */
  live(): IterableIterator<Connection> {
    return this.#byId.values()
  }
}
