/** Holds the current built-in authority, completes its replacements, and renews the server's certificate that it signs. */
import type { IssuedPems } from '@gatehouse/pki/make/issue'
import { putInPlace } from './authority-files.ts'
import { ensureBuiltInAuthority } from './built-in.ts'
import { ServerCertificate, type ServerCertificateOptions } from './server-certificate.ts'

const renewEveryMs = 60 * 60_000

export class BuiltInAuthority {
  readonly #options: ServerCertificateOptions
  readonly server: ServerCertificate
  #authority: IssuedPems
  /** False while the files of a replacement still have to be moved to their place. */
  #isInPlace = true
  #lastTurn: Promise<unknown> = Promise.resolve()

  static async open(options: ServerCertificateOptions): Promise<BuiltInAuthority> {
    const authority = await ensureBuiltInAuthority(options)
    return new BuiltInAuthority(options, authority, await ServerCertificate.open(options, authority))
  }

  private constructor(options: ServerCertificateOptions, authority: IssuedPems, server: ServerCertificate) {
    this.#options = options
    this.#authority = authority
    this.server = server
  }

  get dataDir(): string {
    return this.#options.dataDir
  }

  /** The certificate, followed by those above it, and the key. */
  get authority(): IssuedPems {
    return this.#authority
  }

  /** Runs replacements and renewals one after the other. */
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

  /** To be called after an authority was deleted: renews the server's certificate if necessary. */
  settle(): Promise<void> {
    return this.inTurn(() => this.#settleNow())
  }

  /** Checks hourly whether the server's certificate must be renewed. Returns a function that stops it. */
  startRenewals(onServerChange: (server: IssuedPems) => Promise<void>): () => void {
    const stopWatching = this.server.watch(onServerChange)
    const timer = setInterval(() => void this.settle(), renewEveryMs)
    timer.unref()
    return () => {
      stopWatching()
      clearInterval(timer)
    }
  }

  /** A failure is logged and tried again within an hour. */
  async #settleNow(): Promise<void> {
    try {
      // Until the move succeeds, a start finds the pair in the waiting files. Files of another process may be in its place.
      if (!this.#isInPlace) await putInPlace(this.dataDir, this.#authority)
      this.#isInPlace = true
      await this.server.renew(this.#authority)
    } catch (error) {
      this.#options.log.warn({ err: error }, 'the server certificate was not renewed; the previous one stays in use')
    }
  }
}
