/** How long an attempt has to wait. The clock may have been wrong, so no wait is longer than the policy allows now. */
import type { ThrottlePolicy } from '@gatehouse/contract/operations/settings'
import type { Pool } from './pools.ts'
import type { Attempts } from './store.ts'

const minute = 60_000
/** Failures of one user from one source are forgotten after a day without a failure. */
const forgetAfterMs = 24 * 60 * minute

interface Ceiling {
  most: number
  windowMs: number
}
const ceilings: Record<'user' | 'address', Ceiling> = {
  user: { most: 100, windowMs: 60 * minute },
  address: { most: 100, windowMs: 15 * minute },
}

export function remainingMs(attempts: Attempts | undefined, now: number): number {
  const until = attempts?.blockedUntil ?? null
  return until === null ? 0 : Math.max(Date.parse(until) - now, 0)
}

/** The count with one more failure. */
export function withFailure(
  before: Attempts | undefined,
  { rule }: Pool,
  { policy, now }: { policy: ThrottlePolicy; now: number },
): Attempts {
  return rule === 'own' ? withGrowingWait(before, policy, now) : withCeiling(before, ceilings[rule], now)
}

/**
 * The stored count, limited to what could have been stored now. Otherwise a wait would last a day after the clock was a day ahead.
 * The caller writes the result back, so that the wait runs out.
 */
export function bounded(
  stored: Attempts,
  { rule }: Pool,
  { policy, now }: { policy: ThrottlePolicy; now: number },
): Attempts {
  const longestMs = rule === 'own' ? policy.longestWaitMinutes * minute : ceilings[rule].windowMs
  const { windowStartedAt, blockedUntil } = stored
  const isAhead = Date.parse(windowStartedAt) > now
  const isTooLong = blockedUntil !== null && Date.parse(blockedUntil) > now + longestMs
  if (!isAhead && !isTooLong) return stored
  return {
    ...stored,
    windowStartedAt: isAhead ? iso(now) : windowStartedAt,
    blockedUntil: isTooLong ? iso(now + longestMs) : blockedUntil,
  }
}

function withGrowingWait(before: Attempts | undefined, policy: ThrottlePolicy, now: number): Attempts {
  const { freeFailures, firstWaitSeconds, longestWaitMinutes } = policy
  const failures = (isOlder(before, forgetAfterMs, now) ? 0 : (before?.failures ?? 0)) + 1
  const waitMs =
    failures < freeFailures
      ? 0
      : Math.min(firstWaitSeconds * 1_000 * 2 ** (failures - freeFailures), longestWaitMinutes * minute)
  return { failures, windowStartedAt: iso(now), blockedUntil: waitMs > 0 ? iso(now + waitMs) : null, refusedAt: null }
}

function withCeiling(before: Attempts | undefined, { most, windowMs }: Ceiling, now: number): Attempts {
  const fresh = before === undefined || isOlder(before, windowMs, now)
  const windowStartedAt = fresh ? iso(now) : before.windowStartedAt
  const failures = (fresh ? 0 : before.failures) + 1
  const blockedUntil = failures >= most ? iso(Date.parse(windowStartedAt) + windowMs) : null
  return { failures, windowStartedAt, blockedUntil, refusedAt: null }
}

function isOlder(attempts: Attempts | undefined, thanMs: number, now: number): boolean {
  return attempts !== undefined && now - Date.parse(attempts.windowStartedAt) >= thanMs
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
