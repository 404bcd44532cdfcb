import { isSignedBy } from '../read/algorithms.ts'
import type { ParsedCertificate } from '../read/parsed-certificate.ts'
import { issuersOf } from './authorities-above.ts'
import type { Path } from './path-rules.ts'
import type { InstalledCrl, Revocations } from './revocations.ts'
import { coversIssuer, type Issuer } from './same-authority.ts'
import type { TrustStore } from './trust-store.ts'

/** The facts that revocation is judged by. */
export interface RevocationFacts {
  trustStore: TrustStore
  revocations: Revocations
}

/**
 * Returns the SHA-256 (lower-case hex) of the key that revoked the certificate at this index of the path, or null if it
 * is not revoked. With the serial number it names the revocation.
 */
export function revokingKey(path: Path, index: number, facts: RevocationFacts): string | null {
  const certificate = path[index]
  const issuer = path[index + 1]
  if (!certificate) return null
  if (!issuer) return revokerOfAnchor(certificate, facts)
  const { keyFingerprint } = issuer
  if (facts.revocations.isRevoked(keyFingerprint, certificate.fields.serialNumber)) return keyFingerprint
  if (crlsNaming(certificate, keyFingerprint, facts.revocations).length === 0) return null
  return revokerByCrl(certificate, issuerAt(issuer, path[index + 2] ?? null, facts), facts)
}

/** Returns the time, in milliseconds since 1970, until which all CRLs that apply to this path are valid. */
export function pathValidUntil(path: Path, facts: RevocationFacts): number {
  return Math.min(...path.map((_, index) => crlsValidUntil(path, index, facts)), Number.POSITIVE_INFINITY)
}

/** The same for the certificate at one index. */
export function crlsValidUntil(path: Path, index: number, facts: RevocationFacts): number {
  const issuer = path[index + 1]
  if (!issuer) return Number.POSITIVE_INFINITY
  const { revocations } = facts
  const own = revocations.crlsValidUntil(issuer.keyFingerprint)
  const others = revocations.crlsOfOtherKeys(issuer.subjectKey, issuer.keyFingerprint)
  if (others.length === 0) return own
  const described = issuerAt(issuer, path[index + 2] ?? null, facts)
  const counting = others.filter((list) => coversIssuer(list, described))
  return Math.min(own, ...counting.map(({ issuerKey }) => revocations.crlsValidUntil(issuerKey)))
}

function issuerAt(
  certificate: ParsedCertificate,
  next: ParsedCertificate | null,
  { trustStore }: RevocationFacts,
): Issuer {
  return { certificate, next, above: next ? [] : issuersOf(certificate, trustStore) }
}

// Another anchor may have signed this one. A signature is checked only for an anchor that revoked exactly this serial
// number. Parsing all of a thousand anchors with that name took 60 ms.
function revokerOfAnchor(anchor: ParsedCertificate, facts: RevocationFacts): string | null {
  const { trustStore, revocations } = facts
  const { serialNumber } = anchor.fields
  const issuer = (trustStore.bySubject.get(anchor.issuerKey) ?? []).find(
    ({ keyFingerprint, certificate: read }) =>
      revocations.isRevoked(keyFingerprint, serialNumber) && isSignedBy(anchor.fields, read().publicKey()),
  )
  if (issuer) return issuer.keyFingerprint
  if (crlsNaming(anchor, '', revocations).length === 0) return null
  for (const certificate of issuersOf(anchor, trustStore)) {
    const key = revokerByCrl(anchor, { certificate, next: null, above: issuersOf(certificate, trustStore) }, facts)
    if (key !== null) return key
  }
  return null
}

function revokerByCrl(certificate: ParsedCertificate, issuer: Issuer, { revocations }: RevocationFacts): string | null {
  const lists = crlsNaming(certificate, issuer.certificate.keyFingerprint, revocations)
  return lists.find((list) => coversIssuer(list, issuer))?.issuerKey ?? null
}

/**
 * Returns the CRLs of the certificate's issuer name, signed by other keys than this one, that contain its serial
 * number.
 */
function crlsNaming(certificate: ParsedCertificate, issuerKey: string, revocations: Revocations): InstalledCrl[] {
  const others = revocations.crlsOfOtherKeys(certificate.issuerKey, issuerKey)
  if (others.length === 0) return []
  const number = Buffer.from(certificate.fields.serialNumber, 'hex')
  return others.filter(({ revoked }) => revoked.has(number))
}
