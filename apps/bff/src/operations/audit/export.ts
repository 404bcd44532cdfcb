/** Audit events as a file: all matching events, read in slices while the file is sent. */
import type { AuditEvent } from '@gatehouse/contract/operations/audit'
import { type ExportFormat, exportTypes, type Streamed } from '@gatehouse/contract/route'
import { type EventFilters, eventsInSlices, recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { asCsv, asJsonLines, type Columns } from '../../platform/http/list-file.ts'
import type { Actor } from '../../platform/http/request.ts'

interface ExportContext {
  db: Db
  reader: Db
  clock: Clock
}

/** Records the export itself. */
export async function exportEvents(
  { db, reader, clock }: ExportContext,
  { format, filters, actor }: { format: ExportFormat; filters: EventFilters; actor: Actor },
): Promise<Streamed> {
  const now = timestamp(clock)
  const { 'at[lt]': until = now } = filters
  // An ascending export would never end if it included the events that are written meanwhile.
  const slices = eventsInSlices(reader, { ...filters, 'at[lt]': until < now ? until : now })
  await db.transaction().execute((trx) =>
    recordEvent(trx, clock, {
      action: 'audit.exported',
      actor,
      target: auditTarget.audit,
      after: { format, filters: Object.fromEntries(Object.entries(filters).filter(([name]) => !isPaging(name))) },
    }),
  )
  return {
    mediaType: exportTypes[format],
    fileName: `gatehouse-audit-${now.slice(0, 10)}.${format}`,
    chunks: format === 'csv' ? asCsv(slices, columns) : asJsonLines(slices),
  }
}

function isPaging(name: string): boolean {
  return name === 'limit' || name === 'cursor' || name === 'format'
}

const columns: Columns<AuditEvent> = {
  at: ({ at }) => at,
  action: ({ action }) => action,
  actor: ({ actor }) => actor?.username ?? null,
  via: ({ via }) => via,
  address: ({ address }) => address,
  targetType: ({ target }) => target?.type ?? null,
  target: ({ target }) => target?.name ?? null,
  reason: ({ reason }) => reason,
  before: ({ before }) => before && JSON.stringify(before),
  after: ({ after }) => after && JSON.stringify(after),
  actorId: ({ actor }) => actor?.id ?? null,
  targetId: ({ target }) => target?.id ?? null,
  id: ({ id }) => id,
}
