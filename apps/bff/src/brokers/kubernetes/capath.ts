/** The files of a client CA secret: each CA under the names by which OpenSSL looks it up. */
import { toPem } from '@gatehouse/pki/read/certificate'
import { oldSubjectHash, subjectHash } from '@gatehouse/pki/read/subject-hash'

/** An authority that the secret contains. */
export interface TrustedCertificate {
  fingerprint: string
  name: string
  der: Uint8Array
}

/** One authority with the names of its files. */
export interface CapathEntry {
  fingerprint: string
  name: string
  pem: string
  /** By the hash of OpenSSL 1.0 and later, then by the hash of OpenSSL 0.9.8, which the chart's guide names first. */
  fileNames: string[]
}

/**
 * Numbers the names of authorities that share a hash from 0 without a gap: OpenSSL stops at the first number that is missing.
 * The order is that of the fingerprints, so that the same trust store gives the same files.
 */
export function capathOf(authorities: readonly TrustedCertificate[]): CapathEntry[] {
  const used = new Map<string, number>()
  const nameFor = (hash: string): string => {
    const number = used.get(hash) ?? 0
    used.set(hash, number + 1)
    return `${hash}.${number}`
  }
  return authorities
    .toSorted((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1))
    .map(({ fingerprint, name, der }) => ({
      fingerprint,
      name,
      pem: toPem('CERTIFICATE', der),
      fileNames: [...new Set([subjectHash(der), oldSubjectHash(der)])].map(nameFor),
    }))
}

/** Kubernetes stores at most one mebibyte of data in a secret (`MaxSecretSize`). */
const maxSecretBytes = 1_048_576

/** The names of the files count too, and `ca.crt` has the first CA once more. */
export function fitsInSecret(entries: readonly CapathEntry[]): boolean {
  const copies = entries.flatMap(({ pem, fileNames }) => fileNames.map((name) => name.length + pem.length))
  const first = entries[0]?.pem.length ?? 0
  return first + copies.reduce((sum, bytes) => sum + bytes, 0) <= maxSecretBytes
}
