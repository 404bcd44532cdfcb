// Rule: aedes does nothing for a client that was not admitted here, and nothing on a topic that `may` did not allow.
import type { Decision } from '@gatehouse/contract/brokers/broker'
import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from 'aedes'
import type { Decisions, NewDecision } from '../decisions/recent.ts'
import { filtersOf, isOverrun, renameClient } from './aedes-inside.ts'
import type { Arrival, Attempt, ConnectRequest, Refusal } from './connect.ts'
import type { Connection, Connections } from './connections.ts'
import type { StoredSessions } from './stored-sessions.ts'

const maxSubscriptions = 1_000
const maxRefusedFilters = 20

interface Parts {
  connections: Connections
  sessions: StoredSessions
  decisions: Decisions
  arrivalOf(client: Client): Arrival | undefined
  signIn(attempt: Attempt): Promise<Refusal | null>
  onAdmitted(connection: Connection): void
  report(error: unknown): void
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>

export function makeHooks(parts: Parts): Hooks {
  const { connections } = parts
  const requests = new WeakMap<Client, ConnectRequest>()
  return {
    preConnect: (client, packet, done) => {
      requests.set(client, { ...packet })
      holdBack(packet)
      done(null, true)
    },
    authenticate: (client, _username, _password, done) => {
      const request = requests.get(client)
      requests.delete(client)
      // Out of the promise, so that what aedes throws is not taken for a refusal.
      const conclude = (refusal: AuthenticateError | null) => void setImmediate(done, refusal, refusal === null)
      admit(parts, client, request)
        .catch((error: unknown) => {
          parts.report(error)
          return toError('busy', 3)
        })
        .then(conclude, parts.report)
    },
    // Also for wills, when the connection has ended.
    authorizePublish: (client, packet, done) => {
      const connection = client ? connections.ofClient(client) : undefined
      if (!client || !connection) return done(new Error('nobody publishes'))
      packet.topic = connection.access.publishPrefix + packet.topic
      if (connection.access.may('write', packet.topic)) return done(null)
      const reason = client.closed ? 'will_refused' : 'publish_refused'
      parts.decisions.record({ outcome: 'refused', reason, ...describe(connection), topic: packet.topic })
      // MQTT 3.1.1 has no other answer than to end the connection [MQTT-3.3.5-2].
      done(new Error('publish refused'))
    },
    authorizeSubscribe: (client, subscription, done) => {
      const connection = connections.ofClient(client)
      const isAllowed =
        connection?.access.may('read', subscription.topic) === true && filtersOf(client).length < maxSubscriptions
      if (isAllowed) return done(null, subscription)
      if (connection) refuseFilter(parts, connection, subscription.topic)
      done(null, null) // 128 in SUBACK [MQTT-3.9.3-2]
    },
    authorizeForward: (client, packet) => {
      if (connections.ofClient(client)?.access.may('read', packet.topic) !== true) return null
      if (!isOverrun(client)) return packet
      // It does not read what it is sent. QoS 0 may be lost; for the others the session, if it has one, keeps them until it is back.
      if (packet.qos === 0) return null
      client.conn.destroy()
      return packet
    },
  }
}

/**
 * Until somebody is admitted aedes knows the client by a name that nobody else can have: it cleans up under this name when it
 * refuses a client, and the id that was asked for may be another's.
 */
let lastStranger = 0
function holdBack(packet: ConnectPacket): void {
  packet.clientId = `\u0000${++lastStranger}`
}

async function admit(
  parts: Parts,
  client: Client,
  request: ConnectRequest | undefined,
): Promise<AuthenticateError | null> {
  const arrival = parts.arrivalOf(client)
  if (!arrival || !request) return toError('nothing is known about this socket', 5)
  const refusal = await parts.signIn({
    client,
    arrival,
    request,
    enter: (connection) => enter(parts, client, connection),
  })
  if (refusal) return refuse(parts, arrival, refusal)
  return parts.connections.ofClient(client) ? null : toError('gone', 5)
}

function enter(parts: Parts, client: Client, connection: Connection): void {
  // It left while its user was read or its password checked: aedes stops by itself.
  if (client.closed || client.conn.destroyed) return
  const replaced = parts.connections.add(connection)
  if (replaced) parts.decisions.record({ outcome: 'closed', reason: 'taken_over', ...describe(replaced) })
  client.conn.once('close', () => parts.connections.left(connection))
  renameClient(client, connection.clientId)
  parts.decisions.record({ outcome: 'admitted', reason: null, ...describe(connection) })
  parts.onAdmitted(connection)
}

function refuse({ decisions }: Parts, { listener, address }: Arrival, { reason, returnCode, about }: Refusal) {
  decisions.record({ outcome: 'refused', reason, listener, address, ...about })
  return toError(reason, returnCode)
}

function refuseFilter({ sessions, decisions }: Parts, connection: Connection, topic: string): void {
  // It may have been granted to an earlier connection of this session.
  void sessions.removeSubscriptions({ id: connection.clientId }, [topic])
  const { refusedFilters } = connection
  if (refusedFilters.has(topic) || refusedFilters.size >= maxRefusedFilters) return
  refusedFilters.add(topic)
  decisions.record({ outcome: 'refused', reason: 'subscribe_refused', ...describe(connection), topic })
}

function describe(connection: Connection): Pick<NewDecision, 'listener' | 'address'> & Partial<Decision> {
  const { listener, address, userId, username, clientId, method, certificate } = connection
  return { listener, address, userId, username, clientId, method, certificate }
}

function toError(message: string, returnCode: number): AuthenticateError {
  const error: Error & { returnCode?: number } = new Error(message)
  error.returnCode = returnCode
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- aedes' `const enum` is gone when types are stripped
  return error as AuthenticateError
}
