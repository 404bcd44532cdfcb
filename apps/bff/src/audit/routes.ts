import type { audit } from '@gatehouse/contract/audit'
import type { Clock } from '../base/clock.ts'
import type { Db } from '../db/open.ts'
import type { Bindings } from '../http/handle.ts'
import { actorOf } from '../http/request.ts'
import { exportEvents } from './export.ts'
import { listEvents } from './store.ts'

export function auditRoutes(context: { db: Db; reader: Db; clock: Clock }): Bindings<typeof audit> {
  return {
    list: ({ search: { format = null, ...filters }, caller, request }) => {
      const wanted = format ?? request.exportAs
      if (wanted === null) return listEvents(context.reader, filters)
      return exportEvents(context, { format: wanted, filters, actor: actorOf(caller, request) })
    },
  }
}
