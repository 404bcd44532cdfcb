import { type Clock, maxSkewMs } from '../../platform/base/clock.ts'

const dayMs = 24 * 60 * 60_000

export interface OriginSignIn {
  /** Null: never. */
  at: string | null
  /** How long it counts. */
  days: number
}

/**
 * An OpenID provider does not report that a person has left, nor does a directory without a service account. So sessions, tokens and
 * MQTT passwords of their users need a sign-in there from time to time. A time in the future comes from a wrong clock and does not
 * count.
 */
export function isSignInTooOld({ originSignIn }: { originSignIn: OriginSignIn | null }, clock: Clock): boolean {
  if (originSignIn === null) return false
  const { at, days } = originSignIn
  const ageMs = at === null ? Infinity : clock.now().getTime() - Date.parse(at)
  // Not the reverse comparison: without a number on one of the sides, the sign-in must not count.
  return !(ageMs < days * dayMs && ageMs >= -maxSkewMs)
}

/** When the sign-in stops counting: 1970 if the user has never signed in there. */
export function endOfSignIn({ at, days }: OriginSignIn): Date {
  const from = at === null ? Number.NaN : Date.parse(at)
  return new Date(Number.isNaN(from) ? 0 : from + days * dayMs)
}
