/** What a change of trust would end: a change of an authority, a revocation or a CRL. */
import * as z from 'zod/mini'
import { Fingerprint, foreseen } from '../base.ts'

export const TrustImpact = z.object({
  ...foreseen,
  /** Users of the connections on the embedded broker, at most 100 by name. */
  usernames: z.array(z.string()),
  userCount: z.number(),
})
export type TrustImpact = z.output<typeof TrustImpact>

export const AuthorityImpact = z.extend(TrustImpact, {
  /**
   * Users whose last connection used a certificate of this authority, connected now or not; null if the broker did not
   * answer in time. The numbers are estimates: certificates with the same signer and intermediates share a chain, at
   * most three certificates of each chain are judged, and the first valid one stands for all of them. Names, limits and
   * rights are judged exactly, for each user.
   */
  lastAdmitted: z.nullable(
    z.object({
      users: z.number(),
      /** Those of them whom no authority would identify any more; at most 100 by name. */
      cutOff: z.number(),
      usernames: z.array(z.string()),
      /** The authorities that would identify the others, without the one that is changed. */
      stillVouchedForBy: z.array(z.object({ fingerprint: Fingerprint, name: z.string(), users: z.number() })),
    }),
  ),
})
export type AuthorityImpact = z.output<typeof AuthorityImpact>
