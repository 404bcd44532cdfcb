/**
 * The other keys of an authority that a CRL applies to: an authority with a renewed key signs its CRL with the new one.
 */
import type { OtherKey } from '@gatehouse/contract/certificates/crls'
import { crlCoversAuthority } from '@gatehouse/pki/judge/same-authority'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isAdministrator } from '../authorities/cover.ts'
import { findAuthoritiesBySubject, type StoredAuthority } from '../authorities/store.ts'

const maxShown = 100

/**
 * The certificate that makes the CRL apply to other keys. Null if the authority may vouch only for some users, or the
 * caller is not an administrator: the CRL must not take access from users that the caller does not cover.
 */
export function signerOf({ certificate, usernames }: StoredAuthority, caller: Caller): Uint8Array | null {
  return usernames.length === 0 && isAdministrator(caller) ? certificate.der : null
}

/** The trusted authorities with the same name and another key. */
export async function findOtherKeys(
  db: Db,
  { certificate }: StoredAuthority,
  signer: Uint8Array | null,
): Promise<OtherKey[]> {
  const named = await findAuthoritiesBySubject(db, [certificate.subject])
  const others = named
    .filter((other) => other.withdrawnAt === null && other.certificate.keyFingerprint !== certificate.keyFingerprint)
    .slice(0, maxShown)
  const issuers = [...new Set(others.map((other) => other.certificate.issuer))]
  const above = (await findAuthoritiesBySubject(db, issuers)).filter(({ withdrawnAt }) => withdrawnAt === null)
  const trusted = above.slice(0, maxShown).map((each) => each.certificate.der)
  return others.map(({ name, certificate: { fingerprint, der } }) => ({
    fingerprint,
    name,
    isCovered: signer !== null && crlCoversAuthority(signer, der, trusted),
  }))
}
