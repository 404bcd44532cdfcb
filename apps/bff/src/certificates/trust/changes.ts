/** Changes of what the broker trusts, and what a change would end. */
import type { LimitedPath } from '../../access/decision/authority-limits.ts'

/** Deletes a CA or replaces its limit on usernames. `limitedBy`: who limited it then, unless that is an administrator. */
export type AuthorityChange = { delete: true } | { usernames: readonly string[]; limitedBy: string | null }

interface Limitable {
  fingerprint: string
  isLimited: boolean
  limitedBy: string | null
}

/** The trusted CAs as they would be after a change of one of them. */
export function trustedAfter<T extends Limitable>(
  trusted: readonly T[],
  { authority, change }: { authority: string; change: AuthorityChange },
): T[] {
  return trusted.flatMap((each) => {
    if (each.fingerprint !== authority) return [each]
    if ('delete' in change) return []
    return [{ ...each, isLimited: change.usernames.length > 0, limitedBy: change.limitedBy }]
  })
}

/** A certificate that may be revoked, or a CRL that may be uploaded. */
export type RevocationChange =
  | { revoke: { issuerKey: string; serialNumber: string } }
  | { list: { issuerKey: string; scope: string; der: Uint8Array; signer: Uint8Array | null } }

export type TrustChange = { authority: string; change: AuthorityChange } | RevocationChange

/** Several lists of chains (DER as presented). Of each list the first chain that is trusted counts. */
export type ChainExamples = readonly (readonly (readonly Uint8Array[])[])[]

/** The trusted paths before and after a change. None: the certificate is not trusted. */
export interface PathChange {
  before: LimitedPath[]
  after: LimitedPath[]
}

/** What a change of trust ends. */
export interface TrustImpact {
  /** Live connections that end. */
  connections: number
  /** The names of their users, at most 100; `userCount` is exact. */
  usernames: string[]
  userCount: number
}
