/**
 * The rule: guessing is slow, wherever it comes from, and the owner is not shut out by somebody else's guesses.
 * Three counters for each attempt: this user from this address (growing waits), this user from anywhere, this address for
 * anybody. All are counted before the secret is looked at, in a transaction of their own, so that neither a parallel
 * request nor a rolled-back one escapes the count (security rule 2).
 */
import { createHash } from 'node:crypto'
import type { ThrottlePolicy } from '@gatehouse/contract/settings'
import { networkOf } from '../base/address.ts'
import type { Clock } from '../base/clock.ts'
import type { Db, Trx } from '../db/open.ts'
import { writeUnhurried } from '../db/unhurried.ts'
import { readPolicies } from '../settings/store.ts'
import { type Attempts, clearAttempts, markRefused, readAttempts, takeBackAttempt, writeAttempts } from './store.ts'

const minute = 60_000
/** Failures of one user from one address are forgotten after a day without any. */
const forgetAfterMs = 24 * 60 * minute

interface Ceiling {
  most: number
  windowMs: number
}
const perUser: Ceiling = { most: 100, windowMs: 60 * minute }
const perAddress: Ceiling = { most: 100, windowMs: 15 * minute }

/** The password and the second factor are counted apart: guessing one does not use up the other. */
export type Secret = 'password' | 'factor'

export interface Attempt {
  secret: Secret
  username: string
  address: string
}

interface Pools {
  own: string
  user: string
  address: string
}

export interface Counting {
  db: Db
  clock: Clock
  /** Whoever asks commits something before it answers, whatever comes of the attempt: that takes the count to the disk as well. */
  commitFollows?: boolean
}

/** Seconds to wait before the next attempt; 0: go on. An attempt that may go on is counted as failed until it proves right. */
export async function countAttempt({ db, clock, commitFollows = false }: Counting, attempt: Attempt): Promise<number> {
  return commitFollows
    ? writeUnhurried(db, (trx) => countWithin(trx, clock, attempt))
    : db.transaction().execute((trx) => countWithin(trx, clock, attempt))
}

async function countWithin(trx: Trx, clock: Clock, attempt: Attempt): Promise<number> {
  const pools = poolsOf(attempt)
  const now = clock.now().getTime()
  const found = await readAttempts(trx, Object.values(pools))
  const waitMs = Math.max(...[...found.values()].map(({ blockedUntil }) => remaining(blockedUntil, now)), 0)
  // Not counted: the wait does not grow while one waits, or anybody could keep the owner out for good.
  if (waitMs > 0) return Math.ceil(waitMs / 1_000)
  const { throttle } = await readPolicies(trx)
  await writeAttempts(trx, [
    { pool: pools.own, ...withGrowingWait(found.get(pools.own), throttle, now) },
    { pool: pools.user, ...withCeiling(found.get(pools.user), perUser, now) },
    { pool: pools.address, ...withCeiling(found.get(pools.address), perAddress, now) },
  ])
  return 0
}

/**
 * Is this the first attempt that is refused during the wait? Asked by whoever records refusals: one line tells that it goes
 * on, a line for each would let anybody fill the disk.
 */
export async function isFirstRefusal(trx: Trx, clock: Clock, attempt: Attempt): Promise<boolean> {
  const now = clock.now().getTime()
  const found = await readAttempts(trx, Object.values(poolsOf(attempt)))
  const waiting = [...found].filter(([, { blockedUntil }]) => remaining(blockedUntil, now) > 0)
  if (waiting.length === 0 || waiting.some(([, { refusedAt }]) => refusedAt !== null)) return false
  for (const [pool] of waiting) await markRefused(trx, pool, iso(now))
  return true
}

/** The secret was right: its own pool is cleared, the wider ones lose this one attempt only. */
export async function clearAttempt(trx: Trx, attempt: Attempt): Promise<void> {
  const pools = poolsOf(attempt)
  await clearAttempts(trx, pools.own)
  await takeBackAttempt(trx, [pools.user, pools.address])
}

/** The pools that `npm run admin -- unlock` empties. */
export function poolsOfUser(username: string): string[] {
  return (['password', 'factor'] as const).map((secret) => `${secret}|user|${nameOf(username)}`)
}

function poolsOf({ secret, username, address }: Attempt): Pools {
  const user = `${secret}|user|${nameOf(username)}`
  const from = networkOf(address)
  return { own: `${user}|${from}`, user, address: `${secret}|address|${from}` }
}

/** What was typed may be a password in the wrong field: it is not kept as it is. Case does not count. */
function nameOf(username: string): string {
  return createHash('sha256').update(username.toLowerCase()).digest('base64url')
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

function remaining(until: string | null, now: number): number {
  return until === null ? 0 : Date.parse(until) - now
}

function iso(time: number): string {
  return new Date(time).toISOString()
}
