/** The authenticators of users: rows of any kind, several for each user. */
import { maxSkewMs } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { AuthenticatorKind, HeldKind } from './kinds.ts'

/** The codes of so many steps ahead may have been used: the skew of clocks, and one step of drift both ways. */
const stepsAhead = maxSkewMs / 30_000 + 2

export interface Authenticator {
  id: string
  userId: string
  kind: AuthenticatorKind
  /** TOTP: the encrypted secret, bound to the user. Backup code: its keyed digest. */
  data: string
  /** TOTP: the last step that was used; null for kinds that count nothing. */
  counter: number | null
  createdAt: string
}

/** The kinds that the user has. */
export async function listHeldKinds(db: Db, userId: string): Promise<HeldKind[]> {
  return db
    .selectFrom('authenticators')
    .select(['kind', (e) => e.fn.min<string>('created_at').as('since')])
    .where('user_id', '=', userId)
    .groupBy('kind')
    .execute()
}

/** Those of the user that can still be used: a backup code works once. */
export async function listUsable(db: Db, userId: string): Promise<Authenticator[]> {
  const rows = await db
    .selectFrom('authenticators')
    .selectAll()
    .where('user_id', '=', userId)
    .where((e) => e.or([e('kind', '!=', 'backup-code'), e('last_used_at', 'is', null)]))
    .execute()
  return rows.map(({ id, kind, data, counter, created_at }) => {
    return { id, userId, kind, data, counter, createdAt: created_at }
  })
}

export async function insertAuthenticators(trx: Trx, authenticators: readonly Authenticator[]): Promise<void> {
  await trx
    .insertInto('authenticators')
    .values(
      authenticators.map(({ id, userId, kind, data, counter, createdAt }) => {
        return { id, user_id: userId, kind, data, counter, created_at: createdAt, last_used_at: null }
      }),
    )
    .execute()
}

/** Deletes all of one kind, or of all kinds. */
export async function deleteAuthenticators(trx: Trx, userId: string, kind?: AuthenticatorKind): Promise<void> {
  let query = trx.deleteFrom('authenticators').where('user_id', '=', userId)
  if (kind !== undefined) query = query.where('kind', '=', kind)
  await query.execute()
}

/**
 * Uses up a step of a TOTP secret by one conditional update: of two requests with the same code one gets true. A stored
 * step far in the future was stored while this machine's clock was wrong. It is ignored, because it would block all codes until then.
 */
export async function useStep(trx: Trx, { id, step, at }: { id: string; step: number; at: string }): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('authenticators')
    .set({ counter: step, last_used_at: at })
    .where('id', '=', id)
    .where((e) => e.or([e('counter', '<', step), e('counter', '>', step + stepsAhead)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Uses up an authenticator that works once, by one conditional update. */
export async function useOnce(trx: Trx, { id, at }: { id: string; at: string }): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('authenticators')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where('last_used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function countBackupCodes(db: Db, userId: string): Promise<number> {
  const { left } = await db
    .selectFrom('authenticators')
    .select((e) => e.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .where('kind', '=', 'backup-code')
    .where('last_used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}
