/**
 * Cuts a byte stream into packets. The length is checked as soon as it is known, before the rest of the packet is kept, so a
 * client cannot make the server collect more than the limit.
 */
import { malformed } from './byte-reader.ts'
import { PacketError } from './packet-error.ts'
import { reasonCodes } from './reason-codes.ts'

/** One packet: the byte with its type and flags, and the bytes after its length. */
export interface Frame {
  first: number
  body: Buffer
}

const empty = Buffer.alloc(0)

export class FrameReader {
  /** The largest packet accepted, in bytes, with its header. */
  maxPacketBytes: number
  #chunk: Buffer = empty
  #position = 0
  /** The beginning of a packet that is not complete, copied out of the socket's buffer. It has `#collected` bytes. */
  #partial: Buffer = empty
  #collected = 0

  constructor(maxPacketBytes: number) {
    this.maxPacketBytes = maxPacketBytes
  }

  /** Memory held for a packet that has not arrived completely. */
  get partialBytes(): number {
    return this.#partial.length
  }

  /** Memory held for the last piece from the network. It stays whole until its last packet was read. */
  get chunkBytes(): number {
    return this.#chunk.length
  }

  /** Hands over bytes from the network. */
  push(chunk: Buffer): void {
    const left = this.#chunk.subarray(this.#position)
    this.#chunk = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    this.#position = 0
  }

  /**
   * The next complete packet, or undefined when more bytes are needed. The body shares memory with the chunk.
   * @throws PacketError 0x95 if the packet is larger than the limit, 0x81 if its length is malformed.
   */
  next(): Frame | undefined {
    return this.#collected > 0 ? this.#continuePartial() : this.#readFromChunk()
  }

  #readFromChunk(): Frame | undefined {
    const chunk = this.#chunk
    const start = this.#position
    if (start >= chunk.length) return this.#releaseChunk()
    const size = this.#packetSize(chunk, start, chunk.length)
    if (size === undefined || start + size.total > chunk.length) {
      this.#collect(chunk.length - start)
      return this.#releaseChunk()
    }
    this.#position = start + size.total
    return { first: chunk[start]!, body: chunk.subarray(start + size.header, start + size.total) }
  }

  #continuePartial(): Frame | undefined {
    // The header has at most five bytes; they are taken one at a time until the size is known.
    let size = this.#packetSize(this.#partial, 0, this.#collected)
    while (size === undefined) {
      if (this.#position >= this.#chunk.length) return this.#releaseChunk()
      this.#collect(1)
      size = this.#packetSize(this.#partial, 0, this.#collected)
    }
    this.#collect(Math.min(size.total - this.#collected, this.#chunk.length - this.#position))
    if (this.#collected < size.total) return this.#releaseChunk()
    const body = this.#partial.subarray(size.header, size.total)
    const frame = { first: this.#partial[0]!, body }
    this.#partial = empty
    this.#collected = 0
    return frame
  }

  /** Copies bytes of the chunk. The copy grows by doubling: a client that only announces a large packet costs nothing. */
  #collect(length: number): void {
    const needed = this.#collected + length
    if (needed > this.#partial.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#partial.length * 2, 16))
      this.#partial.copy(grown, 0, 0, this.#collected)
      this.#partial = grown
    }
    this.#chunk.copy(this.#partial, this.#collected, this.#position, this.#position + length)
    this.#collected = needed
    this.#position += length
  }

  /** A complete chunk is not needed any more; keeping it would pin 64 KiB per connection. */
  #releaseChunk(): undefined {
    this.#chunk = empty
    this.#position = 0
    return undefined
  }

  #packetSize(bytes: Buffer, start: number, end: number): { header: number; total: number } | undefined {
    let length = 0
    for (let i = 0; i < 4; i++) {
      if (start + 1 + i >= end) return undefined
      const byte = bytes[start + 1 + i]!
      length |= (byte & 0x7f) << (7 * i)
      if (byte < 0x80) {
        const header = 2 + i
        if (header + length > this.maxPacketBytes) {
          throw new PacketError(reasonCodes.packetTooLarge, `the packet has ${header + length} bytes`)
        }
        return { header, total: header + length }
      }
    }
    throw malformed('the remaining length has more than four bytes')
  }
}
