/** Reads certificates of the enforcers' CA, and those that it issued. The console and the agent use it. */
import { X509Certificate } from 'node:crypto'

/** SHA-256 of the certificate, lower-case hex. */
export function fingerprintOf(certificatePem: string): string {
  return fingerprintOfCertificate(new X509Certificate(certificatePem))
}

export function fingerprintOfCertificate({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

/** Checks the signature: the CAs before and after a replacement may have similar names. */
export function isIssuedBy(certificatePem: string, authorityPem: string): boolean {
  return new X509Certificate(certificatePem).verify(new X509Certificate(authorityPem).publicKey)
}

/** The certificates in a PEM text, in their order. */
export function splitPem(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
}
