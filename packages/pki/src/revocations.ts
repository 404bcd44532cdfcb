// Rule: what is revoked is named by the key that signed it and its serial number, so neither another certificate of the same authority nor
// another way to write the number gets around it.

import type { Link } from './link.ts'

/** Serial numbers, however many. */
export interface SerialNumbers {
  readonly size: number
  /** Takes the bytes of the INTEGER, with leading zeros or without. */
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

// One byte for each byte: half of what hexadecimal digits take.
function nameOf(serialNumber: Uint8Array): string {
  const start = serialNumber.findIndex((byte) => byte !== 0)
  const { buffer, byteOffset, length } = start < 0 ? serialNumber.subarray(-1) : serialNumber.subarray(start)
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}

/** What one authority's key has said is revoked, in one list. */
export interface HeldList {
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
  signer: Link | null
}

export interface RevocationSources {
  /** By issuer key: the numbers that were revoked here. */
  revoked: ReadonlyMap<string, SerialNumbers>
  lists: readonly HeldList[]
  /** What to do when a list's next update has passed and no newer one is here. */
  whenExpired: 'accept' | 'refuse'
}

/** Everything that is known to be revoked. Never changed: what is known later is another one. */
export interface Revocations {
  /** `serialNumber`: lower-case hex of the INTEGER's bytes. */
  isRevoked(issuerKey: string, serialNumber: string): boolean
  /** The lists of this issuer name that other keys than this one have signed. They count where `speaksFor` says so. */
  listsOfOthers(issuerName: string, issuerKey: string): readonly HeldList[]
  /** Milliseconds since 1970 until which the lists of this key are to be believed; infinite where they always are. */
  goodUntil(issuerKey: string): number
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
      return own?.has(number) === true || held?.some((list) => list.revoked.has(number)) === true
    },
    listsOfOthers: (issuerName, issuerKey) =>
      (listsNamed.get(issuerName) ?? []).filter((list) => list.issuerKey !== issuerKey),
    goodUntil: (issuerKey) => {
      if (whenExpired === 'accept') return Number.POSITIVE_INFINITY
      const ends = (listsOf.get(issuerKey) ?? []).map(({ nextUpdate }) => nextUpdate?.getTime())
      return Math.min(...ends.filter((end) => end !== undefined), Number.POSITIVE_INFINITY)
    },
  }
}
