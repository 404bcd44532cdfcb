/** The brokers domain: its context and its routes. */
import { broker as brokerFeature } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { retained } from '@gatehouse/contract/brokers/retained'
import { type BrokerRoutesContext, brokerRoutes } from './brokers/connections/routes.ts'
import { decisionRoutes } from './brokers/decisions/routes.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import { retainedRoutes } from './brokers/retained/routes.ts'
import { mqttSessionRoutes } from './brokers/sessions/routes.ts'
import { requireCoverOfUser } from './identity/users/limits.ts'
import type { Platform } from './open-platform.ts'
import type { Bind } from './platform/http/handle.ts'

export type BrokersContext = BrokerRoutesContext & { reader: Platform['reader'] }

export function createBrokers(
  { db, reader, clock }: Platform,
  { broker, publicHost, limits }: { broker: Broker; publicHost: string | null; limits: BrokerLimits },
): BrokersContext {
  return {
    db,
    reader,
    clock,
    broker,
    publicHost,
    limits,
    mayActOn: (caller, userId) => requireCoverOfUser(reader, caller, userId),
  }
}

export function bindBrokers(bind: Bind, context: BrokersContext): void {
  bind(brokerFeature, brokerRoutes(context))
  bind(decisions, decisionRoutes(context))
  bind(mqttSessions, mqttSessionRoutes(context))
  bind(retained, retainedRoutes(context))
}
