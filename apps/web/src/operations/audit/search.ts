import { Id, Time } from '@gatehouse/contract/base'
import { AuditAction, audit, auditTargets } from '@gatehouse/contract/operations/audit'
import * as z from 'zod/mini'
import { listParameters, parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: the list, its filters, and which event is open. */
export const AuditSearch = z.object({
  ...listParameters(audit.list.search.shape.sort),
  actor: parameter(z.string().check(z.maxLength(256))),
  action: parameter(AuditAction),
  targetType: parameter(z.enum(auditTargets)),
  /** The id of one target. */
  target: parameter(z.string().check(z.maxLength(256))),
  from: parameter(Time),
  until: parameter(Time),
  view: parameter(Id),
})
export type AuditSearch = z.output<typeof AuditSearch>
