/** The files of the log: `0000000001.log` and so on, in one folder. Only the last one grows. */
import { constants } from 'node:fs'
import { chmod, type FileHandle, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
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
export async function listSegments(folder: string): Promise<number[]> {
  const created = await mkdir(folder, { recursive: true, mode: folderMode })
  // Otherwise a power cut can take away the whole folder, with batches that were on the disk.
  if (created !== undefined) await syncFolder(dirname(folder))
  await chmod(folder, folderMode)
  const names = await readdir(folder)
  for (const name of names) if (name.endsWith('.new')) await rm(join(folder, name))
  const numbers = names.flatMap((name) => (/^\d{10}\.log$/.test(name) ? [Number(name.slice(0, 10))] : []))
  return numbers.toSorted((a, b) => a - b)
}

/** Makes an empty segment. When its name appears, its head is on the disk. */
export async function createSegment(
  folder: string,
  { number, oldest, start }: { number: number; oldest: number; start: number },
): Promise<Segment> {
  const path = pathOf(folder, number)
  const salt = newSalt()
  const file = await open(`${path}.new`, 'w', fileMode)
  try {
    await file.write(encodeSegmentHead({ number, oldest, salt }))
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
  await syncFolder(folder)
  return { path, number, salt, start, bytes: segmentHeadBytes }
}

/** Opens a segment for appending. A write is on the disk when it returns. */
export function openForAppending({ path }: Segment): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_DSYNC)
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
export async function scanSegment(
  folder: string,
  { number, start, isLast }: { number: number; start: number; isLast: boolean },
): Promise<ScannedSegment> {
  const path = pathOf(folder, number)
  const content = await readFile(path)
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
export async function secureTail({ path, bytes }: Segment): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await file.truncate(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** The bytes between two places of the file. */
export async function readSegment({ path }: Segment, start: number, end: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafeSlow(end - start), position: start })
    if (bytesRead < end - start) throw new Error(`${path} is shorter than it was`)
    return buffer
  } finally {
    await file.close()
  }
}

export async function removeSegments(folder: string, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await rm(pathOf(folder, number), { force: true })
}

function pathOf(folder: string, number: number): string {
  return join(folder, `${String(number).padStart(10, '0')}.log`)
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
