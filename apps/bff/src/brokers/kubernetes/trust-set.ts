/** Which authorities of the trust store belong into the secret of a broker or a listener. */
import type { GeneratedHandOver } from '@gatehouse/contract/brokers/kubernetes'
import type { TrustedAuthority } from '../../certificates/authorities/store.ts'

export interface TrustSet {
  included: TrustedAuthority[]
  leftOut: GeneratedHandOver['leftOut']
  /** An intermediate is included, and its issuer is not. */
  lacksRoot: boolean
}

/** `chosen`: the fingerprints that the target trusts. Null: all. */
export function trustSetOf(
  trusted: readonly TrustedAuthority[],
  { chosen, now }: { chosen: readonly string[] | null; now: Date },
): TrustSet {
  const included: TrustedAuthority[] = []
  const leftOut: TrustSet['leftOut'] = []
  const wanted = chosen && new Set(chosen)
  for (const authority of trusted) {
    if (wanted && !wanted.has(authority.fingerprint)) continue
    const reason = reasonToLeaveOut(authority, now)
    if (reason === null) included.push(authority)
    else leftOut.push({ fingerprint: authority.fingerprint, name: authority.name, reason })
  }
  const subjects = new Set(included.map(({ subject }) => subject))
  return { included, leftOut, lacksRoot: included.some(({ issuer }) => !subjects.has(issuer)) }
}

function reasonToLeaveOut({ isLimited, notAfter }: TrustedAuthority, now: Date) {
  // Mosquitto would accept any username from it.
  if (isLimited) return 'limited'
  return new Date(notAfter) <= now ? 'expired' : null
}
