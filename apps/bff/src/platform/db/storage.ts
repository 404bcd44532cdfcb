/**
 * Reports whether the database and the broker can write. A full disk is noticed by the errors that it causes: a quota, or the disk
 * of a PostgreSQL server, cannot be seen in another way. The space of the data folder is read from its file system: the database is
 * there with SQLite, and the log of the broker always.
 */
import { statfs } from 'node:fs/promises'
import type { StorageState } from '@gatehouse/contract/operations/overview'
import type { Logger } from 'pino'
import { codeOf, isDamaged, isStorageFull } from '../base/database-errors.ts'
import type { Db } from './open.ts'

/** A transaction and its log need at least this much. */
const fullBelowBytes = 1024 * 1024
const lookEveryMs = 60_000
const tryEveryMs = 1_000

export interface StorageReport {
  state: StorageState
  /** Free bytes of the data folder's file system. Null if it does not say. */
  freeBytes: number | null
}

export interface StorageOptions {
  db: Db
  dataDir: string
  /** Below this the state is `low`. */
  lowBytes: number
  log: Logger
}

export class Storage {
  readonly #options: StorageOptions
  #isFull = false
  #isDamaged = false
  #triedAt = Number.NEGATIVE_INFINITY
  #said: StorageState = 'ok'

  constructor(options: StorageOptions) {
    this.#options = options
  }

  /** Notes an error of any operation; only storage errors matter. */
  failed(error: unknown): void {
    if (isDamaged(error) && !this.#isDamaged) {
      this.#isDamaged = true
      const says = 'the database file is damaged: stop Gatehouse and put the backup in its place, see docs/backup.md'
      this.#options.log.error({ cause: codeOf(error) }, says)
    }
    if (!isStorageFull(error) || this.#isFull) return
    this.#isFull = true
    this.#say('full', { cause: codeOf(error) })
  }

  /** Returns the same promise, and notes its error. */
  async watching<T>(work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      this.failed(error)
      throw error
    }
  }

  async report(): Promise<StorageReport> {
    const freeBytes = await this.#freeBytes()
    const state = await this.#judge(freeBytes)
    this.#say(state, { freeBytes })
    return { state, freeBytes }
  }

  /** Checks once a minute, for the log. Returns a function that stops it. */
  watch(): () => void {
    const timer = setInterval(() => void this.report(), lookEveryMs)
    timer.unref()
    return () => clearInterval(timer)
  }

  async #judge(freeBytes: number | null): Promise<StorageState> {
    if (this.#isDamaged) return 'damaged'
    if (this.#isFull && (await this.#isStillFull())) return 'full'
    if (freeBytes === null) return 'ok'
    if (freeBytes < fullBelowBytes) return 'full'
    return freeBytes < this.#options.lowBytes ? 'low' : 'ok'
  }

  /** Tries to write: free space in the file system does not mean that this user may use it. */
  async #isStillFull(): Promise<boolean> {
    if (performance.now() - this.#triedAt < tryEveryMs) return true
    this.#triedAt = performance.now()
    try {
      await this.#options.db.transaction().execute((trx) =>
        trx
          .updateTable('totals')
          .set((row) => ({ value: row.ref('value') }))
          .execute(),
      )
      this.#isFull = false
    } catch {
      return true
    }
    return false
  }

  async #freeBytes(): Promise<number | null> {
    try {
      const { bavail, bsize } = await statfs(this.#options.dataDir)
      return bavail * bsize
    } catch {
      return null // some file systems report no free space
    }
  }

  #say(state: StorageState, facts: object): void {
    if (state === this.#said) return
    this.#said = state
    const { log } = this.#options
    if (state === 'full') log.error(facts, 'the disk is full: nothing can be stored until there is free space')
    if (state === 'low') log.warn(facts, 'the disk is nearly full')
    if (state === 'ok') log.info(facts, 'there is free space on the disk again')
  }
}
