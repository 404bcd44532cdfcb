/**
 * The rule: guessing is slow, wherever it comes from, and strangers do not shut the owner out. An attempt of a stranger counts for
 * this user from this address (growing waits), for this user from anywhere, and for this address for anybody. From a device or
 * an address that was right before it counts in pools of their own only, and goes on while one of them is open. It is counted before the secret is looked at, in a
 * transaction of its own, so that neither a parallel request nor a rolled-back one escapes the count (security rules 2 and 19).
 */
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { withRelaxedDurability } from '../../platform/db/relaxed-durability.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { findKnown, type Source } from './known-sources.ts'
import { type Pool, type Secret, type Ways, waysOf } from './pools.ts'
import { type Attempts, clearAttempts, markRefused, readAttempts, takeBackAttempt, writeAttempts } from './store.ts'
import { bounded, remainingMs, withFailure } from './waits.ts'

export interface Attempt {
  secret: Secret
  username: string
  /** Null: nobody has this name. */
  userId: string | null
  source: Source
  /** A code comes with the password: then the two together are tried although strangers have closed the user's pool. */
  hasCode?: boolean
}

export interface Counting {
  db: Db
  clock: Clock
  /** Whoever asks commits something before it answers, whatever comes of the attempt: that takes the count to the disk as well. */
  commitFollows?: boolean
}

export type Verdict =
  | {
      outcome: 'counted'
      /** Too many strangers have tried this user: the password lets in only together with the code. */
      needsCode: boolean
      /** The secret was right: its own pool is cleared, the wider ones lose this one attempt only. */
      clear(trx: Trx): Promise<void>
    }
  | {
      outcome: 'waiting'
      waitSeconds: number
      /** An attempt with a code would be counted now. Says nothing of whether the user has a second factor. */
      takesCode: boolean
    }

/** An attempt that may go on is counted as failed until it proves right. */
export async function countAttempt({ db, clock, commitFollows = false }: Counting, attempt: Attempt): Promise<Verdict> {
  return commitFollows
    ? withRelaxedDurability(db, (trx) => countWithin(trx, clock, attempt))
    : db.transaction().execute((trx) => countWithin(trx, clock, attempt))
}

async function countWithin(trx: Trx, clock: Clock, attempt: Attempt): Promise<Verdict> {
  const { ways, counts, policy, now } = await look(trx, clock, attempt)
  const waitOf = ({ key }: Pool) => remainingMs(counts.get(key), now)
  const chosen = choosePools(ways, (pool) => waitOf(pool) === 0, attempt.hasCode ?? false)
  if (!chosen) {
    // Not counted: the wait does not grow while one waits, or anybody could keep the owner out for good.
    const waits = [...ways.known.map(waitOf), ...(ways.strangers ? [Math.max(...ways.strangers.map(waitOf))] : [])]
    const takesCode = attempt.secret === 'password' && isClosedByUserOnly(ways, (pool) => waitOf(pool) === 0)
    return { outcome: 'waiting', waitSeconds: Math.ceil(Math.min(...waits) / 1_000), takesCode }
  }
  const { pools, needsCode } = chosen
  await writeAttempts(
    trx,
    pools.map((pool) => ({ pool: pool.key, ...withFailure(counts.get(pool.key), pool, { policy, now }) })),
  )
  return { outcome: 'counted', needsCode, clear: (after) => clear(after, pools) }
}

/** Where the attempt is counted; null: it has to wait. */
function choosePools(
  ways: Ways,
  isOpen: (pool: Pool) => boolean,
  hasCode: boolean,
): { pools: readonly Pool[]; needsCode: boolean } | null {
  const known = ways.known.filter(isOpen)
  if (known.length > 0) return { pools: known, needsCode: false }
  if (ways.strangers?.every(isOpen)) return { pools: ways.strangers, needsCode: false }
  if (!hasCode || !isClosedByUserOnly(ways, isOpen)) return null
  return { pools: ways.strangers?.filter(({ rule }) => rule !== 'user') ?? [], needsCode: true }
}

function isClosedByUserOnly({ strangers }: Ways, isOpen: (pool: Pool) => boolean): boolean {
  return strangers?.every((pool) => isOpen(pool) === (pool.rule !== 'user')) ?? false
}

/**
 * Is this the first attempt that is refused during the wait? Asked by whoever records refusals: one line tells that it goes
 * on, a line for each would let anybody fill the disk.
 */
export async function isFirstRefusal(trx: Trx, clock: Clock, attempt: Attempt): Promise<boolean> {
  const { counts, now } = await look(trx, clock, attempt)
  const waiting = [...counts].filter(([, count]) => remainingMs(count, now) > 0)
  if (waiting.length === 0 || waiting.some(([, { refusedAt }]) => refusedAt !== null)) return false
  for (const [pool] of waiting) await markRefused(trx, pool, timestamp(clock))
  return true
}

/** The ways that this attempt may be counted, and what was counted so far. What the clock made too long is bounded, and stays so. */
async function look(trx: Trx, clock: Clock, attempt: Attempt) {
  const { secret, username, source } = attempt
  const known = await findKnown(trx, clock, attempt)
  const ways = waysOf({ secret, username, address: source.address }, known)
  const pools = new Map([...ways.known, ...(ways.strangers ?? [])].map((pool) => [pool.key, pool]))
  const stored = await readAttempts(trx, [...pools.keys()])
  const { throttle: policy } = await readPolicies(trx)
  const now = clock.now().getTime()
  const counts = new Map<string, Attempts>()
  for (const [key, pool] of pools) {
    const before = stored.get(key)
    if (!before) continue
    const after = bounded(before, pool, { policy, now })
    if (after !== before) await writeAttempts(trx, [{ pool: key, ...after }])
    counts.set(key, after)
  }
  return { ways, counts, policy, now }
}

async function clear(trx: Trx, pools: readonly Pool[]): Promise<void> {
  for (const { key, rule } of pools) if (rule === 'own') await clearAttempts(trx, key)
  const wide = pools.filter(({ rule }) => rule !== 'own').map(({ key }) => key)
  if (wide.length > 0) await takeBackAttempt(trx, wide)
}
