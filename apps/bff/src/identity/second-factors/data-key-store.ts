import type { Db, Trx } from '../../platform/db/open.ts'

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
