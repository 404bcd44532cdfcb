import type { Trx } from '../../platform/db/open.ts'

/** Marks the state of a flow, or a logout token, as used. False: it was used before. */
export async function useOnce(trx: Trx, { hash, until }: { hash: string; until: string }): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('single_sign_on_used')
    .values({ hash, until })
    .onConflict((conflict) => conflict.column('hash').doNothing())
    .executeTakeFirst()
  return Number(numInsertedOrUpdatedRows) === 1
}

/** Deletes what no flow or token could use again, and rows that a wrong clock wrote. */
export async function deleteUsedOutside(trx: Trx, { before, after }: { before: string; after: string }): Promise<void> {
  await trx
    .deleteFrom('single_sign_on_used')
    .where((e) => e.or([e('until', '<=', before), e('until', '>', after)]))
    .execute()
}
