/** What the console wants of one broker, in revisions: an enforcer gets what changed since its own, or everything. */
import { randomUUID } from 'node:crypto'
import type { PullAnswer, PullRequest } from '@gatehouse/contract/brokers/enforcer-protocol'
import { StateEntries } from './state-entries.ts'

/** How many removed entries are remembered. An enforcer that is further behind gets everything. */
const rememberedRemovals = 10_000

export type StateAnswer = Omit<PullAnswer, 'passwords' | 'at'>
export type Position = Omit<PullRequest, 'waitMs'>

export interface EntryChanges {
  changed: Iterable<readonly [string, string]>
  removed: Iterable<string>
}

export class StateFeed {
  /** Revisions of another process, or of an earlier start of this one, mean something else. */
  readonly epoch: string = randomUUID()
  readonly #entries = new StateEntries()
  readonly #changedAt = new Map<string, number>()
  readonly #removedAt = new Map<string, number>()
  #forgottenThrough = 0
  #revision = 0
  #sequence = 0

  /** 0: nothing is known yet. */
  get revision(): number {
    return this.#revision
  }

  keys(): Iterable<string> {
    return this.#entries.keys()
  }

  /** The change of the log that the newest revision contains. */
  get sequence(): number {
    return this.#sequence
  }

  /** The whole state, up to this change of the log. */
  replace(sequence: number, wanted: ReadonlyMap<string, string>): void {
    const removed = [...this.#entries.keys()].filter((key) => !wanted.has(key))
    this.change(sequence, { changed: wanted, removed })
    // The first revision, also of an empty state: an enforcer without any would wait for ever.
    if (this.#revision === 0) this.#revision = 1
  }

  /** Some entries, by this change of the log. A change that concerns none of them makes no revision. */
  change(sequence: number, { changed, removed }: EntryChanges): void {
    this.#sequence = Math.max(sequence, this.#sequence)
    const next = this.#revision + 1
    for (const [key, value] of changed) {
      if (this.#entries.get(key) === value) continue
      this.#revision = next
      this.#entries.set(key, value)
      this.#changedAt.set(key, next)
      this.#removedAt.delete(key)
    }
    for (const key of removed) {
      if (!this.#entries.delete(key)) continue
      this.#revision = next
      this.#changedAt.delete(key)
      this.#removedAt.set(key, next)
    }
    this.#forgetOldRemovals()
  }

  /** Null: an enforcer with this state has everything. */
  answer({ epoch, revision, digest }: Position): StateAnswer | null {
    const isSame = digest === this.#entries.digest
    if (epoch === this.epoch && revision === this.#revision && isSame) return null
    if (isSame) return this.#answerWith({ entries: null, isWhole: false, removed: [] })
    const canFollow = epoch === this.epoch && revision >= this.#forgottenThrough && revision < this.#revision
    if (!canFollow || digest === null)
      return this.#answerWith({ entries: Object.fromEntries(this.#entries.entries()), isWhole: true, removed: [] })
    const changed = [...this.#entries.entries()].filter(([key]) => (this.#changedAt.get(key) ?? 0) > revision)
    const removed = [...this.#removedAt].filter(([, at]) => at > revision).map(([key]) => key)
    return this.#answerWith({ entries: Object.fromEntries(changed), isWhole: false, removed })
  }

  /** For an enforcer that has everything: its poll ends so that it carries something else, or because its time is over. */
  unchanged(): StateAnswer {
    return this.#answerWith({ entries: null, isWhole: false, removed: [] })
  }

  #answerWith(part: Pick<StateAnswer, 'entries' | 'isWhole' | 'removed'>): StateAnswer {
    const { epoch } = this
    return { epoch, revision: this.#revision, sequence: this.#sequence, digest: this.#entries.digest, ...part }
  }

  #forgetOldRemovals(): void {
    for (const [key, at] of this.#removedAt) {
      if (this.#removedAt.size <= rememberedRemovals) return
      this.#removedAt.delete(key)
      this.#forgottenThrough = Math.max(this.#forgottenThrough, at)
    }
  }
}
