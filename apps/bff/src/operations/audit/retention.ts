/**
 * Deletes events that are older than the policy keeps, in slices. An event records how many.
 * The count is stored in the transaction of the deletion, so it is right even if the server stops in the middle.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { deleteEventsBefore, recordEvent, takePruned } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, later } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'

const dayMs = 24 * 60 * 60_000
/** Few enough that other requests do not wait noticeably. */
const sliceSize = 500
const pauseMs = 20

const gatehouse = { userId: null, username: null, via: 'system', address: null } as const

/** `keepDays` null: deletes nothing. */
export async function pruneEvents({ db, clock }: { db: Db; clock: Clock }, keepDays: number | null): Promise<void> {
  if (keepDays !== null) await deleteInSlices(db, later(clock.now(), -keepDays * dayMs))
  await db.transaction().execute(async (trx) => {
    const { deleted, keptSince } = await takePruned(trx)
    if (deleted === 0) return
    await recordEvent(trx, clock, {
      action: 'audit.pruned',
      actor: gatehouse,
      target: auditTarget.audit,
      after: { deleted, keptSince },
    })
  })
}

async function deleteInSlices(db: Db, before: string): Promise<void> {
  for (;;) {
    const deleted = await db.transaction().execute((trx) => deleteEventsBefore(trx, before, sliceSize))
    if (deleted < sliceSize) return
    await pause(pauseMs)
  }
}
