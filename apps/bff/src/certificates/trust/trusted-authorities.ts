/** The CAs that are trusted now, and who limited them, loaded from the database. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { makeTrustStoreInSlices, type TrustStore } from '@gatehouse/pki/judge/chain'
import type { LimiterPermissions } from '../../access/decision/authority-limits.ts'
import type { AnchorStore, Limiter, StoredAnchor } from './anchor-store.ts'
import { completeHeads, readHeads } from './anchors.ts'
import type { AuthorityChange } from './changes.ts'

export interface TrustedAuthorities {
  anchors: readonly StoredAnchor[]
  trustStore: TrustStore
  ceilings: LimiterPermissions
  /** By fingerprint. */
  names: ReadonlyMap<string, string>
  /** Equal as long as nothing about them changed. */
  version: string
}

/** Loads what changed since `before`. Returns `before` itself when nothing changed. */
export async function loadAuthorities(
  store: AnchorStore,
  before: TrustedAuthorities | null,
): Promise<TrustedAuthorities> {
  const { heads, limiters, version } = await readHeads(store)
  if (before && version === before.version) return before
  const anchors = await completeHeads(store, heads, before?.anchors ?? [])
  const trustStore = await makeTrustStoreInSlices(anchors, before?.trustStore ?? null)
  const names = new Map(anchors.map(({ fingerprint, name }) => [fingerprint, name]))
  return { anchors, trustStore, ceilings: ceilingsOf(anchors, limiters), names, version }
}

/** The trust store as it would be after a change of one CA. */
export function changeAuthority(
  { anchors, trustStore }: TrustedAuthorities,
  { authority, change }: { authority: string; change: AuthorityChange },
): Promise<TrustStore> {
  const changed = anchors
    .filter((anchor) => anchor.fingerprint !== authority || !('delete' in change))
    .map((anchor) => (anchor.fingerprint === authority && 'usernames' in change ? { ...anchor, ...change } : anchor))
  return makeTrustStoreInSlices(changed, trustStore)
}

function ceilingsOf(anchors: readonly StoredAnchor[], limiters: readonly Limiter[]): LimiterPermissions {
  const byUser = new Map(limiters.map(({ id, permissions }) => [id, permissions]))
  const limited = anchors.flatMap(({ fingerprint, limitedBy }) =>
    limitedBy === null ? [] : [{ fingerprint, limitedBy }],
  )
  // A person who was deleted or disabled has no permissions.
  return new Map(limited.map(({ fingerprint, limitedBy }) => [fingerprint, byUser.get(limitedBy) ?? noPermissions]))
}

const noPermissions: readonly Permission[] = []
