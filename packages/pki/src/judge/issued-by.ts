import { isSignedBy, readSignature } from '../read/algorithms.ts'
import { readFields } from '../read/certificate-fields.ts'
import { parseCertificateOrNull } from '../read/parsed-certificate.ts'

/**
 * Whether one certificate was signed by another: the names fit, and the signature is the other's. Says nothing about dates, usages or
 * trust. DER; false for what cannot be read. Never throws. Node only.
 */
export function isIssuedBy(der: Uint8Array, issuerDer: Uint8Array): boolean {
  const [child, issuer] = [parseCertificateOrNull(der), parseCertificateOrNull(issuerDer)]
  if (!child || !issuer || child.issuerKey !== issuer.subjectKey) return false
  return isSignedBy(child.fields, issuer.publicKey())
}

/**
 * Whether the certificate's signature is of a kind that is verified here. Where it is not, that no issuer is found says nothing. DER;
 * true for what cannot be read. Never throws.
 */
export function hasSupportedSignature(der: Uint8Array): boolean {
  try {
    return readSignature(readFields(der).signatureAlgorithm).isSupported
  } catch {
    return true // the reader of certificates says what is wrong with it
  }
}
