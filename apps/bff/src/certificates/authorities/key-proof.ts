/**
 * Does the key in a certificate belong to its subject? Anyone can copy a public key into a certificate. The proof is
 * the certificate's own signature, or that of an authority that is trusted without a limit. A limited authority may
 * belong to the attacker who forges the proof.
 */
import { isIssuedBy } from '@gatehouse/pki/judge/issued-by'
import type { Db } from '../../platform/db/open.ts'
import { findAuthoritiesByKey, findAuthoritiesNamed, type StoredAuthority } from './store.ts'

const mostAsked = 24

type Certificate = Pick<StoredAuthority['certificate'], 'der' | 'subject' | 'issuer' | 'selfSigned'>

export async function provesKey(db: Db, certificate: Certificate): Promise<boolean> {
  if (certificate.selfSigned) return true
  const issuers = await issuersOf(db, certificate)
  return issuers.some(({ usernames, withdrawnAt }) => usernames.length === 0 && withdrawnAt === null)
}

/** The authorities of the trust store that signed it. */
export async function issuersOf(db: Db, certificate: Certificate): Promise<StoredAuthority[]> {
  const named = await findAuthoritiesNamed(db, { subject: certificate.issuer }, mostAsked)
  return named.filter((issuer) => isIssuedBy(certificate.der, issuer.certificate.der))
}

/** Nothing proves the key: neither its own signature, nor an authority of the trust store or of the same upload. */
export async function isUnproven(
  db: Db,
  certificate: Certificate,
  together: readonly Certificate[] = [],
): Promise<boolean> {
  if (certificate.selfSigned) return false
  const near = together.filter(({ subject }) => subject === certificate.issuer).slice(0, mostAsked)
  if (near.some(({ der }) => isIssuedBy(certificate.der, der))) return false
  return (await issuersOf(db, certificate)).length === 0
}

type KeyHolder = Pick<StoredAuthority['certificate'], 'fingerprint' | 'keyFingerprint'>

/** Fingerprints of authorities whose key a limited authority also holds: its limit applies to both. */
export async function limitedElsewhere(db: Db, certificates: readonly KeyHolder[]): Promise<Set<string>> {
  const keys = certificates.map(({ keyFingerprint }) => keyFingerprint)
  const holders = Map.groupBy(await findAuthoritiesByKey(db, keys), ({ certificate }) => certificate.keyFingerprint)
  const found = new Set<string>()
  for (const { fingerprint, keyFingerprint } of certificates) {
    const others = (holders.get(keyFingerprint) ?? []).filter(
      ({ certificate, usernames, withdrawnAt }) =>
        certificate.fingerprint !== fingerprint && usernames.length > 0 && withdrawnAt === null,
    )
    for (const { certificate } of others) {
      if (!found.has(fingerprint) && (await provesKey(db, certificate))) found.add(fingerprint)
    }
  }
  return found
}
