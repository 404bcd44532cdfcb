import type { Settings } from '@gatehouse/contract/operations/settings'
import { sql } from 'kysely'
import { type AllColumns, compileOnce, type Take } from '../../platform/db/compile-once.ts'
import { jsonRows } from '../../platform/db/dialect.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { type PoliciesColumns, policiesColumns, policiesOf } from '../../platform/policies/columns-store.ts'
import { devicesInCookie, isAmong, type NamedSource, type SourceKind } from './known-sources-store.ts'

export interface Attempts {
  failures: number
  windowStartedAt: string
  blockedUntil: string | null
  /** When the first attempt was refused during this wait. */
  refusedAt: string | null
}

interface AttemptFacts {
  /** The known sources among those that were wanted. */
  known: NamedSource[]
  /** By pool. */
  counts: Map<string, Attempts>
  policies: Settings
}

/** All that an attempt is judged by, in one statement: it runs before each password and code. */
export async function readAttemptFacts(db: Db, asked: AttemptQuestion): Promise<AttemptFacts> {
  const [row] = await selectFacts(db, asked)
  if (!row) throw new Error('A select without a table returns one row')
  const sourceRows = JSON.parse(row.source_rows) as [SourceKind, string][]
  const attemptRows = JSON.parse(row.attempt_rows) as [string, number, string, string | null, string | null][]
  return {
    known: sourceRows.map(([kind, source]) => ({ kind, source })),
    counts: new Map(
      attemptRows.map(([pool, failures, windowStartedAt, blockedUntil, refusedAt]) => [
        pool,
        { failures, windowStartedAt, blockedUntil, refusedAt },
      ]),
    ),
    policies: policiesOf(row),
  }
}

interface AttemptQuestion {
  userId: string | null
  sources: readonly NamedSource[]
  since: string
  pools: readonly string[]
}

/** The address and the devices of a cookie, and their pools. Fewer are filled up with the first one, so that one statement does. */
const mostSources = 1 + devicesInCookie
const mostPools = 3 + devicesInCookie

const selectFacts = compileOnce((db, take: Take<AttemptQuestion>) => {
  const sources = Array.from({ length: mostSources }, (_, at) => ({
    kind: take(({ sources: [first, ...others] }) => (others[at - 1] ?? first)?.kind ?? 'console'),
    source: take(({ sources: [first, ...others] }) => (others[at - 1] ?? first)?.source ?? ''),
  }))
  const pools = Array.from({ length: mostPools }, (_, at) => take(({ pools: all }) => all[at] ?? all[0]))
  const userId = take((asked) => asked.userId)
  const since = take((asked) => asked.since)
  return sql<PoliciesColumns & { source_rows: string; attempt_rows: string }>`
    select ${policiesColumns},
      (select ${jsonRows(db, ['kind', 'source'], 'kind', 'source')} from known_sources
        where user_id = ${userId} and (${isAmong(sources)}) and last_right_at > ${since}) as source_rows,
      (select ${jsonRows(db, attemptColumns, 'pool')} from attempts where pool in (${sql.join(pools)})) as attempt_rows`
})

const attemptColumns = ['pool', 'failures', 'window_started_at', 'blocked_until', 'refused_at']

export async function writeAttempts(trx: Trx, attempts: readonly (Attempts & { pool: string })[]): Promise<void> {
  for (const each of attempts) await writeAttempt(trx, each)
}

const writeAttempt = compileOnce((db, take: Take<Attempts & { pool: string }>) =>
  db
    .insertInto('attempts')
    .values({
      pool: take(({ pool }) => pool),
      failures: take(({ failures }) => failures),
      window_started_at: take(({ windowStartedAt }) => windowStartedAt),
      blocked_until: take(({ blockedUntil }) => blockedUntil),
      refused_at: take(({ refusedAt }) => refusedAt),
    } satisfies AllColumns<'attempts'>)
    .onConflict((conflict) =>
      conflict.column('pool').doUpdateSet((e) => ({
        failures: e.ref('excluded.failures'),
        window_started_at: e.ref('excluded.window_started_at'),
        blocked_until: e.ref('excluded.blocked_until'),
        refused_at: e.ref('excluded.refused_at'),
      })),
    ),
)

export async function markRefused(trx: Trx, pool: string, at: string): Promise<void> {
  await trx.updateTable('attempts').set({ refused_at: at }).where('pool', '=', pool).execute()
}

/**
 * Takes one failure back in each pool, because an attempt is counted before it is checked and this one was right. The wait that this
 * attempt may have started ends too. No older wait can be running: a pool counts no attempts during a wait.
 */
export async function takeBackAttempt(trx: Trx, pools: readonly string[]): Promise<void> {
  await trx
    .updateTable('attempts')
    .set((e) => ({ failures: e('failures', '-', 1), blocked_until: null }))
    .where('pool', 'in', pools)
    .where('failures', '>', 0)
    .execute()
}

export async function clearAttempts(trx: Trx, pool: string): Promise<void> {
  await deletePool(trx, pool)
}

const deletePool = compileOnce((db, take: Take<string>) =>
  db.deleteFrom('attempts').where(
    'pool',
    '=',
    take((pool) => pool),
  ),
)

/** Deletes these pools and all whose key begins with one of them and `|`. Returns how many it deleted. */
export async function clearPools(trx: Trx, prefixes: readonly string[]): Promise<number> {
  let cleared = 0
  for (const prefix of prefixes) {
    const { numDeletedRows } = await trx
      .deleteFrom('attempts')
      .where((e) =>
        e.or([
          e('pool', '=', prefix),
          e(e.fn('substr', ['pool', e.lit(1), e.lit(prefix.length + 1)]), '=', `${prefix}|`),
        ]),
      )
      .executeTakeFirst()
    cleared += Number(numDeletedRows)
  }
  return cleared
}

/** Keys of the closed pools with this prefix, such as `password|address|`. The longest closed comes first. */
export async function listClosedPools(db: Db, prefix: string, now: string): Promise<string[]> {
  const rows = await db
    .selectFrom('attempts')
    .select('pool')
    .where((e) => e(e.fn('substr', ['pool', e.lit(1), e.lit(prefix.length)]), '=', prefix))
    .where('blocked_until', '>', now)
    .orderBy('blocked_until', 'desc')
    .limit(20)
    .execute()
  return rows.map(({ pool }) => pool)
}

/** Deletes counts that have expired, and those from a wrong clock. */
export async function deleteAttemptsOutside(
  trx: Trx,
  { before, after }: { before: string; after: string },
): Promise<void> {
  await trx
    .deleteFrom('attempts')
    .where((e) => e.or([e('window_started_at', '<', before), e('window_started_at', '>', after)]))
    .execute()
}
