import type { broker as brokerFeature } from '@gatehouse/contract/brokers/broker'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf, type Caller, type RequestInfo } from '../../platform/http/request.ts'
import type { Broker } from '../embedded/start-broker.ts'

export interface BrokerRoutesContext {
  db: Db
  clock: Clock
  broker: Broker
  publicHost: string | null
  limits: BrokerLimits
  /** Throws `above_caller` unless the caller covers that user's effective permissions. */
  mayActOn(caller: Caller, userId: string): Promise<void>
}

export function brokerRoutes(context: BrokerRoutesContext): Bindings<typeof brokerFeature> {
  const { broker, publicHost, limits } = context
  return {
    view: async () => {
      const status = broker.isRunning() ? await broker.status() : null
      return {
        running: status !== null,
        listeners: [...broker.listeners],
        failedListeners: [...broker.failedListeners],
        publicHost,
        trustedSince: status?.trustedSince ?? null,
        authorities: status?.authorities ?? null,
        connections: status && status.connections + status.edgeConnections,
        limits,
      }
    },
    connections: async ({ search }) => {
      const { search: text, 'expires[eq]': expires, 'listener[eq]': listener, 'protocol[eq]': protocol } = search
      return confirmed(await broker.connections({ search: text, expires, listener, protocol }))
    },
    disconnect: ({ params, ...by }) => disconnect(context, { connectionId: params.connectionId, ...by }),
    decisions: async ({ search }) => {
      const after = search.after === undefined ? undefined : Number(search.after)
      const wanted = { after, outcome: search['outcome[eq]'], search: search.search, since: search['at[gte]'] }
      return { items: confirmed(await broker.decisions({ ...wanted, listener: search['listener[eq]'] })) }
    },
  }
}

interface Disconnect {
  connectionId: string
  caller: Caller
  request: RequestInfo
}

async function disconnect(
  { db, clock, broker, mayActOn }: BrokerRoutesContext,
  { connectionId, caller, request }: Disconnect,
): Promise<undefined> {
  const { found } = confirmed(await broker.connection(connectionId))
  if (!found) throw new Problem('not_found')
  await mayActOn(caller, found.userId)
  // Recorded first: a disconnect cannot be undone, and must not be missing from the audit because the disk is full.
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    await recordEvent(trx, clock, {
      action: 'connection.closed',
      actor: actorOf(caller, request),
      target: auditTarget.connection({ id: connectionId, name: found.clientId || found.username }),
      before: { username: found.username, clientId: found.clientId, address: found.address, since: found.since },
    })
  })
  if (!confirmed(await broker.close(connectionId))) throw new Problem('not_found')
}

/** Throws `unavailable` if the broker did not answer. */
export function confirmed<T>(answer: T | null): T {
  if (answer === null) throw new Problem('unavailable')
  return answer
}
