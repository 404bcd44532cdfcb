import type { Trx } from '../../platform/db/open.ts'

/** Gives these users, a few hundred at most, a new version, so that a person who edits one sees that it changed. */
export async function countVersions(trx: Trx, userIds: readonly string[]): Promise<void> {
  await trx
    .updateTable('users')
    .set((e) => ({ version: e('version', '+', 1) }))
    .where('id', 'in', userIds)
    .execute()
}
