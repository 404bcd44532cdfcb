import { createSecureContext } from 'node:tls'

/** Is this PEM with certificates that Node accepts as CAs? */
export function areCertificates(pem: string): boolean {
  try {
    createSecureContext({ ca: pem })
    return pem.includes('-----BEGIN CERTIFICATE-----')
  } catch {
    return false
  }
}
