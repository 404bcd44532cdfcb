/**
 * Rule: to revoke a certificate or undo a revocation, the caller must cover the user that it names. If the user is
 * unknown or does not exist, the caller must cover everyone that the issuing authorities may vouch for. The rule is the
 * same both ways, because one takes access from a user and the other gives it back.
 */
import { isIssuedBy } from '@gatehouse/pki/judge/issued-by'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { requireCover } from '../../access/roles/limits.ts'
import { findCredentials } from '../../identity/users/credentials-store.ts'
import { permissionsOf } from '../../identity/users/rights-store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isAdministrator, requireCoverOf, vouchedBy } from '../authorities/cover.ts'
import { provesKey } from '../authorities/key-proof.ts'
import { findAuthoritiesByKey, findAuthoritiesNamed, type StoredAuthority } from '../authorities/store.ts'

interface RevocationScope {
  username: string | null
  issuerKey: string
  /** Null: any certificate that the key has signed. */
  serialNumber: string | null
  /** The key has signed the upload itself: the CRL or the certificate. */
  evidence: 'signature' | 'none'
}

/** Throws `above_caller`. */
export async function requireRevocationRight(trx: Trx, caller: Caller, scope: RevocationScope): Promise<void> {
  if (isAdministrator(caller)) return
  const holders = await findAuthoritiesByKey(trx, [scope.issuerKey])
  for (const below of await signedBy(trx, holders, scope.serialNumber)) {
    await requireCoverOf(trx, caller, { before: vouchedBy(below), after: [] })
  }
  const { username } = scope
  const user = username === null ? null : await findCredentials(trx, username)
  if (user) return requireCover(caller.permissions, await permissionsOf(trx, user.id))
  const counting = await decidingAuthorities(trx, holders, scope)
  // A deleted authority could be uploaded again for all users.
  if (counting.length === 0) throw new Problem('above_caller')
  for (const { usernames } of counting) {
    if (usernames.length === 0) throw new Problem('above_caller')
    await requireCoverOf(trx, caller, { before: usernames, after: [] })
    const isWithin = username === null || usernames.some((glob) => usernameMatches(glob, username))
    if (!isWithin) throw new Problem('above_caller')
  }
}

/**
 * The authorities that decide which users are affected. A certificate with a copied key says nothing about the clients
 * of that key. An intermediate whose root is unknown does not prove its key either, but what the key has signed is its
 * own.
 */
async function decidingAuthorities(trx: Trx, holders: readonly StoredAuthority[], { evidence }: RevocationScope) {
  const proven: StoredAuthority[] = []
  for (const holder of holders) if (await provesKey(trx, holder.certificate)) proven.push(holder)
  return proven.length > 0 || evidence === 'none' ? proven : holders
}

const mostBelow = 1_000

/**
 * The authorities of the trust store below one of these, without these themselves: if it is revoked, they vouch for
 * nobody.
 */
async function signedBy(trx: Trx, holders: readonly StoredAuthority[], serialNumber: string | null) {
  const yieldIfDue = createYielder()
  const found: StoredAuthority[] = []
  for (const { certificate } of holders) {
    const named = await findAuthoritiesNamed(trx, { issuer: certificate.subject }, mostBelow)
    if (named.length === mostBelow) throw new Problem('above_caller')
    for (const each of named) {
      await yieldIfDue()
      const isOther = each.certificate.keyFingerprint !== certificate.keyFingerprint
      const isMeant = serialNumber === null || canonicalSerialNumber(each.certificate.serialNumber) === serialNumber
      if (isOther && isMeant && isIssuedBy(each.certificate.der, certificate.der)) found.push(each)
    }
  }
  return found
}
