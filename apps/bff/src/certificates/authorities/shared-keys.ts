/**
 * Several authorities may have the same key. A limit applies to the key, so a limit of one of them affects users of the
 * others.
 */
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { requireCoverOf, vouchedBy } from './cover.ts'
import { provesKey } from './key-proof.ts'
import { findAuthoritiesByKey, type StoredAuthority } from './store.ts'

/**
 * Throws `above_caller` if the limit of a new authority would remove access of another authority's users beyond the
 * caller. The new row is not stored yet.
 */
export async function requireRightToLimitKey(trx: Trx, caller: Caller, added: StoredAuthority): Promise<void> {
  if (added.usernames.length === 0) return
  for (const other of await sharing(trx, added)) {
    await requireCoverOf(trx, caller, { before: vouchedBy(other), after: added.usernames })
  }
}

/** Throws `above_caller` if removing a limit would let another authority vouch for users beyond the caller. */
export async function requireRightToFreeKey(trx: Trx, caller: Caller, limited: StoredAuthority): Promise<void> {
  if (limited.usernames.length === 0) return
  for (const other of await sharing(trx, limited)) {
    await requireCoverOf(trx, caller, { before: vouchedBy(other), after: [] })
  }
}

/** The authorities of the trust store with the same key, if the certificate proves that the key is its subject's. */
async function sharing(db: Db, { certificate }: StoredAuthority): Promise<StoredAuthority[]> {
  const { fingerprint, keyFingerprint } = certificate
  const holders = await findAuthoritiesByKey(db, [keyFingerprint])
  const others = holders.filter((holder) => holder.certificate.fingerprint !== fingerprint)
  return others.length > 0 && (await provesKey(db, certificate)) ? others : []
}
