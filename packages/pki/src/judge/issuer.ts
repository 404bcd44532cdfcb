// Finds the issuer of a certificate that is to be revoked. Dates and usages do not matter for that.
import { formatName } from '../read/distinguished-name.ts'
import { type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import { serialNumberOf } from '../read/serial-number.ts'
import { findIssuers } from './path-search.ts'
import type { TrustStore } from './trust-store.ts'

/** A certificate and the key that signed it, verified by the signature. */
export interface IdentifiedCertificate {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-256 of the SubjectPublicKeyInfo that signed it, lower-case hex. */
  issuerKey: string
  /** See `serialNumberOf`. */
  serialNumber: string
  /** RFC 4514 text. */
  subject: string
  issuer: string
  notAfter: Date
  /** Basic constraints say that it may sign certificates. */
  isAuthority: boolean
  /** DER: the certificate itself, then those of the given ones that lead to an authority, in this order. */
  chain: Uint8Array[]
}

/** Returns the issuer names of these certificates as RFC 4514 text. Leaves out unreadable ones. Never throws. */
export function readIssuerNames(presented: readonly Uint8Array[]): string[] {
  return readable(presented).map(({ fields }) => formatName(fields.issuer))
}

/**
 * Finds the key that signed the first certificate; the others may be intermediates above it. Returns null if no key of
 * the authorities leads to it, or if it cannot be read. The limits are those of `judgeChain`. Never throws.
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
