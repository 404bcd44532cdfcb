import { isSignedBy } from '../read/algorithms.ts'
import type { Link } from '../read/link.ts'
import { issuersOf } from './authorities-above.ts'
import type { Path } from './path-rules.ts'
import type { HeldList, Revocations } from './revocations.ts'
import { type Issuer, speaksFor } from './same-authority.ts'
import type { TrustStore } from './trust-store.ts'

/** What revocation is judged by. */
export interface RevocationFacts {
  trustStore: TrustStore
  revocations: Revocations
}

/**
 * The key that revoked the certificate at this place of the path, as SHA-256 in lower-case hex: with the serial number the name of the
 * revocation. Null: it is not revoked.
 */
export function revokingKey(path: Path, index: number, facts: RevocationFacts): string | null {
  const link = path[index]
  const issuer = path[index + 1]
  if (!link) return null
  if (!issuer) return revokerOfAnchor(link, facts)
  const { keyFingerprint } = issuer
  if (facts.revocations.isRevoked(keyFingerprint, link.fields.serialNumber)) return keyFingerprint
  if (listsNaming(link, keyFingerprint, facts.revocations).length === 0) return null
  return revokerByList(link, describeIssuer(issuer, path[index + 2] ?? null, facts), facts)
}

/** Milliseconds since 1970 until which the lists that count for this path are to be believed. */
export function pathGoodUntil(path: Path, facts: RevocationFacts): number {
  return Math.min(...path.map((_, index) => goodUntil(path, index, facts)), Number.POSITIVE_INFINITY)
}

/** The same for the certificate at one place. */
export function goodUntil(path: Path, index: number, facts: RevocationFacts): number {
  const issuer = path[index + 1]
  if (!issuer) return Number.POSITIVE_INFINITY
  const { revocations } = facts
  const own = revocations.goodUntil(issuer.keyFingerprint)
  const others = revocations.listsOfOthers(issuer.subjectKey, issuer.keyFingerprint)
  if (others.length === 0) return own
  const described = describeIssuer(issuer, path[index + 2] ?? null, facts)
  const counting = others.filter((list) => speaksFor(list, described))
  return Math.min(own, ...counting.map(({ issuerKey }) => revocations.goodUntil(issuerKey)))
}

function describeIssuer(link: Link, next: Link | null, { trustStore }: RevocationFacts): Issuer {
  return { link, next, above: next ? [] : issuersOf(link, trustStore) }
}

// An anchor may have been signed by another one. A signature is checked only where that one has revoked this very number.
// Of a thousand with that name only such a one is read: reading all took 60 ms.
function revokerOfAnchor(anchor: Link, facts: RevocationFacts): string | null {
  const { trustStore, revocations } = facts
  const { serialNumber } = anchor.fields
  const issuer = (trustStore.bySubject.get(anchor.issuerKey) ?? []).find(
    ({ keyFingerprint, link: read }) =>
      revocations.isRevoked(keyFingerprint, serialNumber) && isSignedBy(anchor.fields, read().publicKey()),
  )
  if (issuer) return issuer.keyFingerprint
  if (listsNaming(anchor, '', revocations).length === 0) return null
  for (const link of issuersOf(anchor, trustStore)) {
    const key = revokerByList(anchor, { link, next: null, above: issuersOf(link, trustStore) }, facts)
    if (key !== null) return key
  }
  return null
}

function revokerByList(link: Link, issuer: Issuer, { revocations }: RevocationFacts): string | null {
  const lists = listsNaming(link, issuer.link.keyFingerprint, revocations)
  return lists.find((list) => speaksFor(list, issuer))?.issuerKey ?? null
}

/** Lists of the certificate's issuer, by other keys than this one, that have its serial number. */
function listsNaming(link: Link, issuerKey: string, revocations: Revocations): HeldList[] {
  const others = revocations.listsOfOthers(link.issuerKey, issuerKey)
  if (others.length === 0) return []
  const number = Buffer.from(link.fields.serialNumber, 'hex')
  return others.filter(({ revoked }) => revoked.has(number))
}
