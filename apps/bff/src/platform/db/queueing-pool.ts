/**
 * A pool of PostgreSQL connections that waits if the server has none left (`max_connections`, or the role's limit).
 * `pg` fails the request that tried to open one more, although a pooled connection comes free a moment later.
 */
import { callbackify } from 'node:util'
import { Pool, type PoolClient, type PoolConfig } from 'pg'

const retryAfterMs = 200

type Callback = (error: Error | undefined, client: PoolClient | undefined, release: (error?: Error) => void) => void

export class QueueingPool extends Pool {
  readonly #most: number
  readonly #waitMs: number
  #open = 0
  #retry: NodeJS.Timeout | null = null

  /** `connectionTimeoutMillis` is also how long a request waits for a connection. */
  constructor(config: PoolConfig & { max: number; connectionTimeoutMillis: number }) {
    super(config)
    this.#most = config.max
    this.#waitMs = config.connectionTimeoutMillis
    this.on('connect', () => this.#open++)
    this.on('remove', () => this.#open--)
  }

  // `Pool.query` passes a callback, Kysely does not.
  override connect(): Promise<PoolClient>
  override connect(callback: Callback): void
  override connect(callback?: Callback): Promise<PoolClient> | void {
    if (!callback) return this.#connectInTime()
    const call = callbackify(() => this.#connectInTime())
    call((error, client) => callback(error ?? undefined, client, (broken) => client?.release(broken)))
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | void {
    clearTimeout(this.#retry ?? undefined)
    return callback ? super.end(callback) : super.end()
  }

  async #connectInTime(): Promise<PoolClient> {
    let deadline: number | null = null
    for (;;) {
      try {
        return await super.connect()
      } catch (error) {
        deadline ??= performance.now() + this.#waitMs
        if (!isAtLimit(error) || this.ending || performance.now() >= deadline) throw error
        this.#queueForOwnConnection()
      }
    }
  }

  /**
   * The pool opens no connection for a moment. Requests stay in its queue, and each released connection serves the next
   * one.
   */
  #queueForOwnConnection(): void {
    this.options.max = this.#open
    this.#retry ??= setTimeout(() => void this.#tryForMore(), retryAfterMs)
  }

  async #tryForMore(): Promise<void> {
    this.#retry = null
    this.options.max = this.#most
    if (this.waitingCount === 0) return
    try {
      const client = await super.connect()
      client.release()
    } catch (error) {
      if (isAtLimit(error) && !this.ending) this.#queueForOwnConnection()
    }
  }
}

/** 53300 `too_many_connections`: limit of the server, the database or the role. */
function isAtLimit(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '53300'
}
