/**
 * Records as bytes of the log: one byte for kind and operation, three lengths, then key, fields and body. A deletion has the key
 * only.
 */
import { copyOf } from '../message.ts'
import type { RecordKind, StoredRecord } from '../store.ts'

/** The number of a kind in the file is its place here. New kinds go to the end. */
export const kinds: readonly RecordKind[] = ['session', 'subscription', 'outgoing', 'incoming', 'retained', 'will']
const numbers = new Map(kinds.map((kind, number) => [kind, number]))
const deletion = 0x80
/** Kind and operation, key bytes, fields bytes, body bytes. */
const headBytes = 13
const noBody = 0xffff_ffff
const firstBytes = 65_536
/** A larger buffer is not kept for the next batch. */
const keptBytes = 4 * 1_048_576

/** Writes records one after the other into a buffer that grows. It leaves room for a head in front of them. */
export class RecordWriter {
  readonly #reserved: number
  #bytes: Buffer = Buffer.allocUnsafeSlow(firstBytes)
  #length: number

  /** @param reserved bytes of the head. */
  constructor(reserved: number) {
    this.#reserved = reserved
    this.#length = reserved
  }

  /** Number of bytes that are written, with the head. */
  get length(): number {
    return this.#length
  }

  /** The head and all records. It shares the memory of the writer: `clear` makes it invalid. */
  get written(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  put({ kind, key, fields, body }: StoredRecord): void {
    this.#reserve(headBytes + (key.length + fields.length) * 3 + (body?.length ?? 0))
    const start = this.#length
    const keyBytes = this.#bytes.write(key, start + headBytes)
    const fieldsBytes = this.#bytes.write(fields, start + headBytes + keyBytes)
    const end = start + headBytes + keyBytes + fieldsBytes
    if (body) body.copy(this.#bytes, end)
    this.#writeHead(numbers.get(kind)!, { keyBytes, fieldsBytes, bodyBytes: body?.length ?? noBody })
    this.#length = end + (body?.length ?? 0)
  }

  delete({ kind, key }: { kind: RecordKind; key: string }): void {
    this.#reserve(headBytes + key.length * 3)
    const keyBytes = this.#bytes.write(key, this.#length + headBytes)
    this.#writeHead(numbers.get(kind)! | deletion, { keyBytes, fieldsBytes: 0, bodyBytes: noBody })
    this.#length += headBytes + keyBytes
  }

  /** Adds a record that is bytes already. */
  copy(record: Uint8Array): void {
    this.#reserve(record.length)
    this.#bytes.set(record, this.#length)
    this.#length += record.length
  }

  /** The memory of the writer, to be transferred to another thread. The writer is empty then. */
  giveAway(): ArrayBuffer {
    const { buffer } = this.#bytes
    this.#bytes = Buffer.alloc(0)
    return buffer as ArrayBuffer
  }

  /** Takes memory back, so that the next batch needs no other. */
  giveBack({ buffer }: Uint8Array): void {
    this.#bytes = Buffer.from(buffer as ArrayBuffer)
  }

  clear(): void {
    this.#length = this.#reserved
    const isKept = this.#bytes.length >= firstBytes && this.#bytes.length <= keptBytes
    if (!isKept) this.#bytes = Buffer.allocUnsafeSlow(firstBytes)
  }

  #writeHead(first: number, lengths: { keyBytes: number; fieldsBytes: number; bodyBytes: number }): void {
    const at = this.#length
    this.#bytes[at] = first
    this.#bytes.writeUInt32LE(lengths.keyBytes, at + 1)
    this.#bytes.writeUInt32LE(lengths.fieldsBytes, at + 5)
    this.#bytes.writeUInt32LE(lengths.bodyBytes, at + 9)
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + more))
    this.written.copy(larger)
    this.#bytes = larger
  }
}

/** A record in the bytes of a batch. Its parts are read when they are needed. */
export interface FoundRecord {
  kind: RecordKind
  key: string
  isDeletion: boolean
  /** Where its first byte stands, and where the next record begins. */
  start: number
  end: number
}

/** Reads the records between two places. The bytes must be those of a batch whose checksum was right. */
export function* findRecords(bytes: Buffer, start: number, end: number): Generator<FoundRecord, void> {
  for (let at = start; at < end; ) {
    const first = bytes[at]!
    const kind = kinds[first & ~deletion]
    if (!kind) throw new Error(`the log has a record of the unknown kind ${first & ~deletion}`)
    const keyEnd = at + headBytes + bytes.readUInt32LE(at + 1)
    const key = bytes.toString('utf8', at + headBytes, keyEnd)
    const record = { kind, key, isDeletion: (first & deletion) !== 0, start: at, end: endOf(bytes, at, keyEnd) }
    yield record
    at = record.end
  }
}

function endOf(bytes: Buffer, start: number, keyEnd: number): number {
  const bodyBytes = bytes.readUInt32LE(start + 9)
  return keyEnd + bytes.readUInt32LE(start + 5) + (bodyBytes === noBody ? 0 : bodyBytes)
}

/** The whole record. Its body is a copy: a slice would keep all bytes of the file in memory. */
export function readRecord(bytes: Buffer, { kind, key, start, end }: FoundRecord): StoredRecord {
  const fieldsStart = start + headBytes + bytes.readUInt32LE(start + 1)
  const fieldsEnd = fieldsStart + bytes.readUInt32LE(start + 5)
  const hasBody = bytes.readUInt32LE(start + 9) !== noBody
  const fields = bytes.toString('utf8', fieldsStart, fieldsEnd)
  return { kind, key, fields, body: hasBody ? copyOf(bytes.subarray(fieldsEnd, end)) : undefined }
}
