import type { Db, Trx } from '../db/open.ts'

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
 * Takes one failure back in each pool: an attempt is counted before it is checked, and this one was right. With it goes the wait, if it was
 * the last one that began it: a pool in which one waits counts no attempts.
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

/** Forgets all pools of a user: whoever sits at the machine itself says that it is all right. */
export async function clearAttemptsOfUser(trx: Trx, prefixes: readonly string[]): Promise<void> {
  for (const prefix of prefixes) {
    await trx
      .deleteFrom('attempts')
      .where((e) =>
        e.or([
          e('pool', '=', prefix),
          e(e.fn('substr', ['pool', e.lit(1), e.lit(prefix.length + 1)]), '=', `${prefix}|`),
        ]),
      )
      .execute()
  }
}

export async function deleteAttemptsBefore(trx: Trx, before: string): Promise<void> {
  await trx.deleteFrom('attempts').where('window_started_at', '<', before).execute()
}
