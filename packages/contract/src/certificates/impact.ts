/** What a change of trust would end: of an authority, of a revocation, of a revocation list. */
import * as z from 'zod/mini'
import { Fingerprint } from '../base.ts'

export const TrustImpact = z.object({
  /** Live connections that end; null when the broker did not answer in time. */
  connections: z.nullable(z.number()),
  /** Users of those connections, at most 100 of them by name. */
  usernames: z.array(z.string()),
  userCount: z.number(),
})
export type TrustImpact = z.output<typeof TrustImpact>

export const AuthorityImpact = z.extend(TrustImpact, {
  /** Users who came in last with a certificate for which it vouched, connected or not; null when the broker did not answer in time. */
  lastAdmitted: z.nullable(
    z.object({
      users: z.number(),
      /** Of these, for whom nobody would vouch any more; at most 100 of them by name. */
      cutOff: z.number(),
      usernames: z.array(z.string()),
      /** Who would vouch for the others; the one that is asked about, where it still does, is not among them. */
      stillVouchedForBy: z.array(z.object({ fingerprint: Fingerprint, name: z.string(), users: z.number() })),
    }),
  ),
})
export type AuthorityImpact = z.output<typeof AuthorityImpact>
