/**
 * Collects the changes of durable state and commits them in groups: one commit under way, everything that happens meanwhile in
 * the next one. Whatever must not be said before it is safe (PUBACK, PUBREC, PUBCOMP, …) waits in `afterCommit`.
 */
import type { Batch, RecordKind, Store, StoredRecord } from './store.ts'
import type { FaultHandler } from './turns.ts'

/** A record that is written later. It is read when its group is committed, so several changes of it cost one write. */
export interface Durable {
  toRecord(): Pick<StoredRecord, 'fields' | 'body'>
}

interface Change {
  /** undefined deletes the record. */
  value: Durable | undefined
  /** The store has no such record: if it is deleted before the commit, nothing is written. */
  isNew: boolean
}

/** What waits for a commit. */
interface Answer {
  callback: () => void
  owner: FaultHandler
}

/** With so many changes or answers waiting the journal is behind: connections are not read until a commit is done. */
const behind = 20_000
const retryAfterMs = 1000
/**
 * After a group of at least this size the next one waits this long. While many messages arrive, one commit of them costs less CPU
 * than several small ones: a quarter less of QoS 1 with a window of 100 (decision 64). After a small group nothing waits.
 */
const largeGroup = 16
const gatherMs = 3

/** Deletes a record that the store may have. */
const deletion: Change = { value: undefined, isNew: false }

/** The changes of one group. A map for each kind, because joining kind and key for every change would cost time. */
class Group {
  readonly #changes = new Map<RecordKind, Map<string, Change>>()
  size = 0

  get(kind: RecordKind, key: string): Change | undefined {
    return this.#changes.get(kind)?.get(key)
  }

  set(kind: RecordKind, key: string, change: Change): void {
    let changes = this.#changes.get(kind)
    if (!changes) this.#changes.set(kind, (changes = new Map()))
    const before = changes.size
    changes.set(key, change)
    this.size += changes.size - before
  }

  delete(kind: RecordKind, key: string): void {
    if (this.#changes.get(kind)?.delete(key)) this.size--
  }

  *all(): Generator<[kind: RecordKind, key: string, change: Change], void> {
    for (const [kind, changes] of this.#changes) for (const [key, change] of changes) yield [kind, key, change]
  }

  toBatch(): Batch {
    const batch: Batch = { puts: [], deletes: [] }
    for (const [kind, changes] of this.#changes) {
      for (const [key, { value }] of changes) {
        if (value) {
          const { fields, body } = value.toRecord()
          batch.puts.push({ kind, key, fields, body })
        } else batch.deletes.push({ kind, key })
      }
    }
    return batch
  }
}

export class Journal {
  readonly #store: Store | undefined
  readonly #failed: (error: unknown) => void
  #changes = new Group()
  #waiting: Answer[] = []
  #isCommitting = false
  #isScheduled = false
  /** The last group was large. */
  #isLoaded = false
  #idle: (() => void)[] = []
  #isFinishing = false

  /** Without a store nothing is written, and nothing waits. */
  constructor(store: Store | undefined, failed: (error: unknown) => void) {
    this.#store = store
    this.#failed = failed
  }

  get isBehind(): boolean {
    return this.#changes.size >= behind || this.#waiting.length >= behind
  }

  /** Writes a record that the store does not have yet. */
  insert(kind: RecordKind, key: string, value: Durable): void {
    // A record that was deleted in this group exists in the store: writing it again is not new.
    const isNew = this.#changes.get(kind, key)?.isNew ?? true
    this.#add(kind, key, { value, isNew })
  }

  /** Writes a record that the store may have. */
  put(kind: RecordKind, key: string, value: Durable): void {
    const pending = this.#changes.get(kind, key)
    // Its record is read when the group is committed.
    if (pending?.value !== value) this.#add(kind, key, { value, isNew: pending?.isNew ?? false })
  }

  delete(kind: RecordKind, key: string): void {
    if (this.#changes.get(kind, key)?.isNew) this.#changes.delete(kind, key)
    else this.#add(kind, key, deletion)
  }

  /**
   * Calls back when everything that was changed before is on disk: at once if nothing is on its way. Order is kept.
   * @param owner gets the error if the callback throws later. The other callbacks still run.
   */
  afterCommit(callback: () => void, owner: FaultHandler): void {
    if (this.#changes.size === 0 && !this.#isCommitting && this.#waiting.length === 0) callback()
    else {
      this.#waiting.push({ callback, owner })
      this.#schedule()
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settle(): Promise<void> {
    if (this.#changes.size === 0 && !this.#isCommitting && this.#waiting.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Like `settle`, for the last time: it also resolves when a commit fails, which is not tried again then. */
  async finish(): Promise<void> {
    this.#isFinishing = true
    await this.settle()
  }

  #add(kind: RecordKind, key: string, change: Change): void {
    if (!this.#store) return
    this.#changes.set(kind, key, change)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting) return
    this.#isScheduled = true
    const commit = (): void => {
      this.#isScheduled = false
      void this.#commit()
    }
    if (this.#isLoaded) setTimeout(commit, gatherMs)
    else setImmediate(commit)
  }

  async #commit(): Promise<void> {
    const changes = this.#changes
    const waiting = this.#waiting
    this.#changes = new Group()
    this.#waiting = []
    this.#isCommitting = true
    this.#isLoaded = changes.size >= largeGroup
    try {
      if (changes.size > 0) await this.#store?.commit(changes.toBatch())
    } catch (error) {
      this.#failed(error)
      this.#takeBack(changes, waiting)
      if (this.#isFinishing) this.#resolveIdle()
      else setTimeout(() => void this.#commit(), retryAfterMs).unref()
      return
    }
    this.#isCommitting = false
    for (const answer of waiting) say(answer)
    if (this.#changes.size > 0 || this.#waiting.length > 0) this.#schedule()
    else this.#resolveIdle()
  }

  #resolveIdle(): void {
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** After a failed commit: the changes go before those that came meanwhile. `#isCommitting` stays, nothing overtakes. */
  #takeBack(changes: Group, waiting: Answer[]): void {
    for (const [kind, key, change] of this.#changes.all()) {
      // The commit that failed knows whether the store has the record.
      const { isNew } = changes.get(kind, key) ?? change
      if (isNew && !change.value) changes.delete(kind, key)
      else changes.set(kind, key, { ...change, isNew })
    }
    this.#changes = changes
    this.#waiting = [...waiting, ...this.#waiting]
  }
}

function say({ callback, owner }: Answer): void {
  try {
    callback()
  } catch (error) {
    owner.failed(error)
  }
}
