import type { Trx } from '../../platform/db/open.ts'

/** One more, so that a person who edits the user sees that it changed. */
export async function countVersion(trx: Trx, userId: string): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({ version: e('version', '+', 1) }))
    .where('id', '=', userId)
    .execute()
}
