import { isSignedBy, readSignature } from '../read/algorithms.ts'
import { readFields } from '../read/certificate-fields.ts'
import { parseCertificateOrNull } from '../read/parsed-certificate.ts'

/**
 * Returns true if `issuerDer` signed `der`: the names match and the signature is valid. Checks no dates, usages or
 * trust. DER; false for unreadable input. Never throws. Node only.
 */
export function isIssuedBy(der: Uint8Array, issuerDer: Uint8Array): boolean {
  const [child, issuer] = [parseCertificateOrNull(der), parseCertificateOrNull(issuerDer)]
  if (!child || !issuer || child.issuerKey !== issuer.subjectKey) return false
  return isSignedBy(child.fields, issuer.publicKey())
}

/**
 * Returns true if signatures of this kind can be verified here. Where it is false, a missing issuer proves nothing.
 * DER; true for unreadable input. Never throws.
 */
export function hasSupportedSignature(der: Uint8Array): boolean {
  try {
    return readSignature(readFields(der).signatureAlgorithm).isSupported
  } catch {
    return true // the parser of certificates reports what is wrong
  }
}
