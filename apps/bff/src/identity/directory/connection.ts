/** One connection to a directory, from its first request to its end. A new connection is a new object. */
import type { Socket } from 'node:net'
import { Client, type Entry, type Filter, InvalidCredentialsError, type SearchOptions } from 'ldapts'
import { DirectoryFault, requestFault } from './faults.ts'

/** Bytes of the answer to one request. A page of 500 people with their groups has a tenth of it. */
const maxAnswerBytes = 8 * 1024 * 1024

export interface Search {
  base: string
  scope: 'base' | 'sub'
  filter: Filter
  attributes: readonly string[]
  /** Attributes whose values are bytes. They must be spelled as the directory does. */
  binary?: readonly string[]
  /** Entries at most; the directory may have more. Null: all entries, or a rejection if the directory does not send all of them. */
  limit: number | null
}

/** A search in pages of `limit` entries. */
export type PagedSearch = Search & { limit: number }

export class DirectoryConnection {
  readonly #client: Client
  readonly #socket: Socket
  #received = 0

  /** @param socket Connected, and inside TLS if there is any. */
  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket
    this.#client = new Client({ url: 'ldap://directory', timeout: timeoutMs, createConnection: () => this.#first() })
    socket.on('data', (bytes) => {
      this.#received += bytes.length
      if (this.#received > maxAnswerBytes) socket.destroy()
    })
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed && this.#socket.writable
  }

  /**
   * Binds with a password (RFC 4513 §5.1.3). False: name or password is wrong. An empty password is never sent: to a directory it
   * means "no authentication", and the answer is success (RFC 4513 §5.1.2).
   */
  async bind(dn: string, password: string): Promise<boolean> {
    if (dn === '' || password === '') return false
    try {
      await this.#request(() => this.#client.bind(dn, password))
      return true
    } catch (error) {
      if (error instanceof DirectoryFault && error.cause instanceof InvalidCredentialsError) return false
      throw error
    }
  }

  /** Referrals are not followed: they would lead to addresses that nobody configured. */
  async search({ base, limit, ...search }: Search): Promise<Entry[]> {
    // With `sizeLimit` the library takes a cut answer for a whole one.
    const options = limit === null ? optionsOf(search) : { ...optionsOf(search), sizeLimit: limit }
    const { searchEntries } = await this.#request(() => this.#client.search(base, options))
    return searchEntries
  }

  /** All entries in pages (RFC 2696). */
  async *pages({ base, limit, ...search }: PagedSearch): AsyncGenerator<Entry[]> {
    const pages = this.#client.searchPaginated(base, { ...optionsOf(search), paged: { pageSize: limit } })
    for (;;) {
      const { value, done } = await this.#request(() => pages.next())
      if (done) return
      yield value.searchEntries
    }
  }

  close(): void {
    this.#socket.destroy()
  }

  async #request<T>(send: () => Promise<T>): Promise<T> {
    this.#received = 0
    try {
      return await send()
    } catch (error) {
      throw requestFault(error)
    }
  }

  /** The library connects again by itself after the end of a connection. It must not: TLS and the bind would be missing. */
  #first(): Socket {
    if (this.isOpen) return this.#socket
    throw new DirectoryFault('refused_connection')
  }
}

function optionsOf({ scope, filter, attributes, binary = [] }: Omit<Search, 'base' | 'limit'>): SearchOptions {
  return {
    scope,
    filter,
    attributes: [...attributes],
    explicitBufferAttributes: [...binary],
    derefAliases: 'never',
  }
}
