import type { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf } from '../../platform/http/request.ts'
import { type BrokerRoutesContext, confirmed } from '../connections/routes.ts'

type Context = Pick<BrokerRoutesContext, 'db' | 'clock' | 'broker' | 'mayActOn'>

export function mqttSessionRoutes({ db, clock, broker, mayActOn }: Context): Bindings<typeof mqttSessions> {
  return {
    list: async ({ search }) => confirmed(await broker.sessions(search.search)),
    remove: async ({ search: { clientId }, caller, request }) => {
      const { found } = confirmed(await broker.session(clientId))
      if (!found) throw new Problem('not_found')
      await mayActOn(caller, found.userId)
      const { username, subscriptions, queued } = found
      // Recorded first: messages that are deleted cannot be brought back.
      await db.transaction().execute(async (trx) => {
        await requireStillHeld(trx, caller)
        await recordEvent(trx, clock, {
          action: 'mqtt-session.deleted',
          actor: actorOf(caller, request),
          target: auditTarget.mqttSession(clientId),
          before: { username, subscriptions, queued },
        })
      })
      if (!confirmed(await broker.dropSession(clientId, found.userId))) throw new Problem('not_found')
    },
  }
}
