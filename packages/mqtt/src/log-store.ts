/**
 * Durable state in an append-only log: a folder with segments (files of about 16 MiB). A batch is one write, and is on the disk
 * when the write returns. Old versions of records stay in the log until their segment is cleaned.
 *
 * The oldest segment is cleaned first, a piece with each commit: its valid records are written again, at the end. So the log is
 * at most about twice as large as its valid records, and 64 MiB; and a deletion in it is not needed any more when its segment
 * goes, because the record that it deleted stood in an older one.
 */
import { Disk } from './log/disk.ts'
import { batchHeadBytes, DamagedLog, sealBatch } from './log/frames.ts'
import { LiveRecords } from './log/live-records.ts'
import { findRecords, RecordWriter, readRecord } from './log/records.ts'
import {
  createSegment,
  listSegments,
  removeSegments,
  type ScannedSegment,
  type Segment,
  scanSegment,
  secureTail,
} from './log/segments.ts'
import type { Batch, RecordKind, Store, StoredRecord } from './store.ts'

export { DamagedLog } from './log/frames.ts'

export interface LogOptions {
  /** A segment that has reached this size is not continued. */
  segmentBytes?: number
  /** The log is not cleaned while it is smaller. */
  uncleanedBytes?: number
  /** Called at the start when a batch was incomplete, with its bytes. It was never acknowledged. */
  cutOff?: (bytes: number) => void
}

/** At least so much of the oldest segment is cleaned with one commit. */
const cleanedAtOnce = 262_144
/** With each byte that is written so many of the oldest segment are cleaned: faster than the log grows. */
const cleanedPerByte = 4
/** The most records that one commit writes again, because the event loop waits meanwhile. */
const movedAtOnce = 4000

/**
 * Opens the log in a folder, or creates it. Only one engine may use it at a time: the embedder makes sure of that. It is read
 * synchronously; later calls do not hold up the event loop.
 * @throws `DamagedLog`, an error of the file system, or an error if a later version wrote it.
 */
export async function openLogStore(folder: string, options: LogOptions = {}): Promise<Store> {
  const live = new LiveRecords()
  const { segments, oldest } = scan(folder, live, options)
  if (segments.length === 0) segments.push(createSegment({ folder, number: 1, oldest: 1, start: 0 }))
  return new LogStore({ folder, options, live, segments, oldest })
}

/** Reads the log and finds the valid records. Removes what a crash left. */
function scan(folder: string, live: LiveRecords, { cutOff }: LogOptions): { segments: Segment[]; oldest: number } {
  const numbers = listSegments(folder)
  const newest = numbers.at(-1)
  if (newest === undefined) return { segments: [], oldest: 1 }
  const { oldest, rest } = scanSegment(folder, { number: newest, start: 0, isLast: true })
  const needed = numbers.filter((number) => number >= oldest)
  for (const [place, number] of needed.entries()) {
    if (number !== oldest + place) throw new DamagedLog(`segment ${oldest + place} is missing in ${folder}`)
  }
  const segments: Segment[] = []
  let start = 0
  for (const number of needed) {
    const scanned = scanSegment(folder, { number, start, isLast: number === newest })
    applyTo(live, scanned)
    const { path, salt, bytes } = scanned
    segments.push({ path, number, salt, start, bytes })
    start += bytes
  }
  secureTail(segments.at(-1)!)
  if (rest > 0) cutOff?.(rest)
  removeSegments({ folder, numbers: numbers.filter((number) => number < oldest) })
  return { segments, oldest }
}

function applyTo(live: LiveRecords, { content, batches, start: segmentStart }: ScannedSegment): void {
  for (const batch of batches) {
    for (const { kind, key, isDeletion, start, end } of findRecords(content, batch.start, batch.end)) {
      if (isDeletion) live.delete(kind, key)
      else live.put(kind, key, { at: segmentStart + start, bytes: end - start })
    }
  }
}

interface LogParts {
  folder: string
  options: LogOptions
  live: LiveRecords
  segments: Segment[]
  oldest: number
}

class LogStore implements Store {
  readonly #folder: string
  readonly #options: Required<Pick<LogOptions, 'segmentBytes' | 'uncleanedBytes'>>
  readonly #live: LiveRecords
  /** The first one is the oldest, the last one grows. Never empty. */
  readonly #segments: Segment[]
  readonly #writer = new RecordWriter(batchHeadBytes)
  readonly #disk = new Disk()
  #oldest: number
  /** A write failed, and something of it may stand behind the last batch. */
  #isTailDirty = false
  #lastBatchBytes = 0
  #commit: Promise<void> = Promise.resolve()

  constructor({ folder, options, live, segments, oldest }: LogParts) {
    this.#folder = folder
    this.#options = { segmentBytes: 16 * 1_048_576, uncleanedBytes: 64 * 1_048_576, ...options }
    this.#live = live
    this.#segments = segments
    this.#oldest = oldest
  }

  async *load(): AsyncIterable<StoredRecord> {
    for (const { number, start: segmentStart } of this.#segments) {
      const { content, batches } = scanSegment(this.#folder, { number, start: segmentStart, isLast: false })
      for (const batch of batches) {
        for (const found of findRecords(content, batch.start, batch.end)) {
          const isLive = !found.isDeletion && this.#live.isAt(found.kind, found.key, segmentStart + found.start)
          if (isLive) yield readRecord(content, found)
        }
      }
    }
  }

  commit(batch: Batch): Promise<void> {
    const commit = this.#write(batch)
    this.#commit = commit.catch(() => undefined)
    return commit
  }

  async close(): Promise<void> {
    await this.#commit
    await this.#disk.close()
  }

  get #last(): Segment {
    return this.#segments.at(-1)!
  }

  async #write({ puts, deletes }: Batch): Promise<void> {
    this.#writer.clear()
    await this.#prepareSegment()
    const written: WrittenRecord[] = []
    const oldest = this.#firstNeeded()
    await this.#clean(written)
    for (const record of puts) {
      const offset = this.#writer.length
      this.#writer.put(record)
      written.push({ kind: record.kind, key: record.key, offset, bytes: this.#writer.length - offset })
    }
    for (const each of deletes) this.#writer.delete(each)
    const start = await this.#append(oldest)
    for (const { kind, key, offset, bytes } of written) this.#live.put(kind, key, { at: start + offset, bytes })
    for (const { kind, key } of deletes) this.#live.delete(kind, key)
    await this.#forget(oldest)
  }

  /** Cuts off what a failed write left, and begins a new segment when the last one is full. */
  async #prepareSegment(): Promise<void> {
    const { path, number, start, bytes } = this.#last
    if (this.#isTailDirty) await this.#disk.call('truncate', { path, bytes })
    this.#isTailDirty = false
    if (bytes < this.#options.segmentBytes) return
    const segment = { folder: this.#folder, number: number + 1, oldest: this.#oldest, start: start + bytes }
    this.#segments.push(await this.#disk.call('create', segment))
  }

  /** The number of the first segment with a valid record. */
  #firstNeeded(): number {
    if (this.#segments.length === 1) return this.#last.number
    const at = this.#live.first?.at ?? Number.POSITIVE_INFINITY
    return (this.#segments.find(({ start, bytes }) => at < start + bytes) ?? this.#last).number
  }

  /** Writes the first valid records of the log again, so that their segment becomes free. */
  async #clean(written: WrittenRecord[]): Promise<void> {
    const { uncleanedBytes } = this.#options
    const { first, bytes: liveBytes } = this.#live
    const used = this.#last.start + this.#last.bytes - this.#segments[0]!.start
    if (!first || used < uncleanedBytes + 2 * liveBytes) return
    const segment = this.#segments.find(({ start, bytes }) => first.at < start + bytes)
    if (!segment || segment === this.#last) return
    const wanted = Math.max(first.bytes, cleanedAtOnce, this.#lastBatchBytes * cleanedPerByte)
    const end = Math.min(first.at + wanted, segment.start + segment.bytes)
    const part = { path: segment.path, start: first.at - segment.start, end: end - segment.start }
    const content = await this.#disk.call('read', part)
    for (const { kind, key, place } of this.#live.before(end)) {
      if (written.length === movedAtOnce) break
      const at = place.at - first.at
      written.push({ kind, key, offset: this.#writer.length, bytes: place.bytes })
      this.#writer.copy(content.subarray(at, at + place.bytes))
    }
  }

  /** @returns the place of the batch. */
  async #append(oldest: number): Promise<number> {
    const last = this.#last
    const batch = this.#writer.written
    const { length } = batch
    sealBatch(batch, { oldest, salt: last.salt })
    this.#isTailDirty = true
    const { path, bytes: at } = last
    this.#writer.giveBack(await this.#disk.call('append', { path, bytes: batch, at }, [this.#writer.giveAway()]))
    this.#isTailDirty = false
    const start = last.start + last.bytes
    last.bytes += length
    this.#lastBatchBytes = length
    return start
  }

  /** Deletes the segments without valid records. What a crash leaves of them is deleted at the next start. */
  async #forget(oldest: number): Promise<void> {
    this.#oldest = oldest
    const count = this.#segments.findIndex(({ number }) => number === oldest)
    if (count === 0) return
    const numbers = this.#segments.splice(0, count).map(({ number }) => number)
    await this.#disk.call('remove', { folder: this.#folder, numbers }).catch(() => undefined)
  }
}

/** A record in the writer. */
interface WrittenRecord {
  kind: RecordKind
  key: string
  offset: number
  bytes: number
}
