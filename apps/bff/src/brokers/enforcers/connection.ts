/** The connection to the enforcer of one broker: its long poll, what it has applied, and who waits for that. */
import { EventEmitter, once } from 'node:events'
import type { PullAnswer, PullRequest, Report } from '@gatehouse/contract/brokers/enforcer-protocol'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import { PasswordOutbox } from './password-outbox.ts'
import { Refusal } from './refusal.ts'
import { Restoration } from './restoration.ts'
import { type StateAnswer, StateFeed } from './state-feed.ts'

/** `ended`: connections that the broker closed. Null: it does not say. */
export interface Applied {
  ended: number | null
}

interface Waiting {
  revision: number
  /** Null: the connection ended before. */
  resolve(applied: Applied | null): void
}

interface AuthenticatedSocket {
  destroy(): void
  once(event: 'close', listener: () => void): unknown
}

export class EnforcerConnection {
  readonly feed = new StateFeed()
  readonly #passwords = new PasswordOutbox()
  readonly #clock: Clock
  readonly #sockets = new Set<AuthenticatedSocket>()
  readonly #news = new EventEmitter()
  #waiting: Waiting[] = []
  readonly #restoration = new Restoration()
  #poll: AbortController | null = null
  #isAnswerDue = false
  #reportedRevision = 0
  #appliedRevision = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get isConnected(): boolean {
    return this.#sockets.size > 0
  }

  /** The enforcer has applied everything that the feed has. */
  get isUpToDate(): boolean {
    return this.feed.revision > 0 && this.#appliedRevision === this.feed.revision
  }

  connected(socket: AuthenticatedSocket): void {
    if (this.#sockets.has(socket)) return
    this.#sockets.add(socket)
    socket.once('close', () => {
      if (this.#sockets.delete(socket) && !this.isConnected) this.#lost()
    })
  }

  /** Ends all connections, and with them the poll. The next enforcer has applied nothing yet. */
  disconnect(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#sockets.clear()
    this.#poll?.abort()
    this.#lost()
    this.#appliedRevision = 0
    this.#reportedRevision = 0
  }

  /** The feed may have something new: the poll ends if it has. */
  changed(): void {
    this.#news.emit('news')
  }

  /** Data that is in every answer has changed: the current poll is answered at once. Without one, the next poll is. */
  answerNow(): void {
    this.#isAnswerDue = true
    this.#news.emit('news')
  }

  /** Dropped unless the enforcer is connected: a password waits for nobody. */
  sendPassword(password: Parameters<PasswordOutbox['add']>[0]): void {
    if (!this.isConnected) return
    this.#passwords.add(password)
    this.#news.emit('news')
  }

  /** Resolves with true when the enforcer has undone what others changed; with false if it is away, or its connection ends before. */
  restore(): Promise<boolean> {
    if (!this.isConnected) return Promise.resolve(false)
    const done = this.#restoration.request()
    this.#news.emit('news')
    return done
  }

  /**
   * Answers when there is something new, or when the time of the request is over. A later poll ends an earlier one. `closed`: the
   * connection of the request has ended.
   */
  async pull(request: PullRequest, closed: AbortSignal): Promise<PullAnswer> {
    this.#poll?.abort()
    const poll = new AbortController()
    this.#poll = poll
    const over = AbortSignal.any([closed, poll.signal, AbortSignal.timeout(request.waitMs)])
    while (!over.aborted && !this.#hasNewsFor(request)) await once(this.#news, 'news', { signal: over }).catch(() => {})
    if (this.feed.revision === 0) throw new Refusal('unavailable')
    // If this poll was ended, its answer is lost: the next poll is then answered at once.
    if (!closed.aborted && !poll.signal.aborted) this.#isAnswerDue = false
    const answer: StateAnswer = this.feed.answer(request) ?? this.feed.unchanged()
    const passwords = this.#passwords.next()
    return { ...answer, passwords, ...this.#restoration.next(), at: timestamp(this.#clock) }
  }

  /**
   * Throws `Refusal` for a report of an older state than the last reported one, or of a state that was never sent: a report
   * that was delayed or repeated must not undo what a later one said.
   */
  reported({ epoch, revision, isApplied, ended, passwordsSet, restored }: Report): void {
    const isKnown = epoch === this.feed.epoch && revision <= this.feed.revision
    if (!isKnown || revision < this.#reportedRevision) throw new Refusal('stale_report')
    this.#reportedRevision = revision
    this.#passwords.delivered(passwordsSet)
    this.#restoration.reported(restored)
    if (!isApplied) return
    this.#appliedRevision = revision
    this.#settle(({ revision: wanted }) => wanted <= revision, { ended })
  }

  /** Resolves when the enforcer has applied this revision; with null if it is not connected or its connection ends before. */
  applied(revision: number): Promise<Applied | null> {
    if (this.#appliedRevision >= revision) return Promise.resolve({ ended: 0 })
    if (!this.isConnected) return Promise.resolve(null)
    return new Promise((resolve) => {
      this.#waiting.push({ revision, resolve })
    })
  }

  #hasNewsFor(request: PullRequest): boolean {
    // Before the first revision there is nothing to say: an empty state would take all rights away.
    if (!this.#passwords.isEmpty || this.#restoration.isDue) return true
    return this.feed.revision > 0 && (this.#isAnswerDue || this.feed.answer(request) !== null)
  }

  #lost(): void {
    this.#passwords.clear()
    this.#restoration.cancel()
    this.#settle(() => true, null)
  }

  #settle(isDone: (waiting: Waiting) => boolean, applied: Applied | null): void {
    const done = this.#waiting.filter(isDone)
    this.#waiting = this.#waiting.filter((waiting) => !isDone(waiting))
    for (const { resolve } of done) resolve(applied)
  }
}
