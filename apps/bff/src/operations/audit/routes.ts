import type { audit } from '@gatehouse/contract/operations/audit'
import { findEvent, listEvents } from '../../platform/audit/store.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf } from '../../platform/http/request.ts'
import { exportEvents } from './export.ts'

export function auditRoutes(context: { db: Db; reader: Db; clock: Clock }): Bindings<typeof audit> {
  return {
    list: ({ search: { format = null, ...filters }, caller, request }) => {
      const wanted = format ?? request.exportAs
      if (wanted === null) return listEvents(context.reader, filters)
      return exportEvents(context, { format: wanted, filters, actor: actorOf(caller, request) })
    },
    view: async ({ params }) => {
      const event = await findEvent(context.reader, params.id)
      if (!event) throw new Problem('not_found')
      return event
    },
  }
}
