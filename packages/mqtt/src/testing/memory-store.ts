/** A store in memory, for tests that start an engine again and again: what was committed outlives the engine. */
import type { Batch, RecordKind, Store, StoredRecord } from '../store.ts'

export class MemoryStore implements Store {
  readonly records = new Map<string, StoredRecord>()

  async *load(): AsyncIterable<StoredRecord> {
    for (const record of this.records.values()) yield await Promise.resolve(record)
  }

  async commit({ puts, deletes }: Batch): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    for (const record of puts) {
      this.records.set(nameOf(record), { ...record, body: record.body && Buffer.from(record.body) })
    }
    for (const each of deletes) this.records.delete(nameOf(each))
  }

  async close(): Promise<void> {
    // Nothing to free.
  }
}

function nameOf({ kind, key }: { kind: RecordKind; key: string }): string {
  return `${kind} ${key}`
}
