/** Facts about this installation, as text under a key, such as the wrapped data key. Each key belongs to one feature. */
import type { Db, Trx } from './open.ts'

export async function readInstallationFact(db: Db, key: string): Promise<string | null> {
  const row = await db.selectFrom('installation').select('value').where('key', '=', key).executeTakeFirst()
  return row?.value ?? null
}

export async function writeInstallationFact(trx: Trx, key: string, value: string): Promise<void> {
  await trx
    .insertInto('installation')
    .values({ key, value })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
    .execute()
}

export async function deleteInstallationFact(trx: Trx, key: string): Promise<void> {
  await trx.deleteFrom('installation').where('key', '=', key).execute()
}
