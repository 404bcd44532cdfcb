/**
 * Finds the certificate that a revocation names: one that was pasted, one that a connection presented, or an authority
 * with a serial number.
 */
import type { RevocationSubject } from '@gatehouse/contract/certificates/revocations'
import { makeTrustStoreInSlices } from '@gatehouse/pki/judge/chain'
import { hasSupportedSignature } from '@gatehouse/pki/judge/issued-by'
import { identifyCertificate, readIssuerNames } from '@gatehouse/pki/judge/issuer'
import { readBundle, toPem } from '@gatehouse/pki/read/certificate'
import { readCommonName } from '@gatehouse/pki/read/common-name'
import { PkiError } from '@gatehouse/pki/read/pki-error'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { findAuthoritiesBySubject, findAuthority } from '../authorities/store.ts'
import { unreadable } from '../authorities/unreadable.ts'
import type { RevocationsContext } from './context.ts'

export interface NamedCertificate {
  /** SHA-256 of the issuer's public key. */
  issuerKey: string
  /** In canonical form. */
  serialNumber: string
  issuer: string
  subject: string | null
  username: string | null
  fingerprint: string | null
  notAfter: string | null
  /** PEM with its intermediates. Null if it was named by its serial number. */
  certificate: string | null
}

const maxCertificates = 10
const maxBytes = 100 * 1024

export async function nameCertificate(
  { reader, enforcers }: RevocationsContext,
  { certificate, authority, serialNumber = '', connectionId }: RevocationSubject,
): Promise<NamedCertificate> {
  if (authority !== undefined) return nameByNumber(reader, authority, serialNumber)
  if (certificate !== undefined) return nameGiven(reader, await readGiven(certificate))
  const shown = await enforcers.presentedBy(connectionId ?? '')
  if (shown === null) throw new Problem('unavailable')
  if (shown.presented.length === 0) throw new Problem('unknown_connection')
  return nameGiven(reader, shown.presented)
}

async function nameByNumber(reader: Db, fingerprint: string, typed: string): Promise<NamedCertificate> {
  const authority = await findAuthority(reader, fingerprint)
  if (!authority) throw new Problem('unknown_authority', { fields: { authority: 'unknown_authority' } })
  const serialNumber = canonicalSerialNumber(typed)
  if (serialNumber === null) throw new Problem('invalid', { fields: { serialNumber: 'serial_number' } })
  const { keyFingerprint, subject } = authority.certificate
  const unknown = { subject: null, username: null, fingerprint: null, notAfter: null, certificate: null }
  return { ...unknown, issuerKey: keyFingerprint, serialNumber, issuer: subject }
}

async function readGiven(certificate: string): Promise<Uint8Array[]> {
  try {
    return (await readBundle(certificate, { maxCertificates, maxBytes })).map(({ der }) => der)
  } catch (error) {
    if (error instanceof PkiError) throw unreadable(error, { field: 'certificate', otherwise: 'not_a_certificate' })
    throw error
  }
}

/** The signature decides whose certificate it is: anyone can write a name into a certificate. */
async function nameGiven(reader: Db, presented: readonly Uint8Array[]): Promise<NamedCertificate> {
  const found = await findAuthoritiesBySubject(reader, readIssuerNames(presented))
  const anchors = found.map(({ certificate: { fingerprint, der } }) => ({ fingerprint, der, usernames: [] }))
  const identified = identifyCertificate(presented, await makeTrustStoreInSlices(anchors))
  if (!identified) {
    const isSupported = presented.every(hasSupportedSignature)
    throw new Problem('unknown_issuer', {
      fields: { certificate: isSupported ? 'unknown_issuer' : 'unsupported_signature' },
    })
  }
  const { chain, notAfter, isAuthority, ...named } = identified
  return {
    ...named,
    notAfter: notAfter.toISOString(),
    // An authority issues certificates for others; its own common name is not the user that a revocation affects.
    username: isAuthority ? null : usernameOf(chain),
    certificate: chain.map((der) => toPem('CERTIFICATE', der)).join(''),
  }
}

function usernameOf([leaf]: readonly Uint8Array[]): string | null {
  const name = leaf && readCommonName(leaf)
  return name?.ok ? name.commonName : null
}
