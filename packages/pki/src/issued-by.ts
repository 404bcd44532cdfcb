import { isSignedBy } from './algorithms.ts'
import { makeCheckedLink } from './link.ts'

/**
 * Whether one certificate was signed by another: the names fit, and the signature is the other's. Says nothing about dates, usages or
 * trust. DER; false for what cannot be read. Never throws. Node only.
 */
export function isIssuedBy(der: Uint8Array, issuerDer: Uint8Array): boolean {
  const [child, issuer] = [makeCheckedLink(der), makeCheckedLink(issuerDer)]
  if (!child || !issuer || child.issuerKey !== issuer.subjectKey) return false
  return isSignedBy(child.fields, issuer.publicKey())
}
