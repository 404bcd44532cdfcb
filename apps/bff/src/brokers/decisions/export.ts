/** The kept decisions as a file. */
import type { KeptDecision } from '@gatehouse/contract/brokers/decisions'
import type { Streamed } from '@gatehouse/contract/route'
import { type ExportContext, type ExportRequest, exportRecords } from '../../platform/audit/record-export.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Columns } from '../../platform/http/list-file.ts'
import { type DecisionFilters, decisionsInSlices } from './history-store.ts'

export function exportDecisions(context: ExportContext, request: ExportRequest<DecisionFilters>): Promise<Streamed> {
  const source = { name: 'decisions', action: 'decisions.exported', target: auditTarget.decisions } as const
  return exportRecords(context, request, { ...source, columns, slices: decisionsInSlices })
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
  admissionRule: ({ admissionRule }) => admissionRule,
  userId: ({ userId }) => userId,
  id: ({ id }) => id,
}
