/** Audit events as a file. The export is an event too. */
import type { AuditEvent } from '@gatehouse/contract/operations/audit'
import type { Streamed } from '@gatehouse/contract/route'
import { type ExportContext, type ExportRequest, exportRecords } from '../../platform/audit/record-export.ts'
import { type EventFilters, eventsInSlices } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Columns } from '../../platform/http/list-file.ts'

type Filters = Omit<EventFilters, 'format'>

export function exportEvents(context: ExportContext, request: ExportRequest<Filters>): Promise<Streamed> {
  const source = { name: 'audit', action: 'audit.exported', target: auditTarget.audit } as const
  return exportRecords(context, request, { ...source, columns, slices: eventsInSlices })
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
