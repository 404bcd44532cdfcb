/** Connections as the console shows them. */
import type { Connection as ConnectionView } from '@gatehouse/contract/broker'
import type { VouchedFor } from '../broker/port.ts'
import type { Connection, Connections } from '../broker-admission/connections.ts'
import { filtersOf } from './aedes-inside.ts'

const maxListed = 1_000

/** The newest first. */
export function listConnections(connections: Connections, search = ''): { items: ConnectionView[]; total: number } {
  const wanted = search.toLowerCase()
  const found = [...connections.live()].filter((each) => wanted === '' || textOf(each).includes(wanted))
  return { items: found.slice(-maxListed).toReversed().map(viewOf), total: found.length }
}

export function viewOf(connection: Connection): ConnectionView {
  const { id, userId, username, clientId, listener, address, method, certificate, since, client } = connection
  const subscriptions = filtersOf(client).length
  return { id, userId, username, clientId, listener, address, method, certificate, since, subscriptions }
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
