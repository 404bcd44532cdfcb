import { type AuditEvent, audit } from '@gatehouse/contract/operations/audit'
import { queryOptions } from '@tanstack/react-query'
import { call, isRefusal } from '../../api/client.ts'

/** Null: there is no such event, for example because the retention deleted it. An event never changes. */
export function eventQuery(id: string) {
  return queryOptions<AuditEvent | null>({
    queryKey: [audit.view.id, { params: { id } }],
    queryFn: ({ signal }) => call(audit.view, { params: { id }, signal }).catch(nullWhenNotFound),
    staleTime: Number.POSITIVE_INFINITY,
  })
}

function nullWhenNotFound(error: unknown): null {
  if (isRefusal(error, 'not_found')) return null
  throw error
}
