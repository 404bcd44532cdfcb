import { isSignedBy } from './algorithms.ts'
import type { Link } from './link.ts'
import type { Revocations } from './revocations.ts'
import type { TrustStore } from './trust-store.ts'

/** What revocation is judged by. */
export interface RevocationFacts {
  trustStore: TrustStore
  revocations: Revocations
}

/** Is the certificate revoked by the key that signed it? `issuerKey`: that of the next link; null for the anchor. */
export function isRevoked(link: Link, issuerKey: string | null, facts: RevocationFacts): boolean {
  return revokingKey(link, issuerKey, facts) !== null
}

/** The key that signed and revoked it, as SHA-256 in lower-case hex: with the serial number the name of the revocation. Null: not revoked. */
export function revokingKey(
  link: Link,
  issuerKey: string | null,
  { trustStore, revocations }: RevocationFacts,
): string | null {
  const { serialNumber } = link.fields
  if (issuerKey !== null) return revocations.isRevoked(issuerKey, serialNumber) ? issuerKey : null
  // An anchor may have been signed by another one. A signature is checked only where that one has revoked this very number.
  // Of a thousand with that name only such a one is read: reading all took 60 ms.
  const issuer = (trustStore.bySubject.get(link.issuerKey) ?? []).find(
    ({ keyFingerprint, link: read }) =>
      revocations.isRevoked(keyFingerprint, serialNumber) && isSignedBy(link.fields, read().publicKey()),
  )
  return issuer?.keyFingerprint ?? null
}

/** Milliseconds since 1970 until which the lists of these keys are to be believed. */
export function goodUntil(issuerKeys: readonly (string | null)[], revocations: Revocations): number {
  return Math.min(
    ...issuerKeys.map((key) => (key === null ? Number.POSITIVE_INFINITY : revocations.goodUntil(key))),
    Number.POSITIVE_INFINITY,
  )
}
