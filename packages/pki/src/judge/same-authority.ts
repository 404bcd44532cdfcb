// Rule: a CRL applies to certificates that another key signed only if a signature proves that one authority with one
// name holds both keys (RFC 5280 §6.3.3 b and f). Two trusted authorities that only share a name are different
// authorities.
import { isSignedBy } from '../read/algorithms.ts'
import { type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import type { InstalledCrl } from './revocations.ts'

/** A certificate that signed another one. */
export interface Issuer {
  certificate: ParsedCertificate
  /** The next certificate of the path, which signed this one; null for the anchor. */
  next: ParsedCertificate | null
  /** For an anchor: the trusted authorities that signed it. */
  above: readonly ParsedCertificate[]
}

/**
 * Returns true if the CRL applies to what this issuer signed, although another key signed the CRL. All certificates
 * involved must have the issuer's name, and one of three must hold: the CRL's key signed the issuer, the issuer signed
 * the CRL's key, or one key above signed both.
 */
export function coversIssuer(list: InstalledCrl, { certificate, next, above }: Issuer): boolean {
  if (list.issuerName !== certificate.subjectKey) return false
  // The path proves it, as in PKITS 4.5.2 and 4.5.5. The limits of the CRL's key apply to this path anyway.
  if (next?.keyFingerprint === list.issuerKey && next.subjectKey === list.issuerName) return true
  return list.signer !== null && isOneAuthority(list.signer, [certificate, ...(next ? [next] : above)])
}

/** `issuer` first, then the certificates that signed it. */
function isOneAuthority(
  signer: ParsedCertificate,
  [issuer, ...above]: readonly [ParsedCertificate, ...ParsedCertificate[]],
): boolean {
  if (signer.subjectKey !== issuer.subjectKey) return false
  if (hasSigned(signer, issuer)) return true
  // A weak signature proves nothing, because others can forge it.
  return !signer.signature().isWeak && [issuer, ...above].some((each) => hasSigned(each, signer))
}

/**
 * The same decision for display: does a CRL of `signer` apply to what `other` signed? `trusted` are the authorities
 * that may have signed both. DER; false for unreadable input. Never throws.
 */
export function crlCoversAuthority(signer: Uint8Array, other: Uint8Array, trusted: readonly Uint8Array[]): boolean {
  const [signing, certificate] = [parseCertificateOrNull(signer), parseCertificateOrNull(other)]
  if (!signing || !certificate) return false
  const above = trusted
    .map(parseCertificateOrNull)
    .filter((each) => each !== null)
    .filter((each) => hasSigned(each, certificate))
  return isOneAuthority(signing, [certificate, ...above])
}

const maxRemembered = 1_000
const remembered = new WeakMap<ParsedCertificate, Map<string, boolean>>()

function hasSigned(issuer: ParsedCertificate, child: ParsedCertificate): boolean {
  if (issuer.subjectKey !== child.issuerKey) return false
  const known = remembered.get(child) ?? new Map<string, boolean>()
  remembered.set(child, known)
  const before = known.get(issuer.keyFingerprint)
  if (before !== undefined) return before
  if (known.size >= maxRemembered) known.clear()
  const isSigned = isSignedBy(child.fields, issuer.publicKey())
  known.set(issuer.keyFingerprint, isSigned)
  return isSigned
}
