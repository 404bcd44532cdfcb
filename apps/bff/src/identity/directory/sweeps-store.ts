/** When each directory was swept, and what came of it. */
import { LastSweep } from '@gatehouse/contract/identity/providers'
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

/** For an administrator. Null: the directory was never swept. */
export async function describeSweep(db: Db, providerId: string): Promise<LastSweep | null> {
  const sweep = await findSweep(db, providerId)
  if (!sweep || (sweep.finished_at === null && sweep.problem === null)) return null
  const { finished_at: finishedAt, people, changed, disabled, problem } = sweep
  return { finishedAt, people, changed, disabled, problem: LastSweep.shape.problem.parse(problem) }
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
