/**
 * Keeps what this server is: the built-in authority as it is now, and the certificate with which the server answers. Whoever listens is
 * told when that certificate changes: a given one by its files, our own when it is due or its authority is another.
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
  /** What our own server certificate is made for. */
  names: readonly string[]
  /** The installation's own server certificate; null: ours. */
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

  /** Replacements and what follows from them, one after the other. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#lastTurn.then(work)
    this.#lastTurn = turn.catch(() => {})
    return turn
  }

  /** The database says that this one is built-in now (committed): there is no way back, whatever the disk says. To be called in turn. */
  async adopt(authority: IssuedPems): Promise<void> {
    this.#authority = authority
    this.#isInPlace = false
    await this.#settleNow()
  }

  /** An authority is gone, or time has passed: is the server's certificate still what it should be? Tried again in an hour. */
  settle(): Promise<void> {
    return this.inTurn(() => this.#settleNow())
  }

  async #settleNow(): Promise<void> {
    try {
      // Until then it waits beside its place, where a start finds it. What is in its place is somebody else's to replace.
      if (!this.#isInPlace) await putInPlace(this.dataDir, this.#authority)
      this.#isInPlace = true
      await this.#refreshServer()
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the server certificate was not renewed; the one before stays in use')
    }
  }

  /** From now on; answers with what ends it. */
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
