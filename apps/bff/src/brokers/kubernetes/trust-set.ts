/** Which authorities of the trust store belong into the secret of a broker or a listener. */
import type { GeneratedHandOver } from '@gatehouse/contract/brokers/kubernetes'
import { type LeftOutReason, leftOutWithoutLimits } from '@gatehouse/pki/judge/without-limits'
import type { TrustedAuthority } from '../../certificates/authorities/store.ts'

export interface TrustSet {
  included: TrustedAuthority[]
  leftOut: GeneratedHandOver['leftOut']
  /** An intermediate is included, and its issuer is not. */
  lacksRoot: boolean
}

/** `trusted`: the whole trust store. `chosen`: the fingerprints that the target trusts. Null: all. */
export async function trustSetOf(
  trusted: readonly TrustedAuthority[],
  { chosen, now }: { chosen: readonly string[] | null; now: Date },
): Promise<TrustSet> {
  const included: TrustedAuthority[] = []
  const leftOut: TrustSet['leftOut'] = []
  // A limit counts also where the target does not trust the limited CA.
  const limits = await leftOutWithoutLimits(trusted)
  const wanted = chosen && new Set(chosen)
  for (const authority of trusted) {
    if (wanted && !wanted.has(authority.fingerprint)) continue
    const reason = reasonToLeaveOut(authority, { limits, now })
    if (reason === null) included.push(authority)
    else leftOut.push({ fingerprint: authority.fingerprint, name: authority.name, reason })
  }
  const subjects = new Set(included.map(({ subject }) => subject))
  return { included, leftOut, lacksRoot: included.some(({ issuer }) => !subjects.has(issuer)) }
}

function reasonToLeaveOut(
  { fingerprint, notAfter }: TrustedAuthority,
  { limits, now }: { limits: ReadonlyMap<string, LeftOutReason>; now: Date },
) {
  return limits.get(fingerprint) ?? (new Date(notAfter) <= now ? 'expired' : null)
}
