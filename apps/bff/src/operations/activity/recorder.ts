/** Records the figures that the broker's thread reports every few seconds, in one transaction. Writes nothing without new figures. */

import { slotOf } from '../../platform/audit/activity-slots.ts'
import { type Activity, addActivity, raiseActivity } from '../../platform/audit/activity-store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'

/** Events since the last report. */
export interface BrokerActivity {
  decisions: readonly { outcome: 'admitted' | 'refused' | 'closed'; count: number }[]
  /** The most live connections at one time. */
  mostConnections: number
}

export type ActivityRecorder = (told: BrokerActivity) => Promise<void>

export function makeActivityRecorder({ db, clock }: { db: Db; clock: Clock }): ActivityRecorder {
  let known = { at: '', most: 0 }
  return async ({ decisions, mostConnections: most }) => {
    const at = slotOf(clock.now())
    const isMore = most > (known.at === at ? known.most : 0)
    const counts: Activity[] = (['admitted', 'refused'] as const)
      .map((outcome) => ({ kind: `broker.${outcome}` as const, at, value: countOf(decisions, outcome) }))
      .filter(({ value }) => value > 0)
    if (counts.length === 0 && !isMore) return
    await db.transaction().execute(async (trx) => {
      for (const count of counts) await addActivity(trx, count)
      if (isMore) await raiseActivity(trx, { kind: 'broker.connections', at, value: most })
    })
    if (isMore) known = { at, most }
  }
}

function countOf(decisions: BrokerActivity['decisions'], wanted: string): number {
  return decisions.reduce((sum, { outcome, count }) => (outcome === wanted ? sum + count : sum), 0)
}
