/** Follows the change log for one enforcer: every change once, in its order, one after the other. */
import type { ChangeReader, LoggedChange } from './store.ts'

/** What the last changes ended is kept for their callers. These bounds hold it below a few megabytes. */
const rememberedChanges = 1_000
const rememberedEndings = 200_000

export interface Enforce {
  /** Enforces one change. Returns the user id of each connection that it ended. */
  change(change: LoggedChange): Promise<string[]>
  /** Looks at everything again: part of the log was pruned. */
  everything(): Promise<string[]>
}

export class ChangeFollower {
  readonly #reader: ChangeReader
  readonly #enforce: Enforce
  /** By sequence: the numbers of the connections that it ended, counted from the start of this follower. */
  readonly #ended = new Map<number, readonly number[]>()
  #rememberedCount = 0
  #lastEnding = 0
  #cursor: number
  #turn: Promise<unknown> = Promise.resolve()

  /** `cursor` must be read before the facts that the enforcer starts with. */
  constructor(reader: ChangeReader, { cursor, enforce }: { cursor: number; enforce: Enforce }) {
    this.#reader = reader
    this.#cursor = cursor
    this.#enforce = enforce
  }

  get cursor(): number {
    return this.#cursor
  }

  /** Enforces all changes that are in the log now. Rejects if the log cannot be read. The next call continues at the same change. */
  follow(): Promise<void> {
    const turn = this.#turn.then(() => this.#followNow())
    this.#turn = turn.catch(() => {})
    return turn
  }

  /**
   * Resolves when these changes of one transaction are enforced, with the number of connections that they ended. A connection counts
   * once, also where several of the changes concern it.
   */
  async enforced(sequences: readonly number[]): Promise<number> {
    if (this.#cursor < Math.max(0, ...sequences)) await this.follow()
    return new Set(sequences.flatMap((sequence) => this.#ended.get(sequence) ?? [])).size
  }

  async #followNow(): Promise<void> {
    for (;;) {
      const changes = await this.#reader.changesAfter(this.#cursor)
      if (changes?.length === 0) return
      if (changes) await this.#enforceEach(changes)
      else await this.#enforceEverything()
    }
  }

  /**
   * A change is enforced by the facts of this moment, which later changes may have written already. So an earlier change of a pass can
   * end the connections that a later change was about. The later change counts them too, so that its caller is told.
   */
  async #enforceEach(changes: readonly LoggedChange[]): Promise<void> {
    const endedInPass: Ending[] = []
    for (const change of changes) {
      endedInPass.push(...this.#number(await this.#enforce.change(change)))
      this.#remember(
        change.sequence,
        endedInPass.filter(({ userId }) => mayConcern(change, userId)),
      )
      this.#cursor = change.sequence
    }
  }

  async #enforceEverything(): Promise<void> {
    const latest = await this.#reader.latestChange()
    this.#remember(latest, this.#number(await this.#enforce.everything()))
    this.#cursor = latest
  }

  #number(userIds: readonly string[]): Ending[] {
    return userIds.map((userId) => ({ number: ++this.#lastEnding, userId }))
  }

  #remember(sequence: number, ended: readonly Ending[]): void {
    if (ended.length === 0) return
    this.#ended.set(
      sequence,
      ended.map(({ number }) => number),
    )
    this.#rememberedCount += ended.length
    for (const [oldest, numbers] of this.#ended) {
      const isWithin = this.#ended.size <= rememberedChanges && this.#rememberedCount <= rememberedEndings
      if (isWithin || oldest === sequence) break
      this.#ended.delete(oldest)
      this.#rememberedCount -= numbers.length
    }
  }
}

/** A connection that was ended: its number and its user. */
interface Ending {
  number: number
  userId: string
}

/** The log does not say which users a change of a role or of trust concerns, so it may be any user. */
function mayConcern({ kind, ids }: LoggedChange, userId: string): boolean {
  return kind !== 'user' || ids === null || ids.includes(userId)
}
