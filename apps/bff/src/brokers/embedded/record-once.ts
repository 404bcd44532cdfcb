import { createHash } from 'node:crypto'
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { Decisions } from '../decisions/recent.ts'
import { factsOf } from './close-connection.ts'
import type { About } from './connect.ts'
import type { SessionHolder } from './connection.ts'

/** Of one client between two connections. */
const maxRecorded = 20

/** Records a refusal once for each reason and topic. `topic`: what the decision shows, if it is not that of `about`. */
export function recordOnce(
  decisions: Decisions,
  holder: SessionHolder,
  { reason, ...about }: { reason: RefusalReason } & About,
  topic?: string,
): void {
  holder.recorded ??= new Set()
  if (holder.recorded.size >= maxRecorded) return
  // A digest: a topic may have 64 KiB.
  const key = createHash('sha256').update(`${reason} ${about.topic}`).digest('base64')
  if (holder.recorded.has(key)) return
  holder.recorded.add(key)
  decisions.record({ outcome: 'refused', reason, ...factsOf(holder), ...about, ...(topic !== undefined && { topic }) })
}
