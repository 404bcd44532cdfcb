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

/** The whole trust store. Reading it parses each CA, if one is limited: do it outside of transactions, once for all targets. */
export interface JudgedTrust {
  trusted: readonly TrustedAuthority[]
  /** A limit counts also where a target does not trust the limited CA. */
  limits: ReadonlyMap<string, LeftOutReason>
}

export async function judgeTrust(trusted: readonly TrustedAuthority[]): Promise<JudgedTrust> {
  return { trusted, limits: await leftOutWithoutLimits(trusted) }
}

/** `chosen`: the fingerprints that the target trusts. Null: all. */
export function trustSetOf(
  { trusted, limits }: JudgedTrust,
  { chosen, now }: { chosen: readonly string[] | null; now: Date },
): TrustSet {
  const included: TrustedAuthority[] = []
  const leftOut: TrustSet['leftOut'] = []
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
