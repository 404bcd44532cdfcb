/**
 * The files of the log: `0000000001.log` and so on, in one folder. Only the last one grows. The calls are synchronous: they are
 * made at the start, and in the thread of the log.
 */
import {
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import {
  DamagedLog,
  decodeSegmentHead,
  encodeSegmentHead,
  type FoundBatch,
  findBatch,
  hasBatchBehind,
  newSalt,
  segmentHeadBytes,
} from './frames.ts'

export interface Segment {
  path: string
  number: number
  salt: number
  /** The place of its first byte, counted over all segments. */
  start: number
  /** Valid bytes, with the head. */
  bytes: number
}

/** Messages can be secrets: only the owner may read them. */
const fileMode = 0o600
const folderMode = 0o700

/** Creates the folder if it is missing. @returns the numbers of the segments in it. */
export function listSegments(folder: string): number[] {
  const created = mkdirSync(folder, { recursive: true, mode: folderMode })
  // Otherwise a power cut can take away the whole folder, with batches that were on the disk.
  if (created !== undefined) syncFolder(dirname(folder))
  chmodSync(folder, folderMode)
  const names = readdirSync(folder)
  for (const name of names) if (name.endsWith('.new')) rmSync(join(folder, name))
  const numbers = names.flatMap((name) => (/^\d{10}\.log$/.test(name) ? [Number(name.slice(0, 10))] : []))
  return numbers.toSorted((a, b) => a - b)
}

export interface NewSegment {
  folder: string
  number: number
  oldest: number
  start: number
}

/** Makes an empty segment. When its name appears, its head is on the disk. */
export function createSegment({ folder, number, oldest, start }: NewSegment): Segment {
  const path = pathOf(folder, number)
  const salt = newSalt()
  withFile(`${path}.new`, 'w', (file) => {
    writeAll(file, encodeSegmentHead({ number, oldest, salt }), 0)
    fsyncSync(file)
  })
  renameSync(`${path}.new`, path)
  syncFolder(folder)
  return { path, number, salt, start, bytes: segmentHeadBytes }
}

/** Opens a segment for appending. A write is on the disk when it returns. */
export function openForAppending(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_DSYNC)
}

/** Writes all bytes. A full disk may take a part of them, and refuses the next one. */
export function writeAll(file: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, at + done)
}

export interface ScannedSegment extends Segment {
  oldest: number
  content: Buffer
  batches: FoundBatch[]
  /** Bytes behind the last batch: what was left of a write when the process or the machine stopped. */
  rest: number
}

/**
 * Reads a whole segment.
 * @throws if it is damaged. Only the last batch may be incomplete: then nothing valid follows it.
 */
export function scanSegment(
  folder: string,
  { number, start, isLast }: { number: number; start: number; isLast: boolean },
): ScannedSegment {
  const path = pathOf(folder, number)
  const content = readFileSync(path)
  const head = decodeSegmentHead(content, path)
  if (head.number !== number) throw new DamagedLog(`${path} is segment ${head.number}`)
  const { salt } = head
  const batches: FoundBatch[] = []
  let { oldest } = head
  let bytes = segmentHeadBytes
  for (let found = findBatch(content, bytes, salt); found; found = findBatch(content, bytes, salt)) {
    batches.push(found)
    bytes = found.end
    oldest = found.oldest
  }
  const rest = content.length - bytes
  if (rest > 0 && (!isLast || hasBatchBehind(content, bytes, salt))) {
    throw new DamagedLog(`${path} is damaged at byte ${bytes}`)
  }
  return { path, number, salt, start, bytes, oldest, content, batches, rest }
}

/**
 * Cuts off an incomplete batch, and makes sure that the others are on the disk: after a crash of the process alone they may be in
 * the memory of the operating system only, and the engine is about to act on them.
 */
export function secureTail({ path, bytes }: Segment): void {
  withFile(path, 'r+', (file) => {
    ftruncateSync(file, bytes)
    fsyncSync(file)
  })
}

/** The bytes between two places of the file. */
export function readPart({ path, start, end }: { path: string; start: number; end: number }): Buffer {
  return withFile(path, 'r', (file) => {
    const content = Buffer.allocUnsafeSlow(end - start)
    if (readSync(file, content, { position: start }) < content.length) throw new Error(`${path} is shorter than it was`)
    return content
  })
}

export function removeSegments({ folder, numbers }: { folder: string; numbers: readonly number[] }): void {
  for (const number of numbers) rmSync(pathOf(folder, number), { force: true })
}

function pathOf(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, '0')}.log`)
}

function syncFolder(folder: string): void {
  withFile(folder, 'r', fsyncSync)
}

function withFile<T>(path: string, flags: string, work: (file: number) => T): T {
  const file = openSync(path, flags, fileMode)
  try {
    return work(file)
  } finally {
    closeSync(file)
  }
}
