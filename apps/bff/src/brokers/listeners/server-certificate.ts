/** Reads the server certificate that a listener has of its own. Never repeats any part of the key. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { ListenerProblem, StoredListener } from '@gatehouse/contract/brokers/listeners'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { formatName } from '@gatehouse/pki/read/distinguished-name'

export interface ReadCertificate {
  x509: X509Certificate
  /** RFC 4514. */
  subject: string
  notBefore: Date
  notAfter: Date
}

export type OwnCertificate =
  | ReadCertificate
  | {
      problem: Extract<ListenerProblem['code'], 'not_a_certificate' | 'not_a_private_key' | 'key_mismatch'>
      field: string
    }

/** Does the key fit the certificate? Dates are judged elsewhere. */
export function readGivenCertificate({ certificate, key }: { certificate: string; key: string }): OwnCertificate {
  const read = readCertificate(certificate)
  if (!read) return { problem: 'not_a_certificate', field: 'serverCertificate.certificate' }
  const privateKey = orNull(() => createPrivateKey(key))
  if (!privateKey) return { problem: 'not_a_private_key', field: 'serverCertificate.key' }
  if (!read.x509.checkPrivateKey(privateKey)) return { problem: 'key_mismatch', field: 'serverCertificate.key' }
  return read
}

/** The first certificate of the PEM text. Null: there is none. */
export function readCertificate(pem: string): ReadCertificate | null {
  const x509 = pem.includes('-----BEGIN CERTIFICATE-----') ? orNull(() => new X509Certificate(pem)) : null
  const fields = x509 && orNull(() => readFields(x509.raw))
  if (!x509 || !fields) return null
  const { notBefore, notAfter } = fields
  return { x509, subject: formatName(fields.subject), notBefore: new Date(notBefore), notAfter: new Date(notAfter) }
}

/** As the API shows it. */
export function describeCertificate(pem: string | null): StoredListener['serverCertificate'] {
  const read = pem === null ? null : readCertificate(pem)
  if (pem === null || !read) return null
  return {
    certificate: pem,
    fingerprint: read.x509.fingerprint256.replaceAll(':', '').toLowerCase(),
    subject: read.subject,
    notBefore: read.notBefore.toISOString(),
    notAfter: read.notAfter.toISOString(),
  }
}

function orNull<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
