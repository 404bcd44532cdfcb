/** Connections as the console shows them. */
import type { Connection as ConnectionView } from '@gatehouse/contract/brokers/broker'
import { type Expiries, type ExpiryWindow, endsWithin, expiryWindows } from '@gatehouse/contract/certificates/expiry'
import type { Engine } from '@gatehouse/mqtt/engine'
import { noTraffic } from '@gatehouse/mqtt/traffic'
import type { Connection } from '../embedded/connection.ts'
import type { Connections } from '../embedded/connections.ts'

const maxListed = 1_000

interface ConnectionSearch {
  search?: string | undefined
  expires?: ExpiryWindow | undefined
  /** The name of a listener. */
  listener?: string | undefined
}

/** The newest first. */
export function listConnections(
  { connections, engine }: { connections: Connections; engine: Engine },
  { search = '', expires, listener }: ConnectionSearch,
  now: Date,
): { items: ConnectionView[]; total: number } {
  const wanted = search.toLowerCase()
  const found = [...connections.live()]
    .filter((each) => wanted === '' || textOf(each).includes(wanted))
    .filter((each) => listener === undefined || each.credentials.listener.name === listener)
    .filter((each) => expires === undefined || isEnding(each, expires, now))
  return {
    items: found
      .slice(-maxListed)
      .toReversed()
      .map((each) => toView(engine, each)),
    total: found.length,
  }
}

/** The number of live connections whose certificate ends within each window. */
export function countExpiries(connections: Connections, now: Date): Expiries {
  const live = [...connections.live()]
  const count = (window: ExpiryWindow) => live.filter((each) => isEnding(each, window, now)).length
  return Object.fromEntries(expiryWindows.map((window) => [window, count(window)])) as Expiries
}

function isEnding({ certificate }: Connection, window: ExpiryWindow, now: Date): boolean {
  const notAfter = certificate?.notAfter ?? null
  return notAfter !== null && endsWithin(window, notAfter, now)
}

export function toView(engine: Engine, connection: Connection): ConnectionView {
  const { id, userId, username, clientId, credentials, method, certificate, since } = connection
  const { listener, address } = credentials
  const subscriptions = engine.session(clientId)?.subscriptions ?? 0
  const shown = { id, userId, username, clientId, listener: listener.name, address, method, certificate, since }
  return { ...shown, subscriptions, ...trafficOf(engine, connection) }
}

function trafficOf(engine: Engine, { engineId, clientId, since }: Connection) {
  const info = engineId === null ? undefined : engine.connection(engineId)
  const { messagesReceived, messagesSent, bytesReceived, bytesSent } = info?.traffic ?? noTraffic()
  const { count: queued, bytes: queuedBytes } = engine.session(clientId)?.queued ?? { count: 0, bytes: 0 }
  const lastPacketAt = info ? new Date(info.lastPacketAt).toISOString() : since
  return { messagesReceived, messagesSent, bytesReceived, bytesSent, queued, queuedBytes, lastPacketAt }
}

/** By fingerprint of the CA: the live connections whose certificates lead to it, and the number of their users. */
export function connectionsByAuthority(connections: Connections): Map<string, { connections: number; users: number }> {
  const byCertificate = [...connections.live()].filter(({ method }) => method !== 'password')
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
