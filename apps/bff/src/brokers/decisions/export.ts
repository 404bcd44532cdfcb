/** The kept decisions as a file: all matching entries, read in slices while the file is sent. */
import type { KeptDecision } from '@gatehouse/contract/brokers/decisions'
import { type ExportFormat, exportTypes, type Streamed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { asCsv, asJsonLines, type Columns } from '../../platform/http/list-file.ts'
import type { Actor } from '../../platform/http/request.ts'
import { type DecisionFilters, decisionsInSlices } from './history-store.ts'

interface ExportContext {
  db: Db
  reader: Db
  clock: Clock
}

/** Records the export in the audit. */
export async function exportDecisions(
  { db, reader, clock }: ExportContext,
  { format, filters, actor }: { format: ExportFormat; filters: DecisionFilters; actor: Actor },
): Promise<Streamed> {
  const now = timestamp(clock)
  const { 'at[lt]': until = now, limit: _limit, cursor: _cursor, ...chosen } = filters
  // An ascending export would never end if it included the decisions that are recorded meanwhile.
  const slices = decisionsInSlices(reader, { ...filters, 'at[lt]': until < now ? until : now })
  await db.transaction().execute((trx) =>
    recordEvent(trx, clock, {
      action: 'decisions.exported',
      actor,
      target: auditTarget.decisions,
      after: { format, filters: { ...chosen, ...(filters['at[lt]'] !== undefined && { 'at[lt]': until }) } },
    }),
  )
  return {
    mediaType: exportTypes[format],
    fileName: `gatehouse-decisions-${now.slice(0, 10)}.${format}`,
    chunks: format === 'csv' ? asCsv(slices, columns) : asJsonLines(slices),
  }
}

const columns: Columns<KeptDecision> = {
  lastAt: ({ lastAt }) => lastAt,
  firstAt: ({ firstAt }) => firstAt,
  count: ({ count }) => count,
  outcome: ({ outcome }) => outcome,
  reason: ({ reason }) => reason,
  username: ({ username }) => username,
  clientId: ({ clientId }) => clientId,
  listener: ({ listener }) => listener,
  address: ({ address }) => address,
  method: ({ method }) => method,
  topic: ({ topic }) => topic,
  certificate: ({ certificate }) => certificate?.subject ?? null,
  fingerprint: ({ certificate }) => certificate?.fingerprint ?? null,
  userId: ({ userId }) => userId,
  id: ({ id }) => id,
}
