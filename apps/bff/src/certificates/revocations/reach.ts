/**
 * The rule: who decides whether a certificate is believed must cover the user that it names. Where that is not known, or there is no such
 * user, the caller must cover everybody for whom its authority may vouch. The same for revoking as for taking back: the one shuts a user
 * out, the other lets one in, and both are changes to that user's certificates (security rules 7 and 15).
 */
import { isIssuedBy } from '@gatehouse/pki/judge/issued-by'
import { usernameMatches } from '@gatehouse/pki/judge/username-glob'
import { canonicalSerialNumber } from '@gatehouse/pki/read/serial-number'
import { createYielder } from '@gatehouse/pki/read/slices'
import { requireCover } from '../../access/roles/limits.ts'
import { permissionsOf } from '../../access/roles/store.ts'
import { findCredentials } from '../../identity/users/store.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isAdministrator, requireCoverOf, vouchedBy } from '../authorities/cover.ts'
import { provesKey } from '../authorities/key-proof.ts'
import { findAuthoritiesByKey, findAuthoritiesNamed, type StoredAuthority } from '../authorities/store.ts'

interface Reached {
  username: string | null
  issuerKey: string
  /** Of the one certificate; null: any that the key has signed. */
  serialNumber: string | null
  /** The key itself has signed what is uploaded: a list, or the certificate. */
  evidence: 'signature' | 'none'
}

/** Throws `above_caller`. */
export async function requireReach(trx: Trx, caller: Caller, reached: Reached): Promise<void> {
  if (isAdministrator(caller)) return
  const holders = await findAuthoritiesByKey(trx, [reached.issuerKey])
  for (const below of await signedBy(trx, holders, reached.serialNumber)) {
    await requireCoverOf(trx, caller, { before: vouchedBy(below), after: [] })
  }
  const { username } = reached
  const user = username === null ? null : await findCredentials(trx, username)
  if (user) return requireCover(caller.permissions, await permissionsOf(trx, user.id))
  const counting = await thatCount(trx, holders, reached)
  // One that is not there could come back for anybody.
  if (counting.length === 0) throw new Problem('above_caller')
  for (const { usernames } of counting) {
    if (usernames.length === 0) throw new Problem('above_caller')
    await requireCoverOf(trx, caller, { before: usernames, after: [] })
    const isWithin = username === null || usernames.some((glob) => usernameMatches(glob, username))
    if (!isWithin) throw new Problem('above_caller')
  }
}

/**
 * The authorities that decide who is reached. A certificate into which a foreign key was written says nothing about the clients of that
 * key. An intermediate whose root is not here proves its key neither, but what the key has signed is its own.
 */
async function thatCount(trx: Trx, holders: readonly StoredAuthority[], { evidence }: Reached) {
  const proven: StoredAuthority[] = []
  for (const holder of holders) if (await provesKey(trx, holder.certificate)) proven.push(holder)
  return proven.length > 0 || evidence === 'none' ? proven : holders
}

const mostBelow = 1_000

/** Authorities of the trust store that one of these signed: revoked, they vouch for nobody. Themselves are left out. */
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
