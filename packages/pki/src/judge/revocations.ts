// Rule: a revocation is named by the key that signed the certificate and by the serial number. Neither another
// certificate of the same authority nor another encoding of the number gets around it.

import type { ParsedCertificate } from '../read/parsed-certificate.ts'

/** A set of serial numbers of any size. */
export interface SerialNumbers {
  readonly size: number
  /** Takes the bytes of the INTEGER, in its shortest form or a longer one. */
  has(serialNumber: Uint8Array): boolean
}

const shards = 16

/**
 * Filled once and then only read. It has sixteen parts, because a single set of 300,000 entries blocks the thread each
 * time it grows.
 */
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

// One character per byte takes half the memory of hexadecimal digits.
function nameOf(serialNumber: Uint8Array): string {
  const { buffer, byteOffset, length } = shortestForm(serialNumber)
  return Buffer.from(buffer, byteOffset, length).toString('latin1')
}

/** Removes the bytes that repeat the sign (X.690 §8.3.2). `00ff` (255) and `ff` (−1) stay different. */
function shortestForm(integer: Uint8Array): Uint8Array {
  let start = 0
  while (start < integer.length - 1 && isPadding(integer[start], integer[start + 1])) start++
  return integer.subarray(start)
}

function isPadding(byte: number | undefined, next = 0): boolean {
  return (byte === 0x00 && next < 0x80) || (byte === 0xff && next >= 0x80)
}

/** The serial numbers that one installed CRL of one key revokes. */
export interface InstalledCrl {
  /** SHA-256 of the authority's SubjectPublicKeyInfo, lower-case hex. */
  issuerKey: string
  /** The comparable form of the CRL's issuer name; see `nameKey`. */
  issuerName: string
  nextUpdate: Date | null
  revoked: SerialNumbers
  /**
   * The certificate of the key that signed the CRL. Null if the CRL applies to no other key: its authority is limited
   * to some users, so its CRL must not shut out others.
   */
  signer: ParsedCertificate | null
}

/** The input of `makeRevocations`. */
export interface RevocationSources {
  /** By issuer key: the serial numbers that were revoked in Gatehouse. */
  revoked: ReadonlyMap<string, SerialNumbers>
  lists: readonly InstalledCrl[]
  /** What happens when the next update of a CRL has passed and no newer CRL is installed. */
  whenExpired: 'accept' | 'refuse'
}

// Tools show the bytes of a negative number, so a person who revokes `ff` by hand may mean −1 or 255, and old
// revocations were stored without a sign. Both numbers are therefore revoked. A CRL is unambiguous.
function isNamedHere(numbers: SerialNumbers | undefined, number: Uint8Array): boolean {
  if (numbers === undefined) return false
  const isNegative = ((number[0] ?? 0) & 0x80) !== 0
  return numbers.has(number) || (isNegative && numbers.has(Buffer.concat([Buffer.from([0]), number])))
}

/** All known revocations. Never changes: new revocations make a new object. */
export interface Revocations {
  /** `serialNumber`: lower-case hex of the INTEGER's bytes. */
  isRevoked(issuerKey: string, serialNumber: string): boolean
  /** The CRLs with this issuer name that other keys signed. `coversIssuer` decides whether they apply. */
  crlsOfOtherKeys(issuerName: string, issuerKey: string): readonly InstalledCrl[]
  /** Milliseconds since 1970 until which all CRLs of this key are valid; infinite if they always are. */
  crlsValidUntil(issuerKey: string): number
}

export const nothingRevoked: Revocations = makeRevocations({ revoked: new Map(), lists: [], whenExpired: 'refuse' })

/**
 * Combines the revocations made in Gatehouse with the installed CRLs. A certificate is revoked if any of them names it.
 */
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
