/** When each directory was swept, and what came of it. */
import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { DirectorySweepsTable } from '../../platform/db/schema-identities.ts'

export type SweepRow = Selectable<DirectorySweepsTable>

export async function findSweep(db: Db, providerId: string): Promise<SweepRow | null> {
  const row = await db
    .selectFrom('directory_sweeps')
    .selectAll()
    .where('provider_id', '=', providerId)
    .executeTakeFirst()
  return row ?? null
}

/** The sweep is this server's until then. Writers take turns, so no other server takes it too. */
export async function writeSweep(
  trx: Trx,
  providerId: string,
  values: Partial<Omit<SweepRow, 'provider_id'>> & Pick<SweepRow, 'next_at'>,
): Promise<void> {
  await trx
    .insertInto('directory_sweeps')
    .values({ provider_id: providerId, ...values })
    .onConflict((conflict) => conflict.column('provider_id').doUpdateSet(values))
    .execute()
}
