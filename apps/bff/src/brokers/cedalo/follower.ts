/** Follows the change log for the client CAs of one Cedalo broker: as a whole after each connection, then by change. */
import type { ChangeLog } from '../inventory/adapter.ts'

export interface FollowerParts {
  brokerId: string
  isConnected(): boolean
  /** Resolves with whether all client CAs are as they are wanted. */
  settle(how: { isVerifying: boolean }): Promise<boolean>
  nowMs(): number
  onError(error: unknown): void
}

/** For commits of other processes. Changes of this process are told at once. */
const pollEveryMs = 1_000
/** After a command that failed. */
const retryAfterMs = 15_000

export class DeploymentFollower {
  readonly #changes: ChangeLog
  readonly #parts: FollowerParts
  readonly #timer: NodeJS.Timeout
  #cursor = 0
  #dataVersion = -1
  /** The whole comparison is due: after a connection, and where part of the log was pruned. */
  #isStarting = true
  /** The last attempt left something. */
  #isUnsettled = false
  #nextTryAt = 0
  #isClosed = false
  #turn: Promise<unknown> = Promise.resolve()

  constructor(changes: ChangeLog, parts: FollowerParts) {
    this.#changes = changes
    this.#parts = parts
    this.#timer = setInterval(() => void this.#poll(), pollEveryMs)
    this.#timer.unref()
  }

  /** The last change of the log whose effect on trust was sent. */
  get cursor(): number {
    return this.#cursor
  }

  /** The connection is new: the broker may have been restarted without its files. */
  startAnew(): void {
    this.#isStarting = true
    void this.#poll()
  }

  /** Resolves with whether these changes are enforced. */
  async enforced(sequences: readonly number[]): Promise<boolean> {
    if (this.#isStarting || this.#cursor < Math.max(0, ...sequences)) await this.#inTurn(() => this.#follow())
    return !this.#isStarting && !this.#isUnsettled && this.#cursor >= Math.max(0, ...sequences)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    clearInterval(this.#timer)
    await this.#turn
  }

  async #poll(): Promise<void> {
    try {
      await this.#inTurn(() => this.#follow())
    } catch (error) {
      this.#parts.onError(error)
    }
  }

  async #follow(): Promise<void> {
    if (this.#isClosed || !this.#parts.isConnected()) return
    const version = await this.#changes.dataVersion()
    const mayRetry = this.#isUnsettled && this.#parts.nowMs() >= this.#nextTryAt
    if (version === this.#dataVersion && !this.#isStarting && !mayRetry) return
    // Read before the facts: what is committed while the commands are under way is looked at again.
    const latest = await this.#changes.latestChange()
    if (this.#isStarting || mayRetry || (await this.#concernsTrust())) {
      const isVerifying = this.#isStarting
      this.#isStarting = false
      await this.#settle(isVerifying)
    }
    this.#cursor = latest
    this.#dataVersion = version
  }

  async #settle(isVerifying: boolean): Promise<void> {
    try {
      this.#isUnsettled = !(await this.#parts.settle({ isVerifying }))
    } catch (error) {
      this.#isUnsettled = true
      this.#isStarting ||= isVerifying
      throw error
    } finally {
      this.#nextTryAt = this.#parts.nowMs() + retryAfterMs
    }
  }

  /** Does one of the changes after the cursor concern a client CA or this broker? */
  async #concernsTrust(): Promise<boolean> {
    for (let cursor = this.#cursor; ; ) {
      const changes = await this.#changes.changesAfter(cursor)
      if (changes === null) return true
      const last = changes.at(-1)
      if (!last) return false
      const { brokerId } = this.#parts
      const isOurs = changes.some(
        ({ kind, ids }) => kind === 'authority' || (kind === 'broker' && (ids === null || ids.includes(brokerId))),
      )
      if (isOurs) return true
      cursor = last.sequence
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => {})
    return turn
  }
}
