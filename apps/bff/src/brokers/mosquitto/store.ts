/** Up to which change of the log each Mosquitto was brought. Remembered, so that the lag is known while one of them is away. */
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { findBroker } from '../inventory/store.ts'

/** Null: never. */
export async function readApplied(db: Db, brokerId: string): Promise<number | null> {
  const row = await db
    .selectFrom('broker_progress')
    .select('applied')
    .where('broker_id', '=', brokerId)
    .executeTakeFirst()
  return row?.applied ?? null
}

/** Nothing is stored if the broker was disconnected meanwhile. */
export async function saveApplied(
  db: Db,
  clock: Clock,
  { brokerId, applied }: { brokerId: string; applied: number },
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    if (!(await findBroker(trx, brokerId))) return
    await trx
      .insertInto('broker_progress')
      .values({ broker_id: brokerId, applied, at: timestamp(clock) })
      .onConflict((conflict) => conflict.column('broker_id').doUpdateSet({ applied, at: timestamp(clock) }))
      .execute()
  })
}
