import { type Clock, maxSkewMs } from '../../platform/base/clock.ts'

export interface OriginSignIn {
  /** Null: never. */
  at: string | null
  /** How long it counts. */
  days: number
}

/**
 * An OpenID provider does not report that a person has left. So sessions and tokens of its users need a sign-in there from time to
 * time. A time in the future comes from a wrong clock and does not count.
 */
export function isSignInTooOld({ originSignIn }: { originSignIn: OriginSignIn | null }, clock: Clock): boolean {
  if (originSignIn === null) return false
  const { at, days } = originSignIn
  const ageMs = at === null ? Infinity : clock.now().getTime() - Date.parse(at)
  // Not the reverse comparison: without a number on one of the sides, the sign-in must not count.
  return !(ageMs < days * 24 * 60 * 60_000 && ageMs >= -maxSkewMs)
}
