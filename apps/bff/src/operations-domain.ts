/** The operations domain: its context and its routes. */
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import type { Broker } from './brokers/embedded/start-broker.ts'
import type { BrokerSet } from './brokers/inventory/broker-set.ts'
import type { Platform } from './open-platform.ts'
import { auditRoutes } from './operations/audit/routes.ts'
import { overviewRoutes } from './operations/overview/routes.ts'
import type { OverviewContext } from './operations/overview/service.ts'
import { settingsRoutes } from './operations/settings/routes.ts'
import type { SettingsContext } from './operations/settings/service.ts'
import type { Bind } from './platform/http/handle.ts'

export type OperationsContext = SettingsContext & OverviewContext

export function createOperations(
  { db, reader, clock, storage }: Platform,
  {
    broker,
    brokers,
    serverCertificate,
  }: { broker: Broker; brokers: BrokerSet } & Pick<OperationsContext, 'serverCertificate'>,
): OperationsContext {
  return {
    db,
    reader,
    clock,
    storage,
    broker,
    serverCertificate,
    brokers,
    enforcers: brokers,
  }
}

export function bindOperations(bind: Bind, context: OperationsContext): void {
  bind(settings, settingsRoutes(context))
  bind(overview, overviewRoutes(context))
  bind(audit, auditRoutes(context))
}
