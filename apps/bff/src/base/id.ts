import { randomBytes, randomInt } from 'node:crypto'

let lastMs = 0
let counter = 0

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 12 bits that count within the millisecond (§6.2, method 1), 62 random
 * bits. Sorts by time of making: two events of one millisecond are listed in the order in which they happened.
 */
export function newId(at: Date): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(at.getTime(), 0, 6)
  bytes.writeUInt16BE(0x7000 | countWithin(at.getTime()), 6)
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f)
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** Begins somewhere in the lower half; at the end of the upper one it stands still, and only chance orders what follows. */
function countWithin(ms: number): number {
  counter = ms === lastMs ? Math.min(counter + 1, 0xfff) : randomInt(0x800)
  lastMs = ms
  return counter
}
