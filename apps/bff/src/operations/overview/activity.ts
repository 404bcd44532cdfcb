/** Counts over time, in about as many steps as a chart can show. */

import { mayCall } from '@gatehouse/contract/access/permission'
import { broker } from '@gatehouse/contract/brokers/broker'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Activity, ActivityRange } from '@gatehouse/contract/operations/overview'
import { slotMs, slotOf } from '../../platform/audit/activity-slots.ts'
import { type ActivityKind, type ActivitySum, readActivity } from '../../platform/audit/activity-store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'

const hourMs = 60 * 60_000

const ranges = {
  day: { stepMs: slotMs, steps: 144, by: 'slot' },
  week: { stepMs: hourMs, steps: 168, by: 'hour' },
  month: { stepMs: 6 * hourMs, steps: 120, by: 'hour' },
} as const

export async function viewActivity(
  { reader, clock }: { reader: Db; clock: Clock },
  { range, caller: { permissions } }: { range: ActivityRange; caller: Caller },
): Promise<Activity> {
  const { stepMs, steps, by } = ranges[range]
  const last = Date.parse(slotOf(clock.now(), stepMs))
  const from = new Date(last - (steps - 1) * stepMs)
  const shown = {
    connections: mayCall(permissions, broker.view),
    broker: mayCall(permissions, broker.decisions),
    console: mayCall(permissions, audit.list),
  }
  const kinds: ActivityKind[] = [
    ...(shown.connections ? (['broker.connections'] as const) : []),
    ...(shown.broker ? (['broker.admitted', 'broker.refused'] as const) : []),
    ...(shown.console ? (['console.admitted', 'console.refused'] as const) : []),
  ]
  const sums = await readActivity(reader, { kinds, from: from.toISOString(), by })
  const over = (kind: ActivityKind) => {
    const counts = Array.from({ length: steps }, () => 0)
    for (const sum of sums.filter((each) => each.kind === kind)) {
      const step = Math.floor((Date.parse(sum.at) - from.getTime()) / stepMs)
      // Ignores slots in the future, from before the clock was set back.
      if (step < steps) counts[step] = joined(counts[step] ?? 0, sum)
    }
    return counts
  }
  return {
    from: from.toISOString(),
    stepSeconds: stepMs / 1_000,
    connections: shown.connections ? over('broker.connections') : null,
    broker: shown.broker ? { admitted: over('broker.admitted'), refused: over('broker.refused') } : null,
    console: shown.console ? { admitted: over('console.admitted'), refused: over('console.refused') } : null,
  }
}

/** Sign-ins add up. Of connections, the most at one time counts. */
function joined(before: number, { kind, sum, most }: ActivitySum): number {
  return kind === 'broker.connections' ? Math.max(before, most) : before + sum
}
