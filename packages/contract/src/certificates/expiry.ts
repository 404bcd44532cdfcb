/** Expiry windows: filters of lists, and counts in the overview. */
import * as z from 'zod/mini'

/** Each window contains the shorter ones, except `expired`. */
export const expiryWindows = ['expired', '7-days', '30-days', '60-days'] as const
export const ExpiryWindow = z.enum(expiryWindows)
export type ExpiryWindow = z.output<typeof ExpiryWindow>

const daysOf = { '7-days': 7, '30-days': 30, '60-days': 60 } as const
const dayMs = 24 * 60 * 60_000

/** Returns the bounds of a window: the end is at `from` or later and before `until`. `from` is null for `expired`. */
export function boundsOf(window: ExpiryWindow, now: Date): { from: Date | null; until: Date } {
  if (window === 'expired') return { from: null, until: now }
  return { from: now, until: new Date(now.getTime() + daysOf[window] * dayMs) }
}

/** Returns true if `notAfter` (RFC 3339) lies in this window. */
export function endsWithin(window: ExpiryWindow, notAfter: string, now: Date): boolean {
  const { from, until } = boundsOf(window, now)
  const end = new Date(notAfter)
  return (from === null || end >= from) && end < until
}

/** The number of certificates that end in each window. */
export const Expiries = z.record(ExpiryWindow, z.number())
export type Expiries = z.output<typeof Expiries>
