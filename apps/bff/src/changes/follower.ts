/** Follows the change log for one enforcer: every change once, in its order, one after the other. */
import type { ChangeReader, LoggedChange } from './store.ts'

/** How many connections each of the last changes ended; more are forgotten, oldest first. */
const rememberedCounts = 1_000

export interface Enforce {
  /** Enforces one change; answers how many connections it ended. */
  change(change: LoggedChange): Promise<number>
  /** Looks at everything again: part of the log was pruned. */
  everything(): Promise<number>
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

  /** Enforces all that is in the log by now. Rejects where it cannot be read; the next call goes on at the same place. */
  follow(): Promise<void> {
    const turn = this.#turn.then(() => this.#followNow())
    this.#turn = turn.catch(() => {})
    return turn
  }

  /** Resolves when the change is enforced; answers how many connections it ended. */
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
   * The facts are read when a change is enforced, so the first of two changes of one user may end what the second one took away. The
   * second one counts it as well: its caller is told.
   */
  async #enforceEach(changes: readonly LoggedChange[]): Promise<void> {
    const endedSoFar = new Map<string, number>()
    for (const change of changes) {
      const about = JSON.stringify([change.kind, change.ids])
      const ended = (endedSoFar.get(about) ?? 0) + (await this.#enforce.change(change))
      endedSoFar.set(about, ended)
      this.#remember(change.sequence, ended)
      this.#cursor = change.sequence
    }
  }

  async #enforceEverything(): Promise<void> {
    const latest = await this.#reader.latestChange()
    const ended = await this.#enforce.everything()
    this.#remember(latest, ended)
    this.#cursor = latest
  }

  #remember(sequence: number, ended: number): void {
    if (ended === 0) return
    const [oldest] = this.#ended.keys()
    if (this.#ended.size >= rememberedCounts && oldest !== undefined) this.#ended.delete(oldest)
    this.#ended.set(sequence, ended)
  }
}
