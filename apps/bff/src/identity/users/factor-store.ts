/** What the row of a user says of the second factor. The authenticators themselves are in `second-factors`. */
import type { Db, Trx } from '../../platform/db/open.ts'

/** Keeps the derived column for lists; call it in each transaction that changes whether the user has a second factor. */
export async function setEnrolledAt(trx: Trx, userId: string, at: string | null): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({ mfa_enrolled_at: at, version: e('version', '+', 1) }))
    .where('id', '=', userId)
    .execute()
}

export async function listEnrolled(db: Db): Promise<{ id: string; username: string }[]> {
  return db.selectFrom('users').select(['id', 'username']).where('mfa_enrolled_at', 'is not', null).execute()
}

/** Makes the next sign-in say that an administrator turned the second factor off. */
export async function markReset(trx: Trx, userId: string, at: string): Promise<void> {
  await trx.updateTable('users').set({ mfa_reset_at: at }).where('id', '=', userId).execute()
}
