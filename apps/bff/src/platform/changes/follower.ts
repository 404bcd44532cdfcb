/** Follows the change log for one enforcer: every change once, in its order, one after the other. */
import type { ChangeReader, LoggedChange } from './store.ts'

/** How many connections each of the last changes ended; more are forgotten, oldest first. */
const rememberedCounts = 1_000

export interface Enforce {
  /** Enforces one change. Returns the user id of each connection that it ended. */
  change(change: LoggedChange): Promise<string[]>
  /** Looks at everything again: part of the log was pruned. */
  everything(): Promise<string[]>
}

export class ChangeFollower {
  readonly #reader: ChangeReader
  readonly #enforce: Enforce
  readonly #ended = new Map<number, number>()
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

  /** Resolves when the change is enforced, with the number of connections that it ended. */
  async enforced(sequence: number): Promise<number> {
    if (this.#cursor < sequence) await this.follow()
    return this.#ended.get(sequence) ?? 0
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
   * The facts are read when a change is enforced, so an earlier change of the same pass may end what a later one took away. The later
   * one counts it as well, where it concerns the same user, so that its caller is told.
   */
  async #enforceEach(changes: readonly LoggedChange[]): Promise<void> {
    const endedInPass: string[] = []
    for (const change of changes) {
      endedInPass.push(...(await this.#enforce.change(change)))
      this.#remember(change.sequence, endedInPass.filter((userId) => mayConcern(change, userId)).length)
      this.#cursor = change.sequence
    }
  }

  async #enforceEverything(): Promise<void> {
    const latest = await this.#reader.latestChange()
    const ended = await this.#enforce.everything()
    this.#remember(latest, ended.length)
    this.#cursor = latest
  }

  #remember(sequence: number, ended: number): void {
    if (ended === 0) return
    const [oldest] = this.#ended.keys()
    if (this.#ended.size >= rememberedCounts && oldest !== undefined) this.#ended.delete(oldest)
    this.#ended.set(sequence, ended)
  }
}

/** The log does not say which users a change of a role or of trust concerns, so it may be any user. */
function mayConcern({ kind, ids }: LoggedChange, userId: string): boolean {
  return kind !== 'user' || ids === null || ids.includes(userId)
}
