/** The brokers domain: its context and its routes. */
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { broker as brokerFeature } from '@gatehouse/contract/brokers/broker'
import { brokers as brokersFeature } from '@gatehouse/contract/brokers/brokers'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { deployments } from '@gatehouse/contract/brokers/deployments'
import { enforcers as enforcersFeature } from '@gatehouse/contract/brokers/enforcers'
import { kubernetes } from '@gatehouse/contract/brokers/kubernetes'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { admissionRuleRoutes, deniedDeviceRoutes } from './brokers/admission/routes.ts'
import type { AdmissionContext } from './brokers/admission/service.ts'
import { deploymentRoutes } from './brokers/cedalo/routes.ts'
import { type BrokerRoutesContext, brokerRoutes } from './brokers/connections/routes.ts'
import { decisionRoutes } from './brokers/decisions/routes.ts'
import type { Broker } from './brokers/embedded/start-broker.ts'
import type { EnforcerHub } from './brokers/enforcers/hub.ts'
import { enforcerRoutes } from './brokers/enforcers/routes.ts'
import type { EnforcersContext } from './brokers/enforcers/service.ts'
import type { AdapterFactories } from './brokers/inventory/adapter.ts'
import { BrokerSet } from './brokers/inventory/broker-set.ts'
import { makeEmbeddedAdapter } from './brokers/inventory/embedded-adapter.ts'
import { inventoryRoutes } from './brokers/inventory/routes.ts'
import type { InventoryContext } from './brokers/inventory/service.ts'
import { kubernetesRoutes } from './brokers/kubernetes/routes.ts'
import type { KubernetesContext } from './brokers/kubernetes/service.ts'
import type { MountedCertificate } from './brokers/listeners/mounted-certificate.ts'
import { listenerRoutes } from './brokers/listeners/routes.ts'
import type { ListenersContext } from './brokers/listeners/service.ts'
import { type MosquittoContext, mosquittoRoutes } from './brokers/mosquitto/routes.ts'
import { ImportRuns } from './brokers/mosquitto-import/import-runs.ts'
import { mosquittoImportRoutes } from './brokers/mosquitto-import/routes.ts'
import type { MosquittoImportContext } from './brokers/mosquitto-import/service.ts'
import { retainedRoutes } from './brokers/retained/routes.ts'
import { mqttSessionRoutes } from './brokers/sessions/routes.ts'
import { topicRoutes } from './brokers/topics/routes.ts'
import { upstreamRoutes } from './brokers/upstreams/routes.ts'
import { makeVouching } from './certificates/authorities/confirm.ts'
import type { Settings } from './env.ts'
import { requireCoverOfUser } from './identity/users/limits.ts'
import type { Platform } from './open-platform.ts'
import { openPreparedReader } from './platform/db/prepared-reader.ts'
import type { Bind } from './platform/http/handle.ts'

export type BrokersContext = BrokerRoutesContext &
  ListenersContext &
  InventoryContext &
  EnforcersContext &
  MosquittoContext &
  KubernetesContext &
  AdmissionContext &
  MosquittoImportContext

/** Starts the adapters of all brokers. Changes wait for all of them. */
export async function startBrokers(
  platform: Platform,
  { broker, settings, adapters }: { broker: Broker; settings: Settings; adapters: AdapterFactories },
): Promise<BrokerSet> {
  const { dataDir, database } = settings
  const parts = { ...platform, dataDir, openChanges: () => openPreparedReader(database) }
  const brokers = new BrokerSet(makeEmbeddedAdapter(broker), { ...parts, adapters })
  await brokers.follow()
  return brokers
}

interface BrokersParts {
  broker: Broker
  mountedCertificate: MountedCertificate
  brokers: BrokerSet
  settings: Settings
  /** A kind without one is refused. */
  adapters: AdapterFactories
  hub: EnforcerHub
  /** Where agents connect. Null: the listener is off. */
  enforcerUrl: string | null
  /** PEM: the server certificate of listeners that have none of their own. */
  commonCertificate(): string
}

export function createBrokers(
  { db, reader, clock, keyring, log }: Platform,
  { broker, mountedCertificate, brokers, settings, adapters, hub, enforcerUrl, commonCertificate }: BrokersParts,
): BrokersContext {
  return {
    db,
    reader,
    clock,
    broker,
    mountedCertificate,
    keyring,
    brokers,
    adapters,
    enforcers: brokers,
    hub,
    enforcerUrl,
    log,
    vouching: makeVouching(clock),
    imports: new ImportRuns(),
    environment: settings.listeners,
    ownPorts: ownPorts(settings),
    publicHost: settings.publicHost,
    limits: settings.mqttLimits,
    commonCertificate,
    mayActOn: (caller, userId) => requireCoverOfUser(reader, caller, userId),
  }
}

/** Where the console, its metrics and the agents' listener are. */
export function ownPorts({ http, health, enforcers }: Settings): ListenersContext['ownPorts'] {
  return [http, health, enforcers].filter((place) => place !== null)
}

export function bindBrokers(bind: Bind, context: BrokersContext): void {
  bind(admissionRules, admissionRuleRoutes(context))
  bind(deniedDevices, deniedDeviceRoutes(context))
  bind(brokerFeature, brokerRoutes(context))
  bind(decisions, decisionRoutes(context))
  // Before the paths of one broker: `/brokers/enforcers` is no id.
  bind(enforcersFeature, enforcerRoutes(context))
  bind(brokersFeature, inventoryRoutes(context))
  bind(mosquitto, mosquittoRoutes(context))
  bind(deployments, deploymentRoutes(context))
  bind(kubernetes, kubernetesRoutes(context))
  bind(listeners, listenerRoutes(context))
  bind(mosquittoImports, mosquittoImportRoutes(context))
  bind(mqttSessions, mqttSessionRoutes(context))
  bind(retained, retainedRoutes(context))
  bind(topics, topicRoutes(context))
  bind(upstreams, upstreamRoutes(context))
}
