/**
 * Holds the current built-in authority and the server's certificate. Listeners are notified when that certificate
 * changes: a given one when its files change, a generated one before it expires or when the authority is replaced.
 */

import type { IssuedPems } from '@gatehouse/pki/make/issue'
import type { Logger } from 'pino'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { putInPlace } from './authority-files.ts'
import { ensureBuiltInAuthority } from './built-in.ts'
import { type GivenFiles, readGivenCertificate, watchCertificate } from './given-certificate.ts'
import { ensureServerCertificate } from './own-certificate.ts'
import { findOverlap } from './store.ts'

const lookEveryMs = 60 * 60_000

export interface KeeperOptions {
  db: Db
  clock: Clock
  log: Logger
  dataDir: string
  /** The names in the generated server certificate. */
  names: readonly string[]
  /** The installation's own server certificate. Null: generate one. */
  given: GivenFiles | null
}

export class BuiltInKeeper {
  readonly #options: KeeperOptions
  #authority: IssuedPems
  #server: IssuedPems
  #onServerChange: (server: IssuedPems) => Promise<void> = async () => {}
  #isInPlace = true
  #lastTurn: Promise<unknown> = Promise.resolve()

  static async open(options: KeeperOptions): Promise<BuiltInKeeper> {
    const authority = await ensureBuiltInAuthority(options)
    const server = options.given
      ? await readGivenCertificate(options.given)
      : (await makeServer(options, authority)).pems
    return new BuiltInKeeper(options, authority, server)
  }

  private constructor(options: KeeperOptions, authority: IssuedPems, server: IssuedPems) {
    this.#options = options
    this.#authority = authority
    this.#server = server
  }

  get dataDir(): string {
    return this.#options.dataDir
  }

  get authority(): IssuedPems {
    return this.#authority
  }

  get server(): IssuedPems {
    return this.#server
  }

  get isServerGiven(): boolean {
    return this.#options.given !== null
  }

  /** Serialises replacements and the renewals that follow them. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  /**
   * The database names this authority as built-in now (committed), so it takes effect even if moving its files fails.
   * Call it within `inTurn`.
   */
  async adopt(authority: IssuedPems): Promise<void> {
    this.#authority = authority
    this.#isInPlace = false
    await this.#settleNow()
  }

  /**
   * An authority was deleted, or time has passed: renews the server's certificate if necessary. Tries again in an hour.
   */
  settle(): Promise<void> {
    return this.inTurn(() => this.#settleNow())
  }

  async #settleNow(): Promise<void> {
    try {
      // Until then it stays in the waiting files, where a start finds it. The files in its place belong to another
      // process.
      if (!this.#isInPlace) await putInPlace(this.dataDir, this.#authority)
      this.#isInPlace = true
      await this.#refreshServer()
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the server certificate was not renewed; the previous one stays in use')
    }
  }

  /** Calls `apply` for each change from now on. Returns a function that stops it. */
  watch(onServerChange: (server: IssuedPems) => Promise<void>): () => void {
    const { given, log } = this.#options
    this.#onServerChange = onServerChange
    const stopWatching = watchCertificate(given, { log, onChange: (changed) => this.#serve(changed) })
    const timer = setInterval(() => void this.settle(), lookEveryMs)
    timer.unref()
    return () => {
      stopWatching()
      clearInterval(timer)
    }
  }

  async #refreshServer(): Promise<void> {
    if (this.isServerGiven) return
    const { pems, isNew } = await makeServer(this.#options, this.#authority)
    if (isNew) await this.#serve(pems)
  }

  async #serve(server: IssuedPems): Promise<void> {
    this.#server = server
    await this.#onServerChange(server)
  }
}

async function makeServer({ db, dataDir, clock, names }: KeeperOptions, authority: IssuedPems) {
  const overlap = await findOverlap(db)
  return ensureServerCertificate(authority, overlap?.cross ?? null, { dataDir, clock, names })
}
