/**
 * The port for durable state. The engine keeps everything in memory and writes what must survive; it reads only at its start.
 * An implementation keeps records by kind and key and commits batches. `log-store.ts` is one.
 */

/**
 * - `session`: key client id. User, expiry.
 * - `subscription`: key client id and filter.
 * - `outgoing`: key client id and sequence number. A queued or unacknowledged message, with its payload.
 * - `incoming`: key client id and packet identifier. A QoS 2 message that was received and is not released yet.
 * - `retained`: key topic.
 * - `will`: key client id.
 */
export type RecordKind = 'session' | 'subscription' | 'outgoing' | 'incoming' | 'retained' | 'will'

export interface StoredRecord {
  kind: RecordKind
  key: string
  /** JSON. */
  fields: string
  /** Payload and message properties. */
  body: Buffer | undefined
}

/** At most one change for each record, so their order does not matter. */
export interface Batch {
  puts: StoredRecord[]
  deletes: { kind: RecordKind; key: string }[]
}

export interface Store {
  /** All records, in any order. Called once, before the first commit. */
  load(): AsyncIterable<StoredRecord>
  /**
   * Resolves when the whole batch is safe on disk. Rejects when nothing of it was kept. The engine never has two commits under
   * way, and acknowledges a message only after the commit.
   */
  commit(batch: Batch): Promise<void>
  /** Waits for the commit under way and frees the resources. */
  close(): Promise<void>
}

/** The parts of a key. No part contains U+001F: strings with control characters are refused when a packet is read. */
export function keyOf(clientId: string, part: string | number): string {
  return `${clientId}\u001f${part}`
}

export function keyParts(key: string): [clientId: string, part: string] {
  const at = key.indexOf('\u001f')
  return [key.slice(0, at), key.slice(at + 1)]
}
