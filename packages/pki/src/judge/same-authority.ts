// Rule: a list counts for certificates of another key only where a signature proves that one authority of one name has both keys
// (RFC 5280 §6.3.3 b and f). Two trusted authorities that only share a name are two.
import { isSignedBy } from '../read/algorithms.ts'
import { type ParsedCertificate, parseCertificateOrNull } from '../read/parsed-certificate.ts'
import type { InstalledCrl } from './revocations.ts'

/** A certificate that signed another one. */
export interface Issuer {
  certificate: ParsedCertificate
  /** The next of the path, which signed it; null for the anchor. */
  next: ParsedCertificate | null
  /** Of an anchor, the trusted authorities that signed it. */
  above: readonly ParsedCertificate[]
}

/**
 * Does the list count for what this issuer signed, although another key signed the list? Either the list's key signed the issuer, or the
 * issuer signed the list's key, or both were signed by one key above; and all of them have the issuer's name.
 */
export function coversIssuer(list: InstalledCrl, { certificate, next, above }: Issuer): boolean {
  if (list.issuerName !== certificate.subjectKey) return false
  // Proved by the path, as in PKITS 4.5.2 and 4.5.5. The limits of the list's key hold for this path anyway.
  if (next?.keyFingerprint === list.issuerKey && next.subjectKey === list.issuerName) return true
  return list.signer !== null && isOneAuthority(list.signer, [certificate, ...(next ? [next] : above)])
}

/** The issuer first, then those that signed it. */
function isOneAuthority(
  signer: ParsedCertificate,
  [issuer, ...above]: readonly [ParsedCertificate, ...ParsedCertificate[]],
): boolean {
  if (signer.subjectKey !== issuer.subjectKey) return false
  if (hasSigned(signer, issuer)) return true
  // Nobody could have meant a signature that others can make too.
  return !signer.signature().isWeak && [issuer, ...above].some((each) => hasSigned(each, signer))
}

/**
 * The same for showing: does a list by this signer count for what another authority of the name signed? `trusted`: those that may have
 * signed both. DER; false for what cannot be read. Never throws.
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
