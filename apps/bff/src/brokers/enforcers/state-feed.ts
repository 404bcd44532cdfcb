/** What the console wants of one broker, in revisions: an enforcer gets what changed since its own, or everything. */
import { randomUUID } from 'node:crypto'
import type { PullAnswer, PullRequest } from '@gatehouse/contract/brokers/enforcer-protocol'
import { StateEntries } from './state-entries.ts'

/** How many removed entries are remembered. An enforcer that is further behind gets everything. */
const rememberedRemovals = 10_000

export type StateAnswer = Omit<PullAnswer, 'passwords' | 'at'>
export type Position = Omit<PullRequest, 'waitMs'>

export class StateFeed {
  /** Revisions of another process, or of an earlier start of this one, mean something else. */
  readonly epoch: string = randomUUID()
  readonly #entries = new StateEntries()
  readonly #changedAt = new Map<string, number>()
  readonly #removedAt = new Map<string, number>()
  #forgottenThrough = 0
  #revision = 0
  #sequence = 0

  get revision(): number {
    return this.#revision
  }

  /** The change of the log that the newest revision contains. */
  get sequence(): number {
    return this.#sequence
  }

  /** Takes the entries of this change of the log. A change that concerns none of them makes no revision. */
  update(sequence: number, wanted: ReadonlyMap<string, string>): void {
    this.#sequence = Math.max(sequence, this.#sequence)
    const changed = [...wanted].filter(([key, value]) => this.#entries.get(key) !== value)
    const removed = [...this.#entries.keys()].filter((key) => !wanted.has(key))
    if (changed.length === 0 && removed.length === 0 && this.#revision > 0) return
    this.#revision++
    for (const [key, value] of changed) {
      this.#entries.set(key, value)
      this.#changedAt.set(key, this.#revision)
      this.#removedAt.delete(key)
    }
    for (const key of removed) {
      this.#entries.delete(key)
      this.#changedAt.delete(key)
      this.#removedAt.set(key, this.#revision)
    }
    this.#forgetOldRemovals()
  }

  /** Null: an enforcer that stands there has everything. */
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

  /** For an enforcer that has everything: the poll ends so that it carries something else, or because its time is over. */
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
