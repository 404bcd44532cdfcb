/** The hooks of aedes: it does nothing for a client before `connect` registered it, and nothing on a topic that the user may not use. */
import type { AedesOptions, AuthenticateError, Client, ConnectPacket } from 'aedes'
import { judgeDelivery, judgePublish, judgeSubscribe } from '../../access/decision/topics.ts'
import { filtersOf, isOverrun } from './aedes-inside.ts'
import { factsOf } from './close-connection.ts'
import { type AcceptedSocket, type ConnectFields, type ConnectParts, connect } from './connect.ts'
import type { Connection } from './connection.ts'
import type { StoredSessions } from './stored-sessions.ts'

const maxSubscriptions = 1_000
const maxRefusedFilters = 20

interface Parts extends ConnectParts {
  sessions: StoredSessions
  /** By socket. */
  accepted: WeakMap<object, AcceptedSocket>
  report(error: unknown): void
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>

export function makeHooks(parts: Parts): Hooks {
  return { ...connectHooks(parts), ...topicHooks(parts) }
}

function connectHooks(parts: Parts): Pick<Hooks, 'preConnect' | 'authenticate'> {
  const fieldsOf = new WeakMap<Client, ConnectFields>()
  return {
    preConnect: (client, packet, done) => {
      fieldsOf.set(client, { ...packet })
      hideClientId(packet)
      done(null, true)
    },
    authenticate: (client, _username, _password, done) => {
      const fields = fieldsOf.get(client)
      fieldsOf.delete(client)
      // Outside the promise: an error that aedes throws in `done` is not a refusal.
      const conclude = (refusal: AuthenticateError | null) => void setImmediate(done, refusal, refusal === null)
      admit(parts, client, fields)
        .catch((error: unknown) => {
          parts.report(error)
          return toError('busy', 3)
        })
        .then(conclude, parts.report)
    },
  }
}

function topicHooks(parts: Parts): Pick<Hooks, 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'> {
  const { connections } = parts
  return {
    // Also for wills, after the connection has ended.
    authorizePublish: (client, packet, done) => {
      const connection = client ? connections.ofClient(client) : undefined
      if (!client || !connection) return done(new Error('no connection'))
      const { isAllowed, topic } = judgePublish(connection.rights, packet.topic)
      packet.topic = topic
      if (isAllowed) return done(null)
      const reason = client.closed ? 'will_refused' : 'publish_refused'
      parts.decisions.record({ outcome: 'refused', reason, ...factsOf(connection), topic })
      // MQTT 3.1.1 has no other answer than to end the connection [MQTT-3.3.5-2].
      done(new Error('publish refused'))
    },
    authorizeSubscribe: (client, subscription, done) => {
      const connection = connections.ofClient(client)
      const isAllowed = connection !== undefined && judgeSubscribe(connection.rights, subscription.topic)
      if (isAllowed && filtersOf(client).length < maxSubscriptions) return done(null, subscription)
      if (connection) refuseFilter(parts, connection, subscription.topic)
      done(null, null) // 128 in SUBACK [MQTT-3.9.3-2]
    },
    authorizeForward: (client, packet) => {
      const connection = connections.ofClient(client)
      if (!connection || !judgeDelivery(connection.rights, packet.topic)) return null
      if (!isOverrun(client)) return packet
      // The client does not read what it is sent. QoS 0 may be lost; the stored session keeps the other messages until it is back.
      if (packet.qos === 0) return null
      client.conn.destroy()
      return packet
    },
  }
}

let lastHiddenId = 0

/**
 * Until the client is admitted aedes knows it by an id that no other client can have. aedes removes what it knows under the id of a client
 * that is refused, and the id that the client asked for may belong to another client.
 */
function hideClientId(packet: ConnectPacket): void {
  packet.clientId = `\u0000${++lastHiddenId}`
}

/** Null: admitted. */
async function admit(
  parts: Parts,
  client: Client,
  fields: ConnectFields | undefined,
): Promise<AuthenticateError | null> {
  const socket = parts.accepted.get(client.conn)
  if (!socket || !fields) return toError('unknown socket', 5)
  const result = await connect(parts, { client, socket, fields })
  if (result.outcome === 'registered') return null
  if (result.outcome === 'left') return toError('the client has left', 5)
  const { listener, address } = socket
  const { outcome, reason, returnCode, about } = result
  parts.decisions.record({ outcome, reason, listener: listener.name, address, ...about })
  return toError(reason, returnCode)
}

function refuseFilter({ sessions, decisions }: Parts, connection: Connection, topic: string): void {
  // An earlier connection of this session may have been granted the filter.
  void sessions.removeSubscriptions({ id: connection.clientId }, [topic])
  const { refusedFilters } = connection
  if (refusedFilters.has(topic) || refusedFilters.size >= maxRefusedFilters) return
  refusedFilters.add(topic)
  decisions.record({ outcome: 'refused', reason: 'subscribe_refused', ...factsOf(connection), topic })
}

function toError(message: string, returnCode: number): AuthenticateError {
  const error: Error & { returnCode?: number } = new Error(message)
  error.returnCode = returnCode
  // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- aedes' `const enum` does not exist when types are stripped
  return error as AuthenticateError
}
