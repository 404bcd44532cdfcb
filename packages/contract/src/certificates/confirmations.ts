/**
 * A user may gain more rights than the person who limited an authority to that user's name has. The authority then does
 * not identify this user until somebody confirms it. Changes of users and roles fail with `authority_unconfirmed` and
 * name the authorities in `facts`; sent again, they confirm or decline each of them.
 */
import * as z from 'zod/mini'
import { Fingerprint } from '../base.ts'

const Fingerprints = z.array(Fingerprint).check(z.maxLength(1_000))

export const confirmed = {
  /** These authorities may identify the users, as long as the users gain no further rights. */
  confirm: z.optional(Fingerprints),
  /** These authorities may not identify the users. */
  decline: z.optional(Fingerprints),
}

const FingerprintList = z.string().check(z.regex(/^[0-9a-f]{64}(,[0-9a-f]{64}){0,99}$/, 'invalid'))

/** The answers of a caller: fingerprints of authorities to confirm and to decline. */
export interface Answered {
  confirm?: readonly string[] | undefined
  decline?: readonly string[] | undefined
}

/** The same for a request without a body: fingerprints separated by commas. */
export const ConfirmedInPath = z.strictObject({
  confirm: z.optional(FingerprintList),
  decline: z.optional(FingerprintList),
})

/** An entry of `facts.authorities` in `authority_unconfirmed`. */
export const UnconfirmedAuthority = z.object({
  fingerprint: Fingerprint,
  name: z.string(),
  /** The number of users that it would not identify, and the first ten by name. */
  users: z.number(),
  usernames: z.array(z.string()),
})
export type UnconfirmedAuthority = z.output<typeof UnconfirmedAuthority>
