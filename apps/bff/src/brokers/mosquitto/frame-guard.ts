/** mqtt.js collects a packet of up to 256 MB before it looks at it. This ends the connection as soon as a longer one begins. */
import type { Duplex } from 'node:stream'

/** Watches the bytes that arrive from now on. They must begin at the start of a packet. */
export function guardFrames(stream: Duplex, maxBytes: number): void {
  const frames = new FrameLengths()
  stream.on('data', (chunk: Buffer) => {
    if (frames.longest(chunk) > maxBytes) stream.destroy(new Error('The broker sent a packet that is too large'))
  })
}

/** Reads the fixed headers of MQTT packets (MQTT 5 §2.1): one byte, then the remaining length in up to four bytes. */
export class FrameLengths {
  /** Bytes of the packet's body that are still to come. */
  #left = 0
  #header: number[] = []

  /** Returns the length of the longest packet that begins in this chunk. Malformed lengths count as endless. */
  longest(chunk: Uint8Array): number {
    let longest = 0
    for (let at = 0; at < chunk.length; ) {
      if (this.#left > 0) {
        const skipped = Math.min(this.#left, chunk.length - at)
        this.#left -= skipped
        at += skipped
        continue
      }
      this.#header.push(chunk[at++] ?? 0)
      const length = lengthOf(this.#header)
      if (length === null) continue
      this.#header = []
      this.#left = length
      longest = Math.max(longest, length)
    }
    return longest
  }
}

/** Null: more bytes of the header are needed. */
function lengthOf([, ...bytes]: readonly number[]): number | null {
  const last = bytes.at(-1)
  if (last === undefined) return null
  if (last >= 0x80) return bytes.length < 4 ? null : Number.POSITIVE_INFINITY
  return bytes.reduce((sum, byte, at) => sum + (byte & 0x7f) * 128 ** at, 0)
}
