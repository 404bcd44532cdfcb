/** Answers the calls of the main thread. */
import type { Engine } from '@gatehouse/mqtt/engine'
import { type AcceptingListener, asksForCertificate, type ListenerRules } from '../../access/decision/evidence.ts'
import { checkCertificate } from '../../certificates/check/check.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { ChangeFollower } from '../../platform/changes/follower.ts'
import {
  allLive,
  connectionsByAuthority,
  countExpiries,
  listConnections,
  toEdgeView,
  toView,
} from '../connections/lists.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { EdgeConnections } from '../edge/edge-connections.ts'
import { clearRetained, listRetained, viewRetained } from '../retained/lists.ts'
import { findSession, listSessions } from '../sessions/lists.ts'
import type { TopicViews } from '../topics/topic-views.ts'
import type { ClientIds } from './client-ids.ts'
import { closeConnection } from './close-connection.ts'
import type { Connections } from './connections.ts'
import type { DeviceAdmissions } from './device-admissions.ts'
import type { ListenerSet } from './listener-set.ts'
import type { LoopDelay } from './loop-delay.ts'
import type { BrokerCalls } from './port.ts'
import { previewListener, previewOrigin, previewPaths, previewTrust, previewUser } from './previews.ts'
import { returnCodeOf } from './return-codes.ts'
import type { BrokerStore } from './store.ts'

interface Parts {
  clock: Clock
  store: BrokerStore
  trust: Trust
  decisions: Decisions
  connections: Connections
  /** Of the HTTP edge. */
  devices: EdgeConnections
  engine: Engine
  clientIds: ClientIds
  follower: ChangeFollower
  loopDelay: LoopDelay
  listeners: ListenerSet
  topicViews: TopicViews
  admissions: Pick<DeviceAdmissions, 'factsFor'>
  stop: BrokerCalls['stop']
}

export function makeBrokerCalls(parts: Parts): BrokerCalls {
  const { stop } = parts
  return {
    ...changeCalls(parts),
    ...connectionCalls(parts),
    ...stateCalls(parts),
    ...topicCalls(parts),
    ...statusCalls(parts),
    ...listenerCalls(parts),
    stop,
  }
}

/** What changes end or would end. */
function changeCalls(parts: Parts) {
  const { follower } = parts
  return {
    waitFor: (sequences) => follower.enforced(sequences),
    impactOnUser: (userId, facts) => previewUser(parts, { userId, facts }),
    impactOnOrigin: (of) => previewOrigin(parts, of),
    impactOnAuthority: (authority, change) => previewTrust(parts, { authority, change }),
    impactOnRevocation: (revoke) => previewTrust(parts, { revoke }),
    impactOnList: (list) => previewTrust(parts, { list }),
    pathsAfter: (authority, { change, examples }) => previewPaths(parts, { change: { authority, change }, examples }),
    impactOnListener: (next) => previewListener(parts, next),
    checkCertificate: async (presented, id) => {
      const listeners = parts.listeners.allRules()
      const listener = id === undefined ? chooseListener(listeners) : listeners.find((each) => each.id === id)
      if (!listener) return { found: null }
      const factsFor = (username: string) => parts.admissions.factsFor(username)
      return { found: await checkCertificate({ ...parts, factsFor, listener, listeners, returnCodeOf }, presented) }
    },
  } satisfies Partial<BrokerCalls>
}

/** The listener for clients with certificates. */
function chooseListener(all: readonly AcceptingListener[]): ListenerRules & { name: string | null } {
  const byCertificate = all.find((each) => asksForCertificate(each) && each.identity === 'certificate')
  const withTls = all.find(({ clientCertificate }) => clientCertificate !== 'none')
  return byCertificate ?? withTls ?? { name: null, clientCertificate: 'none', identity: 'certificate', trusted: null }
}

function listenerCalls({ listeners, connections, devices }: Parts) {
  return {
    replaceServerCertificate: (certificate) => listeners.replaceServerCertificate(certificate),
    listenerReports: () => {
      const counts = new Map<string, number>()
      for (const { credentials } of allLive({ connections, devices })) {
        counts.set(credentials.listener.id, (counts.get(credentials.listener.id) ?? 0) + 1)
      }
      return listeners.reports().map((report) => ({ ...report, connections: counts.get(report.id) ?? 0 }))
    },
  } satisfies Partial<BrokerCalls>
}

function connectionCalls(parts: Parts) {
  const { connections, clientIds, devices, engine, clock } = parts
  return {
    connectionsOf: (userId) => clientIds.liveOf(userId).length + devices.ofUser(userId).length,
    connectionsByAuthority: () => connectionsByAuthority(allLive(parts)),
    connections: (search) => listConnections(parts, search, clock.now()),
    connection: (connectionId) => {
      const connection = connections.byId(connectionId)
      if (connection) return { found: toView(engine, connection) }
      const device = devices.byId(connectionId)
      return { found: device ? toEdgeView(device) : null }
    },
    presentedBy: (connectionId) => {
      const connection = connections.byId(connectionId) ?? devices.byId(connectionId)?.connection
      return { presented: [...(connection?.credentials.presented ?? [])] }
    },
    close: (connectionId) => {
      const connection = connections.byId(connectionId)
      if (connection) closeConnection(parts, connection, { reason: 'closed_by_admin', keepsSession: true })
      const device = devices.byId(connectionId)
      if (device) devices.close(device)
      return connection !== undefined || device !== undefined
    },
  } satisfies Partial<BrokerCalls>
}

/** Sessions and retained messages. */
function stateCalls(parts: Parts) {
  const { engine, clientIds } = parts
  return {
    sessions: (search) => listSessions(parts, search),
    session: (clientId) => ({ found: findSession(parts, clientId) }),
    dropSession: (clientId, userId) => {
      const owner = clientIds.ownerOf(clientId)
      if (owner?.userId !== userId) return false
      const { live } = owner
      if (!live) return engine.dropSession(clientId)
      closeConnection(parts, live, { reason: 'closed_by_admin', keepsSession: false })
      return true
    },
    retained: (filter) => listRetained(parts, filter),
    retainedOn: (topic) => viewRetained(parts, topic),
    clearRetained: (filter) => clearRetained(engine, filter),
  } satisfies Partial<BrokerCalls>
}

/** The live views of topics, and messages from the console. */
function topicCalls({ engine, topicViews }: Parts) {
  return {
    openTopicView: (request) => topicViews.open(request),
    topicChanges: (viewId) => topicViews.changes(viewId),
    closeTopicView: (viewId) => topicViews.close(viewId),
    topicMessage: (topic, how) => ({ found: topicViews.message(topic, how) }),
    publishMessage: ({ payload, userId, ...message }) =>
      engine.publish({ ...message, payload: Buffer.from(payload), user: userId }),
  } satisfies Partial<BrokerCalls>
}

function statusCalls({ trust, connections, devices, decisions, loopDelay, clock, engine, follower }: Parts) {
  return {
    figures: (since) => ({
      refused: decisions.list({ outcome: 'refused', since }).length,
      isMore: !decisions.reachesBackTo(since),
      expiries: countExpiries(allLive({ connections, devices }), clock.now()),
    }),
    decisions: (search) => decisions.list(search),
    status: () => ({
      trustedSince: trust.since,
      authorities: trust.size,
      connections: connections.size,
      edgeConnections: devices.all().length,
      sessions: engine.sessionCount,
      retained: engine.retained.count,
      retainedBytes: engine.retained.bytes,
      loopDelaySeconds: loopDelay.worstSeconds(),
      appliedChange: follower.cursor,
    }),
  } satisfies Partial<BrokerCalls>
}
