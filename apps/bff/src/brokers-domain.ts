/** The brokers domain: its context and its routes. */
import { broker as brokerFeature } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { type BrokerRoutesContext, brokerRoutes } from './brokers/connections/routes.ts'
import { decisionRoutes } from './brokers/decisions/routes.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import { requireCoverOfUser } from './identity/users/limits.ts'
import type { Platform } from './open-platform.ts'
import type { Bind } from './platform/http/handle.ts'

export type BrokersContext = BrokerRoutesContext & { reader: Platform['reader'] }

export function createBrokers(
  { db, reader, clock }: Platform,
  { broker, publicHost }: { broker: Broker; publicHost: string | null },
): BrokersContext {
  return {
    db,
    reader,
    clock,
    broker,
    publicHost,
    mayActOn: (caller, userId) => requireCoverOfUser(reader, caller, userId),
  }
}

export function bindBrokers(bind: Bind, context: BrokersContext): void {
  bind(brokerFeature, brokerRoutes(context))
  bind(decisions, decisionRoutes(context))
}
