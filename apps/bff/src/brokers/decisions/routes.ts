import type { decisions } from '@gatehouse/contract/brokers/decisions'
import type { Clock } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf } from '../../platform/http/request.ts'
import { exportDecisions } from './export.ts'
import { listDecisions } from './history-store.ts'

export function decisionRoutes(context: { db: Db; reader: Db; clock: Clock }): Bindings<typeof decisions> {
  return {
    list: ({ search: { format = null, ...filters }, caller, request }) => {
      const wanted = format ?? request.exportAs
      if (wanted === null) return listDecisions(context.reader, filters)
      return exportDecisions(context, { format: wanted, filters, actor: actorOf(caller, request) })
    },
  }
}
