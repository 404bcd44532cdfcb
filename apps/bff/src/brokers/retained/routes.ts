import type { retained } from '@gatehouse/contract/brokers/retained'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf } from '../../platform/http/request.ts'
import { confirmed } from '../connections/routes.ts'
import type { Broker } from '../embedded/start-broker.ts'
import { requireClearAll, requireDelivery, topicPermissionsOf } from '../topics/rights.ts'

interface Context {
  db: Db
  reader: Db
  clock: Clock
  broker: Broker
}

export function retainedRoutes({ db, reader, clock, broker }: Context): Bindings<typeof retained> {
  return {
    view: async ({ search: { topic }, caller }) => {
      requireDelivery(await topicPermissionsOf(reader, caller), topic)
      const { found } = confirmed(await broker.retainedOn(topic))
      if (!found) throw new Problem('not_found')
      return found
    },
    list: async ({ search }) => confirmed(await broker.retained(search.filter)),
    clear: async ({ search: { filter }, caller, request }) => {
      requireClearAll(await topicPermissionsOf(reader, caller), filter)
      // Recorded first: messages that are deleted cannot be brought back.
      await db.transaction().execute(async (trx) => {
        await requireStillHeld(trx, caller)
        await recordEvent(trx, clock, {
          action: 'retained.cleared',
          actor: actorOf(caller, request),
          target: auditTarget.retained(filter),
        })
      })
      return confirmed(await broker.clearRetained(filter))
    },
  }
}
