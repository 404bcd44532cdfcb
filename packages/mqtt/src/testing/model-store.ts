/** What a store should contain, to compare it with. */
import type { Batch, Store, StoredRecord } from '../store.ts'

export async function recordsOf(store: Store): Promise<Map<string, StoredRecord>> {
  const records = new Map<string, StoredRecord>()
  for await (const record of store.load()) records.set(`${record.kind} ${record.key}`, record)
  return new Map([...records].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** The records after one more batch. */
export function after(records: ReadonlyMap<string, StoredRecord>, { puts, deletes }: Batch): Map<string, StoredRecord> {
  const next = new Map(records)
  for (const record of puts) next.set(`${record.kind} ${record.key}`, record)
  for (const { kind, key } of deletes) next.delete(`${kind} ${key}`)
  return new Map([...next].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** A batch with some of 40 keys. */
export function randomBatch(random: () => number): Batch {
  const batch: Batch = { puts: [], deletes: [] }
  for (let key = 0; key < 40; key++) {
    const kind = key % 2 === 0 ? 'outgoing' : 'retained'
    const chance = random()
    if (chance < 0.1) {
      const body = random() < 0.2 ? undefined : Buffer.alloc(Math.floor(random() * 100), key)
      batch.puts.push({ kind, key: `key ${key}`, fields: JSON.stringify({ n: random() }), body })
    } else if (chance < 0.2) batch.deletes.push({ kind, key: `key ${key}` })
  }
  return batch
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
