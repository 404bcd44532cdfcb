/** Connections on which persons bind. Each serves one person at a time and is kept for the next one. */
import type { DirectoryConnection } from './connection.ts'
import { DirectoryFault } from './faults.ts'

const maxConnections = 8
/** Sign-ins that wait for a connection. More are refused at once, so that a slow directory cannot pile them up. */
const maxWaiting = 100
/** Directories end idle connections too; a connection that was idle for longer is opened again. */
const maxIdleMs = 60_000

export class ConnectionPool {
  readonly #open: () => Promise<DirectoryConnection>
  readonly #idle: { connection: DirectoryConnection; since: number }[] = []
  readonly #waiting: (() => void)[] = []
  #running = 0
  #isClosed = false

  constructor(open: () => Promise<DirectoryConnection>) {
    this.#open = open
  }

  /** Rejects with `DirectoryFault`. The connection is closed if `act` rejects: its state is not known then. */
  async use<T>(act: (connection: DirectoryConnection) => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      const connection = this.#takeIdle() ?? (await this.#open())
      try {
        const result = await act(connection)
        if (this.#isClosed) connection.close()
        else this.#idle.push({ connection, since: performance.now() })
        return result
      } catch (error) {
        connection.close()
        throw error
      }
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  /** Connections that are in use are closed after it. */
  close(): void {
    this.#isClosed = true
    for (const { connection } of this.#idle.splice(0)) connection.close()
  }

  async #turn(): Promise<void> {
    if (this.#running < maxConnections) {
      this.#running++
      return
    }
    if (this.#waiting.length >= maxWaiting) throw new DirectoryFault('timed_out')
    // The sign-in that ends leaves its place to this one.
    await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }

  /** The connection that was used last. Others that were idle for too long are closed. */
  #takeIdle(): DirectoryConnection | null {
    for (;;) {
      const last = this.#idle.pop()
      if (!last) return null
      if (last.connection.isOpen && performance.now() - last.since < maxIdleMs) return last.connection
      last.connection.close()
    }
  }
}
