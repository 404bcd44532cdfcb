/** Deletes decisions that are older than the policy keeps, in slices, so that other requests do not wait noticeably. */
import { setTimeout as pause } from 'node:timers/promises'
import { type Clock, later } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { deleteLeftOutBefore, deleteOldest } from './history-store.ts'

const dayMs = 24 * 60 * 60_000
const sliceSize = 500
const pauseMs = 20

export async function pruneDecisions({ db, clock }: { db: Db; clock: Clock }, keepDays: number): Promise<void> {
  const before = later(clock.now(), -keepDays * dayMs)
  for (const outcome of ['admitted', 'refused', 'closed'] as const) {
    for (;;) {
      const remove = { before, most: sliceSize }
      const { deleted } = await db.transaction().execute((trx) => deleteOldest(trx, outcome, remove))
      if (deleted < sliceSize) break
      await pause(pauseMs)
    }
  }
  await db.transaction().execute((trx) => deleteLeftOutBefore(trx, before))
}
