/**
 * The frames of the log's files. A file (segment) begins with a head; batches follow. Each has a checksum, so that a batch that
 * was not written completely is found.
 *
 * Head of a segment, 28 bytes: magic (8), layout, number, oldest, salt, checksum (4 each). Head of a batch, 16 bytes: mark,
 * oldest, length of the records, checksum (4 each). Numbers are little-endian. `oldest` is the number of the first segment that
 * is still needed.
 */
import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

export interface SegmentHead {
  number: number
  oldest: number
  /** Begins all checksums of the segment. A client that sends the bytes of a batch as its message cannot know it. */
  salt: number
}

export interface FoundBatch {
  oldest: number
  /** Where its records begin and end. */
  start: number
  end: number
}

/** The version of the format. */
const layout = 1
const magic = Buffer.from('MQTTLOG\n')
const mark = Buffer.from('MQB\n')
export const segmentHeadBytes = 28
export const batchHeadBytes = 16

export function newSalt(): number {
  return randomInt(2 ** 32)
}

export function encodeSegmentHead({ number, oldest, salt }: SegmentHead): Buffer {
  const bytes = Buffer.alloc(segmentHeadBytes)
  magic.copy(bytes)
  for (const [place, value] of [layout, number, oldest, salt].entries()) bytes.writeUInt32LE(value, 8 + place * 4)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 24)), 24)
  return bytes
}

/** The log cannot be read completely. Nothing was changed. */
export class DamagedLog extends Error {}

/** @throws if the bytes are not the head of a segment, or one of another layout. */
export function decodeSegmentHead(bytes: Buffer, name: string): SegmentHead {
  if (bytes.length < segmentHeadBytes || !bytes.subarray(0, 8).equals(magic))
    throw new DamagedLog(`${name} is not a log`)
  const found = bytes.readUInt32LE(8)
  if (found !== layout) throw new Error(`${name} has the layout ${found}, this version reads ${layout}`)
  if (crc32(bytes.subarray(0, 24)) !== bytes.readUInt32LE(24)) throw new DamagedLog(`${name} is damaged at byte 0`)
  return { number: bytes.readUInt32LE(12), oldest: bytes.readUInt32LE(16), salt: bytes.readUInt32LE(20) }
}

/** Fills in the head of a batch, whose records follow it. */
export function sealBatch(batch: Buffer, { oldest, salt }: { oldest: number; salt: number }): void {
  mark.copy(batch)
  batch.writeUInt32LE(oldest, 4)
  batch.writeUInt32LE(batch.length - batchHeadBytes, 8)
  batch.writeUInt32LE(checksum(batch, { start: 0, end: batch.length, salt }), 12)
}

/** The batch that begins there, or undefined if there is no whole one. */
export function findBatch(bytes: Buffer, at: number, salt: number): FoundBatch | undefined {
  const start = at + batchHeadBytes
  if (start > bytes.length || !bytes.subarray(at, at + 4).equals(mark)) return undefined
  const end = start + bytes.readUInt32LE(at + 8)
  if (end > bytes.length || checksum(bytes, { start: at, end, salt }) !== bytes.readUInt32LE(at + 12)) return undefined
  return { oldest: bytes.readUInt32LE(at + 4), start, end }
}

/** Does a whole batch begin anywhere behind that place? */
export function hasBatchBehind(bytes: Buffer, place: number, salt: number): boolean {
  for (let at = bytes.indexOf(mark, place); at !== -1; at = bytes.indexOf(mark, at + 1)) {
    if (findBatch(bytes, at, salt)) return true
  }
  return false
}

function checksum(bytes: Buffer, { start, end, salt }: { start: number; end: number; salt: number }): number {
  return crc32(bytes.subarray(start + batchHeadBytes, end), crc32(bytes.subarray(start, start + 12), salt))
}
