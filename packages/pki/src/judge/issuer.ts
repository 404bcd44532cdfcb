// Whose certificate is this? Asked of certificates that are to be revoked, so whether it is still good does not matter here.
import { formatName } from '../read/distinguished-name.ts'
import { type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { serialNumberOf } from '../read/serial-number.ts'
import { findIssuers } from './path-search.ts'
import type { TrustStore } from './trust-store.ts'

/** A certificate together with whoever's key signed it, proved by the signature. */
export interface IdentifiedCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-256 of the SubjectPublicKeyInfo that signed it. */
  issuerKey: string
  /** See `serialNumberOf`. */
  serialNumber: string
  /** RFC 4514 text. */
  subject: string
  issuer: string
  notAfter: Date
  /** It may sign others. */
  isAuthority: boolean
  /** DER: itself, and those that were given and lead to an authority, in this order. */
  chain: Uint8Array[]
}

/** The names of those who say to have signed one of these, RFC 4514 text. What cannot be read says nothing. Never throws. */
export function readIssuerNames(presented: readonly Uint8Array[]): string[] {
  return readable(presented).map(({ fields }) => formatName(fields.issuer))
}

/**
 * Finds the key that signed the first of these certificates; the others may be the intermediates above it. Null where none of the
 * authorities' keys leads to it, or it cannot be read. Bounds are those of `judgeChain`. Never throws.
 */
export function identifyCertificate(
  presented: readonly Uint8Array[],
  trustStore: TrustStore,
): IdentifiedCertificate | null {
  const certificates = readable(presented)
  const [leaf] = certificates
  if (!leaf || leaf.fields.der !== presented[0]) return null
  const { issuers } = findIssuers(distinct(certificates), trustStore)
  const issuer = issuers.get(leaf)?.[0]
  if (!issuer) return null
  return {
    fingerprint: leaf.fingerprint,
    issuerKey: issuer.keyFingerprint,
    serialNumber: serialNumberOf(leaf.fields.serialNumber),
    subject: formatName(leaf.fields.subject),
    issuer: formatName(leaf.fields.issuer),
    notAfter: new Date(leaf.fields.notAfter),
    isAuthority: leaf.extensions().basicConstraints?.isAuthority === true,
    chain: chainOf(leaf, issuers)
      .filter((certificate) => certificates.includes(certificate))
      .map(({ fields }) => fields.der),
  }
}

const maxPresented = 10

function readable(presented: readonly Uint8Array[]): ParsedCertificate[] {
  return presented.slice(0, maxPresented).flatMap((der) => parseCertificateOrNull(der) ?? [])
}

function distinct(certificates: readonly ParsedCertificate[]): ParsedCertificate[] {
  return [
    ...new Map(certificates.toReversed().map((certificate) => [certificate.fingerprint, certificate])).values(),
  ].toReversed()
}

function chainOf(
  leaf: ParsedCertificate,
  issuers: ReadonlyMap<ParsedCertificate, readonly ParsedCertificate[]>,
): ParsedCertificate[] {
  const chain = [leaf]
  for (let next = issuers.get(leaf)?.[0]; next && !chain.includes(next); next = issuers.get(next)?.[0]) chain.push(next)
  return chain
}
