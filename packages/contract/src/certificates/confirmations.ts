/**
 * A user may come to do more than the person who limited an authority, whose limit names the user. The authority does not vouch for such a
 * user until that is confirmed. Changes of users and roles answer `authority_unconfirmed` and name the authorities in `facts`; sent again,
 * they say of each what is to be.
 */
import * as z from 'zod/mini'
import { Fingerprint } from '../base.ts'

const Fingerprints = z.array(Fingerprint).check(z.maxLength(1_000))

export const confirmed = {
  /** These authorities may vouch for the users all the same, for as long as they may do no more than now. */
  confirm: z.optional(Fingerprints),
  /** These shall not. */
  decline: z.optional(Fingerprints),
}

const FingerprintList = z.string().check(z.regex(/^[0-9a-f]{64}(,[0-9a-f]{64}){0,99}$/, 'invalid'))

export interface Answered {
  confirm?: readonly string[] | undefined
  decline?: readonly string[] | undefined
}

/** The same for a request without a body: fingerprints with commas between them. */
export const ConfirmedInPath = z.strictObject({
  confirm: z.optional(FingerprintList),
  decline: z.optional(FingerprintList),
})

/** `facts.authorities` of `authority_unconfirmed`. */
export const UnconfirmedAuthority = z.object({
  fingerprint: Fingerprint,
  name: z.string(),
  /** For how many users it would not vouch; the first ten by name. */
  users: z.number(),
  usernames: z.array(z.string()),
})
export type UnconfirmedAuthority = z.output<typeof UnconfirmedAuthority>
