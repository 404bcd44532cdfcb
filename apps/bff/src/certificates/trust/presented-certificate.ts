/** What the console shows of a certificate that a client presented. */
import { createHash } from 'node:crypto'
import type { Connection } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { formatName } from '@gatehouse/pki/read/distinguished-name'
import { serialNumberOf } from '@gatehouse/pki/read/serial-number'

export type CertificateFacts = NonNullable<Connection['certificate']>

/** Describes the leaf of a chain (DER, the leaf first) and the CA that it leads to. Null: nothing was presented. */
export function describePresented(
  presented: readonly Uint8Array[],
  verdict: ChainVerdict,
  authorities: { nameOf(fingerprint: string): string | null },
): CertificateFacts | null {
  const [leaf] = presented
  if (!leaf) return null
  if (!verdict.trusted) {
    return { ...readLeaf(leaf), authority: null, authorityName: null, revocation: verdict.revocation ?? null }
  }
  const { leafFingerprint, authority, path } = verdict
  return {
    fingerprint: leafFingerprint,
    subject: path[0]?.subject ?? '',
    serialNumber: path[0] ? serialNumberOf(path[0].serialNumber) : null,
    notAfter: path[0]?.notAfter.toISOString() ?? null,
    authority,
    authorityName: authorities.nameOf(authority),
    revocation: null,
  }
}

function readLeaf(der: Uint8Array): Omit<CertificateFacts, 'authority' | 'authorityName' | 'revocation'> {
  const fingerprint = createHash('sha256').update(der).digest('hex')
  try {
    const fields = readFields(der)
    return {
      fingerprint,
      subject: formatName(fields.subject),
      serialNumber: serialNumberOf(fields.serialNumber),
      notAfter: new Date(fields.notAfter).toISOString(),
    }
  } catch {
    return { fingerprint, subject: '', serialNumber: null, notAfter: null } // not a certificate
  }
}
