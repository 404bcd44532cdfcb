/** Connections as the console shows them. */
import type { ConnectionProtocol, Connection as ConnectionView } from '@gatehouse/contract/brokers/broker'
import { type Expiries, type ExpiryWindow, endsWithin, expiryWindows } from '@gatehouse/contract/certificates/expiry'
import type { Engine } from '@gatehouse/mqtt/engine'
import { noTraffic } from '@gatehouse/mqtt/traffic'
import type { EdgeConnection } from '../edge/edge-connection.ts'
import type { EdgeConnections } from '../edge/edge-connections.ts'
import type { Connection } from '../embedded/connection.ts'
import type { Connections } from '../embedded/connections.ts'

const maxListed = 1_000

interface Live {
  connections: Connections
  /** Of the HTTP edge. */
  devices: EdgeConnections
}

export interface ConnectionSearch {
  search?: string | undefined
  expires?: ExpiryWindow | undefined
  /** The name of a listener. */
  listener?: string | undefined
  protocol?: ConnectionProtocol | undefined
}

/** The newest first. */
export function listConnections(
  { connections, devices, engine }: Live & { engine: Engine },
  { search = '', expires, listener, protocol }: ConnectionSearch,
  now: Date,
): { items: ConnectionView[]; total: number } {
  const wanted = search.toLowerCase()
  const isFound = (each: Connection) =>
    (wanted === '' || textOf(each).includes(wanted)) &&
    (listener === undefined || each.credentials.listener.name === listener) &&
    (expires === undefined || isEnding(each, expires, now))
  const ofMqtt = protocol === 'http' ? [] : [...connections.live()].filter(isFound)
  const ofEdge = protocol === 'mqtt' ? [] : devices.all().filter(({ connection }) => isFound(connection))
  const items = [
    ...ofMqtt.slice(-maxListed).map((each) => toView(engine, each)),
    ...newest(ofEdge).map((each) => toEdgeView(each)),
  ]
  return { items: items.toSorted(byAge).slice(0, maxListed), total: ofMqtt.length + ofEdge.length }
}

/** Ids begin with the time (RFC 9562 §5.7). */
function byAge({ id: some }: { id: string }, { id: other }: { id: string }): number {
  return some > other ? -1 : 1
}

function newest(devices: readonly EdgeConnection[]): EdgeConnection[] {
  return devices.toSorted((some, other) => byAge(some.connection, other.connection)).slice(0, maxListed)
}

export function allLive({ connections, devices }: Live): Connection[] {
  return [...connections.live(), ...devices.all().map(({ connection }) => connection)]
}

/** The number of live connections whose certificate ends within each window. */
export function countExpiries(live: readonly Connection[], now: Date): Expiries {
  const count = (window: ExpiryWindow) => live.filter((each) => isEnding(each, window, now)).length
  return Object.fromEntries(expiryWindows.map((window) => [window, count(window)])) as Expiries
}

function isEnding({ certificate }: Connection, window: ExpiryWindow, now: Date): boolean {
  const notAfter = certificate?.notAfter ?? null
  return notAfter !== null && endsWithin(window, notAfter, now)
}

export function toView(engine: Engine, connection: Connection): ConnectionView {
  const subscriptions = engine.session(connection.clientId)?.subscriptions ?? 0
  return { ...identityOf(connection), protocol: 'mqtt', subscriptions, ...trafficOf(engine, connection) }
}

export function toEdgeView({ connection, tcp, requests, answers, lastRequestAt }: EdgeConnection): ConnectionView {
  return {
    ...identityOf(connection),
    protocol: 'http',
    subscriptions: 0,
    messagesReceived: requests,
    messagesSent: answers,
    bytesReceived: tcp.bytesRead,
    bytesSent: tcp.bytesWritten,
    queued: 0,
    queuedBytes: 0,
    lastPacketAt: lastRequestAt?.toISOString() ?? connection.since,
  }
}

function identityOf({ id, userId, username, clientId, credentials, method, certificate, since }: Connection) {
  const { listener, address } = credentials
  return { id, userId, username, clientId, listener: listener.name, address, method, certificate, since }
}

function trafficOf(engine: Engine, { engineId, clientId, since }: Connection) {
  const info = engineId === null ? undefined : engine.connection(engineId)
  const { messagesReceived, messagesSent, bytesReceived, bytesSent } = info?.traffic ?? noTraffic()
  const { count: queued, bytes: queuedBytes } = engine.session(clientId)?.queued ?? { count: 0, bytes: 0 }
  const lastPacketAt = info ? new Date(info.lastPacketAt).toISOString() : since
  return { messagesReceived, messagesSent, bytesReceived, bytesSent, queued, queuedBytes, lastPacketAt }
}

/** By fingerprint of the CA: the live connections whose certificates lead to it, and the number of their users. */
export function connectionsByAuthority(
  live: readonly Connection[],
): Map<string, { connections: number; users: number }> {
  const byCertificate = live.filter(({ method }) => method !== 'password')
  const groups = Map.groupBy(byCertificate, ({ certificate }) => certificate?.authority ?? null)
  const counts = new Map<string, { connections: number; users: number }>()
  for (const [fingerprint, group] of groups) {
    if (fingerprint === null) continue
    const users = new Set(group.map(({ userId }) => userId))
    counts.set(fingerprint, { connections: group.length, users: users.size })
  }
  return counts
}

function textOf({ username, clientId, credentials, certificate }: Connection): string {
  return [username, clientId, credentials.address, certificate?.subject ?? '', certificate?.fingerprint ?? '']
    .join('\n')
    .toLowerCase()
}
