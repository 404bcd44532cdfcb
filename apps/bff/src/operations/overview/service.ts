/**
 * The rule: callers see a figure only if they may call the route that lists what it counts. The figure equals the total of that
 * list with the filters of the console's link.
 */
import { X509Certificate } from 'node:crypto'
import { mayCall } from '@gatehouse/contract/access/permission'
import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { broker as brokerRoutes } from '@gatehouse/contract/brokers/broker'
import { brokers as brokersRoutes } from '@gatehouse/contract/brokers/brokers'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import type { Overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import type { Route } from '@gatehouse/contract/route'
import { problemOf } from '../../access/decision/admission.ts'
import { readRules } from '../../brokers/admission/facts.ts'
import { countAdmissionsSince } from '../../brokers/admission/store.ts'
import type { Broker } from '../../brokers/embedded/start-broker.ts'
import type { BrokerSet } from '../../brokers/inventory/broker-set.ts'
import { findTroubled } from '../../brokers/inventory/trouble.ts'
import { countExpiries, trustedAmong } from '../../certificates/authorities/store.ts'
import { findTroubledProviders } from '../../identity/providers/trouble.ts'
import { listUsers } from '../../identity/users/store.ts'
import { type Clock, later } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Storage } from '../../platform/db/storage.ts'
import type { Caller } from '../../platform/http/request.ts'

export interface OverviewContext {
  reader: Db
  clock: Clock
  broker: Broker
  brokers: BrokerSet
  storage: Storage
  /** The certificate that browsers and MQTT clients see. Null: no listener uses TLS. */
  serverCertificate(): { certificatePem: string; isGenerated: boolean } | null
}

const hourMs = 60 * 60_000
const dayMs = 24 * hourMs
const lastSignInCount = 5

export async function viewOverview(context: OverviewContext, { permissions }: Caller): Promise<Overview> {
  const { reader, clock, broker, storage } = context
  const may = (route: Route) => mayCall(permissions, route)
  const since = later(clock.now(), -hourMs)
  const [ofUsers, ofAuthorities, ofBroker, ofBrokers, ofProviders, ofStorage, ofAdmissions, figures] =
    await Promise.all([
      may(users.list) ? viewUsers(reader) : null,
      may(authorities.list) ? countExpiries(reader, clock.now()) : null,
      may(brokerRoutes.view) ? viewBroker(context) : null,
      may(brokersRoutes.list) ? findTroubled(context) : null,
      may(identityProviders.list) ? findTroubledProviders(reader, clock) : null,
      may(settings.view) ? storage.report() : null,
      may(admissionRules.list) ? viewAdmissions(context) : null,
      may(brokerRoutes.connections) || may(brokerRoutes.decisions) ? broker.figures(since) : null,
    ])
  return {
    users: ofUsers,
    authorities: ofAuthorities,
    broker: ofBroker,
    brokers: ofBrokers,
    providers: ofProviders,
    storage: ofStorage,
    certificates: figures && may(brokerRoutes.connections) ? figures.expiries : null,
    refusals: figures && may(brokerRoutes.decisions) ? { since, count: figures.refused, isMore: figures.isMore } : null,
    admissions: ofAdmissions,
  }
}

async function viewUsers(reader: Db): Promise<Overview['users']> {
  const newest = await listUsers(reader, { sort: '-lastSignInAt', limit: lastSignInCount })
  const missing = await listUsers(reader, { 'factor[eq]': 'missing', 'state[eq]': 'enabled', limit: 1 })
  return {
    total: newest.total ?? 0,
    factorMissing: missing.total,
    lastSignIns: newest.items.flatMap(({ id, username, kind, lastSignInAt }) =>
      lastSignInAt === null ? [] : { id, username, kind, at: lastSignInAt },
    ),
  }
}

async function viewAdmissions({ reader, clock }: OverviewContext): Promise<Overview['admissions']> {
  const now = clock.now()
  const since = later(now, -dayMs)
  const rules = await readRules(reader, now)
  const trusted = await trustedAmong(
    reader,
    rules.map(({ authority }) => authority),
  )
  const blocked = rules.filter((rule) => problemOf(rule, now) !== null || !trusted.has(rule.authority))
  return { since, count: await countAdmissionsSince(reader, since), blockedRules: blocked.length }
}

async function viewBroker({ broker, serverCertificate }: OverviewContext): Promise<Overview['broker']> {
  const status = broker.isRunning() ? await broker.status() : null
  const shown = serverCertificate()
  return {
    running: status !== null,
    listeners: [...broker.listeners],
    failedListeners: [...broker.failedListeners],
    connections: status && status.connections + status.edgeConnections,
    serverCertificate: shown && {
      notAfter: new X509Certificate(shown.certificatePem).validToDate.toISOString(),
      isGenerated: shown.isGenerated,
    },
  }
}
