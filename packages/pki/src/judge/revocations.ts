// Rule: what is revoked is named by the key that signed it and its serial number, so neither another certificate of the same authority nor
// another way to write the number gets around it.

import type { ParsedCertificate } from '../read/parsed-certificate.ts'

/** Serial numbers, however many. */
export interface SerialNumbers {
  readonly size: number
  /** Takes the bytes of the INTEGER, in its shortest form or a longer one. */
  has(serialNumber: Uint8Array): boolean
}

const shards = 16

/** Made once and only read then. In sixteen parts: a single set of 300,000 would hold the thread up each time that it grows. */
export class SerialNumberSet implements SerialNumbers {
  readonly #parts = Array.from({ length: shards }, () => new Set<string>())

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, 0)
  }

  add(serialNumber: Uint8Array): void {
    this.#partOf(serialNumber)?.add(nameOf(serialNumber))
  }

  has(serialNumber: Uint8Array): boolean {
    return this.#partOf(serialNumber)?.has(nameOf(serialNumber)) === true
  }

  #partOf(serialNumber: Uint8Array): Set<string> | undefined {
    return this.#parts[(serialNumber.at(-1) ?? 0) % shards]
  }
}

// One character for each byte: half of what hexadecimal digits take.
function nameOf(serialNumber: Uint8Array): string {
  const { buffer, byteOffset, length } = shortestForm(serialNumber)
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}

/** Without the bytes that repeat the sign (X.690 §8.3.2). `00ff` is not `ff`: one is 255, the other −1. */
function shortestForm(integer: Uint8Array): Uint8Array {
  let start = 0
  while (start < integer.length - 1 && isPadding(integer[start], integer[start + 1])) start++
  return integer.subarray(start)
}

function isPadding(byte: number | undefined, next = 0): boolean {
  return (byte === 0x00 && next < 0x80) || (byte === 0xff && next >= 0x80)
}

/** What one authority's key has said is revoked, in one list. */
export interface InstalledCrl {
  /** SHA-256 of the authority's SubjectPublicKeyInfo, lower-case hex. */
  issuerKey: string
  /** The list's issuer; see `nameKey`. */
  issuerName: string
  nextUpdate: Date | null
  revoked: SerialNumbers
  /**
   * The certificate of the key that signed the list. Null where the list counts for no other key: its authority may vouch for some users
   * only, so its list must not shut out others.
   */
  signer: ParsedCertificate | null
}

export interface RevocationSources {
  /** By issuer key: the numbers that were revoked here. */
  revoked: ReadonlyMap<string, SerialNumbers>
  lists: readonly InstalledCrl[]
  /** What to do when a list's next update has passed and no newer one is here. */
  whenExpired: 'accept' | 'refuse'
}

// Tools show the bytes of a negative number, so a person who revokes `ff` by hand may mean −1 as well as 255; and revocations that were
// made before the sign was kept have none. In doubt it is revoked. A list says which one it means.
function isNamedHere(numbers: SerialNumbers | undefined, number: Uint8Array): boolean {
  if (numbers === undefined) return false
  const isNegative = ((number[0] ?? 0) & 0x80) !== 0
  return numbers.has(number) || (isNegative && numbers.has(Buffer.concat([Buffer.from([0]), number])))
}

/** Everything that is known to be revoked. Never changed: what is known later is another one. */
export interface Revocations {
  /** `serialNumber`: lower-case hex of the INTEGER's bytes. */
  isRevoked(issuerKey: string, serialNumber: string): boolean
  /** The lists of this issuer name that other keys than this one have signed. They count where `coversIssuer` says so. */
  crlsOfOtherKeys(issuerName: string, issuerKey: string): readonly InstalledCrl[]
  /** Milliseconds since 1970 until which the lists of this key are to be believed; infinite where they always are. */
  crlsValidUntil(issuerKey: string): number
}

export const nothingRevoked: Revocations = makeRevocations({ revoked: new Map(), lists: [], whenExpired: 'refuse' })

/** Puts together what was revoked here and what authorities' lists say: revoked is what any of them names. */
export function makeRevocations({ revoked, lists, whenExpired }: RevocationSources): Revocations {
  const listsOf = Map.groupBy(lists, ({ issuerKey }) => issuerKey)
  const listsNamed = Map.groupBy(lists, ({ issuerName }) => issuerName)
  return {
    isRevoked: (issuerKey, serialNumber) => {
      const own = revoked.get(issuerKey)
      const held = listsOf.get(issuerKey)
      if (own === undefined && held === undefined) return false
      const number = Buffer.from(serialNumber, 'hex')
      return isNamedHere(own, number) || held?.some((list) => list.revoked.has(number)) === true
    },
    crlsOfOtherKeys: (issuerName, issuerKey) =>
      (listsNamed.get(issuerName) ?? []).filter((list) => list.issuerKey !== issuerKey),
    crlsValidUntil: (issuerKey) => {
      if (whenExpired === 'accept') return Number.POSITIVE_INFINITY
      const ends = (listsOf.get(issuerKey) ?? []).map(({ nextUpdate }) => nextUpdate?.getTime())
      return Math.min(...ends.filter((end) => end !== undefined), Number.POSITIVE_INFINITY)
    },
  }
}
