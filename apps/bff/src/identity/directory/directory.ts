/** One directory with its settings: a warm connection of the service account for searches, and others on which persons bind. */
import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import type { Entry } from 'ldapts'
import type { DirectoryConnection, PagedSearch, Search } from './connection.ts'
import { ConnectionPool } from './connection-pool.ts'
import type { IdAttribute } from './entry.ts'
import { DirectoryFault } from './faults.ts'
import type { ServerFacts } from './groups.ts'
import { type DirectoryTarget, openConnection } from './open-connection.ts'
import { readServerFacts } from './server-facts.ts'
import { targetsOf } from './targets.ts'

/** The settings of a directory, and the password of its service account. */
export interface DirectoryAccess {
  settings: LdapSettings
  secret: string | null
}

/** What a connection that may search offers. */
export interface Searching {
  search(search: Search): Promise<Entry[]>
  pages(search: PagedSearch): AsyncGenerator<Entry[]>
  server: ServerFacts
  id: IdAttribute
}

/** After a failed connection the next attempts fail at once for this long, so that sign-ins do not wait one after another. */
const downForMs = 3_000
const maxIdleMs = 5 * 60_000

interface Warm extends Searching {
  connection: DirectoryConnection
}

export class Directory {
  readonly settings: LdapSettings
  readonly #secret: string | null
  readonly #people: ConnectionPool
  #service: Promise<Warm> | null = null
  #usedAt = 0
  #isClosed = false
  #down: { fault: DirectoryFault; since: number } | null = null

  constructor({ settings, secret }: DirectoryAccess) {
    this.settings = settings
    this.#secret = secret
    this.#people = new ConnectionPool(() => this.#open())
  }

  /** Rejects with `DirectoryFault`. A connection that the directory ended meanwhile is opened again, once. */
  async asService<T>(act: (searching: Searching) => Promise<T>): Promise<T> {
    const before = this.#service
    const warm = await this.#warm()
    try {
      return await act(warm)
    } catch (error) {
      const isStale = before !== null && error instanceof DirectoryFault && error.problem === 'refused_connection'
      if (!isStale || warm.connection.isOpen) throw error
      return act(await this.#warm())
    }
  }

  /** As `asService`, on a connection of its own: a long listing must not delay sign-ins. */
  async asServiceApart<T>(act: (searching: Searching) => Promise<T>): Promise<T> {
    const apart = await this.#openService()
    try {
      return await act(apart)
    } finally {
      apart.connection.close()
    }
  }

  /** A connection on which nobody, or any person, is bound: `act` binds first. */
  withConnection<T>(act: (connection: DirectoryConnection) => Promise<T>): Promise<T> {
    return this.#people.use(act)
  }

  /** No connection is opened afterwards. */
  close(): void {
    this.#isClosed = true
    this.#people.close()
    void this.#service?.then(
      ({ connection }) => connection.close(),
      () => {},
    )
    this.#service = null
  }

  async #warm(): Promise<Warm> {
    const before = this.#service
    const known = await before?.catch(() => null)
    const idleMs = performance.now() - this.#usedAt
    this.#usedAt = performance.now()
    if (known?.connection.isOpen && idleMs < maxIdleMs) return known
    // Others may have opened one meanwhile.
    if (!this.#service || this.#service === before) {
      known?.connection.close()
      this.#service = this.#openService()
    }
    return this.#service
  }

  async #openService(): Promise<Warm> {
    const connection = await this.#open()
    try {
      const isBound = await bindService(connection, { settings: this.settings, secret: this.#secret })
      if (!isBound) throw new DirectoryFault('wrong_secret')
      return { connection, ...(await searchingOn(connection, this.settings)) }
    } catch (error) {
      connection.close()
      throw error
    }
  }

  async #openOne(target: DirectoryTarget): Promise<DirectoryConnection> {
    const connection = await openConnection(target)
    if (!this.#isClosed) return connection
    connection.close()
    throw new DirectoryFault('refused_connection')
  }

  /** Tries the servers in their order. */
  async #open(): Promise<DirectoryConnection> {
    if (this.#down && performance.now() - this.#down.since < downForMs) throw this.#down.fault
    let fault = new DirectoryFault('refused_connection')
    for (const target of targetsOf(this.settings)) {
      try {
        const connection = await this.#openOne(target)
        this.#down = null
        return connection
      } catch (error) {
        fault = error instanceof DirectoryFault ? error : new DirectoryFault('unexpected_answer', error)
      }
    }
    this.#down = { fault, since: performance.now() }
    throw fault
  }
}

/** False: the directory refused the name or password of the service account. Without a name it stays anonymous. */
export async function bindService(
  connection: DirectoryConnection,
  { settings: { bindDn }, secret }: DirectoryAccess,
): Promise<boolean> {
  return bindDn === null || connection.bind(bindDn, secret ?? '')
}

/** @param connection Bound already. */
export async function searchingOn(connection: DirectoryConnection, settings: LdapSettings): Promise<Searching> {
  const server = await readServerFacts(connection)
  const { idAttribute } = settings
  const id = idAttribute === 'auto' ? (server.isActiveDirectory ? 'objectGUID' : 'entryUUID') : idAttribute
  return {
    search: (search) => connection.search(search),
    pages: (search) => connection.pages(search),
    server,
    id,
  }
}
