/**
 * Counts attempts to guess a secret. An attempt from an unknown source counts in three pools: this user from this address (growing
 * waits), this user from all addresses, and this address for all users. An attempt from a device or address that was right before
 * counts only in the pools of that source, so strangers cannot lock the owner out. Each attempt is counted before the secret is
 * checked, in its own transaction. So neither a parallel request nor a rolled-back one escapes the count.
 */
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { withRelaxedDurability } from '../../platform/db/relaxed-durability.ts'
import { knownSince, type Source, sourcesOf } from './known-sources.ts'
import { type Pool, poolsOfSource, possiblePools, type Secret, type SourcePools } from './pools.ts'
import { type Attempts, clearAttempts, markRefused, readAttemptFacts, takeBackAttempt, writeAttempts } from './store.ts'
import { bounded, remainingMs, withFailure } from './waits.ts'

export interface Attempt {
  secret: Secret
  username: string
  /** Null for a username that does not exist. */
  userId: string | null
  source: Source
  /** A code comes with the password. The two together are tried even if strangers have closed the user's pool. */
  hasCode?: boolean
}

export interface Counting {
  db: Db
  clock: Clock
  /** The caller commits something before the response in any case. That commit also takes the count to the disk. */
  commitFollows?: boolean
}

export type Verdict =
  | {
      outcome: 'counted'
      /** Strangers have closed the user's pool: the password is only accepted together with the code. */
      needsCode: boolean
      /** Call it when the secret was right. It clears the pool of the source and takes this one attempt back from the wider pools. */
      clear(trx: Trx): Promise<void>
      /** Call it when the secret could not be checked. It takes this one attempt back from all pools. */
      takeBack(trx: Trx): Promise<void>
    }
  | {
      outcome: 'waiting'
      waitSeconds: number
      /** An attempt with a code would be counted now. This does not reveal whether the user has a second factor. */
      takesCode: boolean
    }

/** Counts an attempt as failed, unless it has to wait. `clear` takes that back. */
export async function countAttempt({ db, clock, commitFollows = false }: Counting, attempt: Attempt): Promise<Verdict> {
  return commitFollows
    ? withRelaxedDurability(db, (trx) => countWithin(trx, clock, attempt))
    : db.transaction().execute((trx) => countWithin(trx, clock, attempt))
}

async function countWithin(trx: Trx, clock: Clock, attempt: Attempt): Promise<Verdict> {
  const { bySource, counts, policy, now } = await readCounts(trx, clock, attempt)
  const waitOf = ({ key }: Pool) => remainingMs(counts.get(key), now)
  const chosen = choosePools(bySource, (pool) => waitOf(pool) === 0, attempt.hasCode ?? false)
  if (!chosen) {
    // Blocked attempts are not counted. Otherwise an attacker could keep the owner locked out.
    const waits = [
      ...bySource.known.map(waitOf),
      ...(bySource.unknown ? [Math.max(...bySource.unknown.map(waitOf))] : []),
    ]
    const takesCode = attempt.secret === 'password' && isClosedByUserOnly(bySource, (pool) => waitOf(pool) === 0)
    return { outcome: 'waiting', waitSeconds: Math.ceil(Math.min(...waits) / 1_000), takesCode }
  }
  const { pools, needsCode } = chosen
  await writeAttempts(
    trx,
    pools.map((pool) => ({ pool: pool.key, ...withFailure(counts.get(pool.key), pool, { policy, now }) })),
  )
  const keys = pools.map(({ key }) => key)
  return {
    outcome: 'counted',
    needsCode,
    clear: (after) => clear(after, pools),
    takeBack: (after) => takeBackAttempt(after, keys),
  }
}

/** The pools in which the attempt counts; null if it has to wait. */
function choosePools(
  bySource: SourcePools,
  isOpen: (pool: Pool) => boolean,
  hasCode: boolean,
): { pools: readonly Pool[]; needsCode: boolean } | null {
  const known = bySource.known.filter(isOpen)
  if (known.length > 0) return { pools: known, needsCode: false }
  if (bySource.unknown?.every(isOpen)) return { pools: bySource.unknown, needsCode: false }
  if (!hasCode || !isClosedByUserOnly(bySource, isOpen)) return null
  return { pools: bySource.unknown?.filter(({ rule }) => rule !== 'user') ?? [], needsCode: true }
}

function isClosedByUserOnly({ unknown }: SourcePools, isOpen: (pool: Pool) => boolean): boolean {
  return unknown?.every((pool) => isOpen(pool) === (pool.rule !== 'user')) ?? false
}

/**
 * Is this the first attempt that is refused during the wait? Only that one is recorded. An event for each would let an attacker
 * fill the disk.
 */
export async function isFirstRefusal(trx: Trx, clock: Clock, attempt: Attempt): Promise<boolean> {
  const { counts, now } = await readCounts(trx, clock, attempt)
  const waiting = [...counts].filter(([, count]) => remainingMs(count, now) > 0)
  if (waiting.length === 0 || waiting.some(([, { refusedAt }]) => refusedAt !== null)) return false
  for (const [pool] of waiting) await markRefused(trx, pool, timestamp(clock))
  return true
}

/** Reads the pools of this attempt and their counts. Waits that a wrong clock made too long are shortened in the database too. */
async function readCounts(trx: Trx, clock: Clock, { secret, username, userId, source }: Attempt) {
  const named = { secret, username, address: source.address }
  const sources = sourcesOf({ secret, source })
  const devices = sources.filter(({ kind }) => kind === 'device').map((device) => device.source)
  const asked = { userId, sources, since: knownSince(clock), pools: possiblePools(named, devices) }
  const { known, counts: stored, policies } = await readAttemptFacts(trx, asked)
  const bySource = poolsOfSource(named, {
    device: known.find(({ kind }) => kind === 'device')?.source ?? null,
    isAddressKnown: known.some(({ kind }) => kind !== 'device'),
  })
  const pools = new Map([...bySource.known, ...(bySource.unknown ?? [])].map((pool) => [pool.key, pool]))
  const { throttle: policy } = policies
  const now = clock.now().getTime()
  const counts = new Map<string, Attempts>()
  for (const [key, pool] of pools) {
    const before = stored.get(key)
    if (!before) continue
    const after = bounded(before, pool, { policy, now })
    if (after !== before) await writeAttempts(trx, [{ pool: key, ...after }])
    counts.set(key, after)
  }
  return { bySource, counts, policy, now }
}

async function clear(trx: Trx, pools: readonly Pool[]): Promise<void> {
  for (const { key, rule } of pools) if (rule === 'own') await clearAttempts(trx, key)
  const wide = pools.filter(({ rule }) => rule !== 'own').map(({ key }) => key)
  if (wide.length > 0) await takeBackAttempt(trx, wide)
}
