/** Connections as the console shows them. */
import type { Connection as ConnectionView } from '@gatehouse/contract/brokers/broker'
import { type Expiries, type ExpiryWindow, endsWithin, expiryWindows } from '@gatehouse/contract/certificates/expiry'
import type { SeenCertificate } from '../../certificates/seen/store.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import { filtersOf } from '../embedded/aedes-inside.ts'
import type { Connection, Connections } from '../embedded/connections.ts'
import type { ConnectionSearch, VouchedFor } from '../embedded/port.ts'

const maxListed = 1_000

/** The newest first. */
export function listConnections(
  connections: Connections,
  { search = '', expires }: ConnectionSearch,
  now: Date,
): { items: ConnectionView[]; total: number } {
  const wanted = search.toLowerCase()
  const found = [...connections.live()]
    .filter((each) => wanted === '' || textOf(each).includes(wanted))
    .filter((each) => expires === undefined || isEnding(each, expires, now))
  return { items: found.slice(-maxListed).toReversed().map(viewOf), total: found.length }
}

/** How many of the live connections rely on a certificate that ends soon. */
export function expiriesOf(connections: Connections, now: Date): Expiries {
  const live = [...connections.live()]
  const count = (window: ExpiryWindow) => live.filter((each) => isEnding(each, window, now)).length
  return Object.fromEntries(expiryWindows.map((window) => [window, count(window)])) as Expiries
}

function isEnding({ certificate }: Connection, window: ExpiryWindow, now: Date): boolean {
  const notAfter = certificate?.notAfter ?? null
  return notAfter !== null && endsWithin(window, notAfter, now)
}

export function viewOf(connection: Connection): ConnectionView {
  const { id, userId, username, clientId, listener, address, method, certificate, since, client } = connection
  const subscriptions = filtersOf(client).length
  return { id, userId, username, clientId, listener, address, method, certificate, since, subscriptions }
}

/** The certificate that it has just been admitted with, for the console to remember; null: with none. */
export function seenWith(trust: Trust, { shown, userId, username }: Connection, now: Date): SeenCertificate | null {
  const { presented } = shown
  const verdict = presented.length > 0 ? trust.judge(presented, now) : null
  const issuerKey = verdict?.trusted ? (verdict.path[0]?.issuerKeyFingerprint ?? null) : null
  if (!verdict?.trusted || issuerKey === null) return null
  const { leafFingerprint: fingerprint, authority } = verdict
  return { fingerprint, issuerKey, authority, userId, username, at: now.toISOString(), presented }
}

/** For each authority the connections that rely on it, and how many users these are. */
export function vouchedFor(connections: Connections): VouchedFor[] {
  const relying = [...connections.live()].filter(({ method }) => method !== 'password')
  return [...Map.groupBy(relying, ({ certificate }) => certificate?.authority ?? null)].flatMap(
    ([fingerprint, group]) =>
      fingerprint === null
        ? []
        : { fingerprint, connections: group.length, users: new Set(group.map(({ userId }) => userId)).size },
  )
}

function textOf({ username, clientId, address, certificate }: Connection): string {
  return [username, clientId, address, certificate?.subject ?? '', certificate?.fingerprint ?? '']
    .join('\n')
    .toLowerCase()
}
