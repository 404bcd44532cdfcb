import type { Db, Trx } from '../../platform/db/open.ts'

export interface Attempts {
  failures: number
  windowStartedAt: string
  blockedUntil: string | null
  /** When the first attempt was refused during this wait. */
  refusedAt: string | null
}

export async function readAttempts(db: Db, pools: readonly string[]): Promise<Map<string, Attempts>> {
  const rows = await db.selectFrom('attempts').selectAll().where('pool', 'in', pools).execute()
  return new Map(
    rows.map((row) => [
      row.pool,
      {
        failures: row.failures,
        windowStartedAt: row.window_started_at,
        blockedUntil: row.blocked_until,
        refusedAt: row.refused_at,
      },
    ]),
  )
}

export async function writeAttempts(trx: Trx, attempts: readonly (Attempts & { pool: string })[]): Promise<void> {
  await trx
    .insertInto('attempts')
    .values(
      attempts.map(({ pool, failures, windowStartedAt, blockedUntil, refusedAt }) => ({
        pool,
        failures,
        window_started_at: windowStartedAt,
        blocked_until: blockedUntil,
        refused_at: refusedAt,
      })),
    )
    .onConflict((conflict) =>
      conflict.column('pool').doUpdateSet((e) => ({
        failures: e.ref('excluded.failures'),
        window_started_at: e.ref('excluded.window_started_at'),
        blocked_until: e.ref('excluded.blocked_until'),
        refused_at: e.ref('excluded.refused_at'),
      })),
    )
    .execute()
}

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
  await trx.deleteFrom('attempts').where('pool', '=', pool).execute()
}

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
