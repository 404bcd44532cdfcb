/** For which other keys of its authority a revocation list counts: an authority that renews its key signs its list with the new one. */
import type { OtherKey } from '@gatehouse/contract/certificates/crls'
import { crlCoversAuthority } from '@gatehouse/pki/judge/same-authority'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isAdministrator } from '../authorities/cover.ts'
import { findAuthoritiesBySubject, type StoredAuthority } from '../authorities/store.ts'

const maxShown = 100

/**
 * The certificate by which the list counts for other keys. Null where the authority may vouch for some users only, or the caller is no
 * administrator: the list must not shut out users whom the caller does not cover.
 */
export function signerOf({ certificate, usernames }: StoredAuthority, caller: Caller): Uint8Array | null {
  return usernames.length === 0 && isAdministrator(caller) ? certificate.der : null
}

/** The trusted authorities of the same name with another key. */
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
