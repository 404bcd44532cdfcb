/**
 * Collects the changes of durable state and commits them in groups: one commit under way, everything that happens meanwhile in
 * the next one. Whatever must not be said before it is safe (PUBACK, PUBREC, PUBCOMP, …) waits in `afterCommit`.
 */
import type { Batch, RecordKind, Store, StoredRecord } from './store.ts'

/** A record that is written later. It is read when its group is committed, so several changes of it cost one write. */
export interface Durable {
  toRecord(): Pick<StoredRecord, 'fields' | 'body'>
}

interface Change {
  kind: RecordKind
  key: string
  /** undefined deletes the record. */
  value: Durable | undefined
  /** The store has no such record: if it is deleted before the commit, nothing is written. */
  isNew: boolean
}

/** With so many changes or answers waiting the journal is behind: connections are not read until a commit is done. */
const behind = 20_000
const retryAfterMs = 1000

export class Journal {
  readonly #store: Store | undefined
  readonly #failed: (error: unknown) => void
  #changes = new Map<string, Change>()
  #waiting: (() => void)[] = []
  #isCommitting = false
  #isScheduled = false
  #idle: (() => void)[] = []

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
    this.#add({ kind, key, value, isNew: true })
  }

  /** Writes a record that the store may have. */
  put(kind: RecordKind, key: string, value: Durable): void {
    const id = kind + key
    this.#add({ kind, key, value, isNew: this.#changes.get(id)?.isNew ?? false })
  }

  delete(kind: RecordKind, key: string): void {
    if (this.#changes.get(kind + key)?.isNew) this.#changes.delete(kind + key)
    else this.#add({ kind, key, value: undefined, isNew: false })
  }

  /** Calls back when everything that was changed before is on disk: at once if nothing is on its way. Order is kept. */
  afterCommit(callback: () => void): void {
    if (this.#changes.size === 0 && !this.#isCommitting && this.#waiting.length === 0) callback()
    else {
      this.#waiting.push(callback)
      this.#schedule()
    }
  }

  /** Resolves when nothing is on its way any more. */
  async settle(): Promise<void> {
    if (this.#changes.size === 0 && !this.#isCommitting && this.#waiting.length === 0) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  #add(change: Change): void {
    if (!this.#store) return
    const id = change.kind + change.key
    // A record that was deleted in this group exists in the store: writing it again is not new.
    const isKnown = this.#changes.has(id) && !this.#changes.get(id)!.isNew
    this.#changes.set(id, isKnown ? { ...change, isNew: false } : change)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isCommitting) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      void this.#commit()
    })
  }

  async #commit(): Promise<void> {
    const changes = this.#changes
    const waiting = this.#waiting
    this.#changes = new Map()
    this.#waiting = []
    this.#isCommitting = true
    try {
      if (changes.size > 0) await this.#store?.commit(batchOf(changes.values()))
    } catch (error) {
      this.#failed(error)
      this.#takeBack(changes, waiting)
      setTimeout(() => void this.#commit(), retryAfterMs).unref()
      return
    }
    this.#isCommitting = false
    for (const callback of waiting) callback()
    if (this.#changes.size > 0 || this.#waiting.length > 0) this.#schedule()
    else for (const resolve of this.#idle.splice(0)) resolve()
  }

  /** After a failed commit: the changes go before those that came meanwhile. `#isCommitting` stays, nothing overtakes. */
  #takeBack(changes: Map<string, Change>, waiting: (() => void)[]): void {
    for (const [id, change] of this.#changes) {
      const isUnwritten = changes.get(id)?.isNew ?? false
      if (isUnwritten && !change.value) changes.delete(id)
      else changes.set(id, { ...change, isNew: isUnwritten || change.isNew })
    }
    this.#changes = changes
    this.#waiting = [...waiting, ...this.#waiting]
  }
}

function batchOf(changes: Iterable<Change>): Batch {
  const batch: Batch = { puts: [], deletes: [] }
  for (const { kind, key, value } of changes) {
    if (value) batch.puts.push({ kind, key, ...value.toRecord() })
    else batch.deletes.push({ kind, key })
  }
  return batch
}
