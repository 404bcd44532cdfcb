import { randomInt, randomUUID } from 'node:crypto'

let lastMs = 0
let counter = 0

/**
 * Makes a UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, a 12-bit counter within the millisecond (§6.2, method 1) and
 * 62 random bits. Ids sort by creation, so two events of one millisecond keep their order.
 */
export function newId(at: Date): string {
  const time = at.getTime().toString(16).padStart(12, '0')
  const count = countWithin(at.getTime()).toString(16).padStart(3, '0')
  // The last 62 bits of a version 4 are random after the variant, as in version 7. Node draws random bytes for many
  // UUIDs at once; each request needs an id.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${count}-${randomUUID().slice(19)}`
}

/** Starts at a random value in the lower half. At its maximum it stops, and the order of further ids is random. */
function countWithin(ms: number): number {
  counter = ms === lastMs ? Math.min(counter + 1, 0xfff) : randomInt(0x800)
  lastMs = ms
  return counter
}
