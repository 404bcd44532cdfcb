/**
 * Which CAs may be on a Cedalo broker: all trusted CAs except those that need a username limit, which the broker cannot enforce.
 */
import { leftOutWithoutLimits } from '@gatehouse/pki/judge/without-limits'
import { listTrustedAuthorities, type TrustedAuthority } from '../../certificates/authorities/store.ts'
import { type TrustChange, trustedAfter } from '../../certificates/trust/changes.ts'
import type { Db } from '../../platform/db/open.ts'

export interface Deployable {
  deployable: TrustedAuthority[]
  /** A username limit applies to them, or they are above such a CA. */
  leftOut: TrustedAuthority[]
}

export async function readDeployable(db: Db): Promise<Deployable> {
  return split(await listTrustedAuthorities(db))
}

async function split(trusted: readonly TrustedAuthority[]): Promise<Deployable> {
  const limits = await leftOutWithoutLimits(trusted)
  const isLeftOut = ({ fingerprint }: TrustedAuthority) => limits.has(fingerprint)
  return { deployable: trusted.filter((each) => !isLeftOut(each)), leftOut: trusted.filter(isLeftOut) }
}

/** The fingerprints of CAs that may be deployed now, and not after this change. */
export async function lostBy(db: Db, change: Extract<TrustChange, { authority: string }>): Promise<Set<string>> {
  const trusted = await listTrustedAuthorities(db)
  const after = await split(trustedAfter(trusted, change))
  const kept = new Set(after.deployable.map(({ fingerprint }) => fingerprint))
  const { deployable } = await split(trusted)
  return new Set(deployable.map(({ fingerprint }) => fingerprint).filter((fingerprint) => !kept.has(fingerprint)))
}
