import { maxSkewMs } from '../../platform/base/clock.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

/** The codes of so many steps ahead may have been used: the skew of clocks, and one step of drift both ways. */
const stepsAhead = maxSkewMs / 30_000 + 2

export interface SecondFactor {
  /** Encrypted, bound to the user. */
  secretBox: string
  lastUsedStep: number
}

export interface Enrolment {
  secretBox: string
  startedAt: string
}

export async function findFactor(db: Db, userId: string): Promise<SecondFactor | null> {
  const row = await db.selectFrom('second_factors').selectAll().where('user_id', '=', userId).executeTakeFirst()
  return row ? { secretBox: row.secret_box, lastUsedStep: row.last_used_step } : null
}

export async function findEnrolment(db: Db, sessionId: string): Promise<Enrolment | null> {
  const row = await db.selectFrom('enrolments').selectAll().where('session_id', '=', sessionId).executeTakeFirst()
  return row ? { secretBox: row.secret_box, startedAt: row.started_at } : null
}

/** One enrolment for each session; it ends with the session. */
export async function writeEnrolment(
  trx: Trx,
  { userId, sessionId, secretBox, startedAt }: Enrolment & { userId: string; sessionId: string },
): Promise<void> {
  const columns = { secret_box: secretBox, started_at: startedAt }
  await trx
    .insertInto('enrolments')
    .values({ session_id: sessionId, user_id: userId, ...columns })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(columns))
    .execute()
}

/** Takes the enrolment away; false when another request has completed or replaced it meanwhile. */
export async function takeEnrolment(trx: Trx, sessionId: string, secretBox: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('enrolments')
    .where('session_id', '=', sessionId)
    .where('secret_box', '=', secretBox)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export async function insertFactor(
  trx: Trx,
  { userId, secretBox, lastUsedStep, at }: SecondFactor & { userId: string; at: string },
): Promise<void> {
  await trx
    .insertInto('second_factors')
    .values({ user_id: userId, secret_box: secretBox, last_used_step: lastUsedStep })
    .execute()
  await setEnrolledAt(trx, userId, at)
}

/** Its proofs go with it: a session in which it was proved has proved nothing of the next one. */
export async function deleteFactor(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('second_factors').where('user_id', '=', userId).execute()
  await trx.updateTable('sessions').set({ factor_proved_at: null }).where('user_id', '=', userId).execute()
  await deleteEnrolmentsOf(trx, userId)
  await trx.deleteFrom('backup_codes').where('user_id', '=', userId).execute()
  await setEnrolledAt(trx, userId, null)
}

/**
 * Uses a step up, by one conditional update: of two requests with the same code one gets true. The secret is named, because
 * a code that was right for another one meanwhile is wrong. A used step that lies further ahead than clocks may differ is from a
 * clock that was wrong, and uses up nothing: the codes of a whole day would be refused.
 */
export async function useStep(
  trx: Trx,
  { userId, secretBox, step }: { userId: string; secretBox: string; step: number },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('second_factors')
    .set({ last_used_step: step })
    .where('user_id', '=', userId)
    .where('secret_box', '=', secretBox)
    .where((e) => e.or([e('last_used_step', '<', step), e('last_used_step', '>', step + stepsAhead)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Uses a backup code up, likewise. Looked up under the user: a code of somebody else is no code. */
export async function useBackupCode(
  trx: Trx,
  { userId, digest, at }: { userId: string; digest: string; at: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('backup_codes')
    .set({ used_at: at })
    .where('user_id', '=', userId)
    .where('digest', '=', digest)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export async function replaceBackupCodes(trx: Trx, userId: string, digests: readonly string[]): Promise<void> {
  await trx.deleteFrom('backup_codes').where('user_id', '=', userId).execute()
  const rows = digests.map((digest) => ({ user_id: userId, digest, used_at: null }))
  await trx.insertInto('backup_codes').values(rows).execute()
}

export async function countBackupCodes(db: Db, userId: string): Promise<number> {
  const { left } = await db
    .selectFrom('backup_codes')
    .select((e) => e.fn.countAll<number>().as('left'))
    .where('user_id', '=', userId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return left
}

/** In all sessions of the user. */
export async function deleteEnrolmentsOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('enrolments').where('user_id', '=', userId).execute()
}

export async function deleteEnrolmentsBefore(trx: Trx, before: string): Promise<void> {
  await trx.deleteFrom('enrolments').where('started_at', '<', before).execute()
}

export async function deleteEnrolments(trx: Trx): Promise<void> {
  await trx.deleteFrom('enrolments').execute()
}

export async function listEnrolled(db: Db): Promise<{ id: string; username: string }[]> {
  return db.selectFrom('users').select(['id', 'username']).where('mfa_enrolled_at', 'is not', null).execute()
}

/** The next sign-in tells the user. */
export async function markReset(trx: Trx, userId: string, at: string): Promise<void> {
  await trx.updateTable('users').set({ mfa_reset_at: at }).where('id', '=', userId).execute()
}

const wrappedKey = 'wrapped data key'

export async function findWrappedKey(db: Db): Promise<string | null> {
  const row = await db.selectFrom('installation').select('value').where('key', '=', wrappedKey).executeTakeFirst()
  return row?.value ?? null
}

export async function writeWrappedKey(trx: Trx, value: string): Promise<void> {
  await trx
    .insertInto('installation')
    .values({ key: wrappedKey, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

export async function deleteWrappedKey(trx: Trx): Promise<void> {
  await trx.deleteFrom('installation').where('key', '=', wrappedKey).execute()
}

async function setEnrolledAt(trx: Trx, userId: string, at: string | null): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({ mfa_enrolled_at: at, version: e('version', '+', 1) }))
    .where('id', '=', userId)
    .execute()
}
