import { randomInt, randomUUID } from 'node:crypto'

let lastMs = 0
let counter = 0

/**
 * A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, 12 bits that count within the millisecond (§6.2, method 1), 62 random
 * bits. Sorts by time of making: two events of one millisecond are listed in the order in which they happened.
 */
export function newId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0')
  const count = countWithin(at.getTime()).toString(16).padStart(3, '0')
  // The end of a version 4 is variant and random bits alike. Node draws those for many at a time: each request has an id.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${randomUUID().slice(19)}`
}

/** Begins somewhere in the lower half; at the end of the upper one it stands still, and only chance orders what follows. */
function countWithin(ms: number): number {
  counter = ms === lastMs ? Math.min(counter + 1, 0xfff) : randomInt(0x800)
  lastMs = ms
  return counter
}
