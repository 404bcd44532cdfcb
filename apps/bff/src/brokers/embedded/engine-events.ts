/** Records what the engine reports: who is connected, and what was refused. */

import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { DropReason, Ending, EngineReason, Events, Refusal } from '@gatehouse/mqtt/events'
import { reasonCodes } from '@gatehouse/mqtt/packets/reason-codes'
import type { Client } from '@gatehouse/mqtt/policy'
import type { Clock } from '../../platform/base/clock.ts'
import type { Decisions } from '../decisions/recent.ts'
import type { ClientIds } from './client-ids.ts'
import { factsOf } from './close-connection.ts'
import type { AcceptedSocket, PolicyRefusal } from './connect.ts'
import { type Connection, connectionOf, holderOf } from './connection.ts'
import type { Connections } from './connections.ts'
import type { DeviceAdmissions } from './device-admissions.ts'
import { recordOnce } from './record-once.ts'
import type { StatsBuffer } from './stats-buffer.ts'

interface Parts {
  clock: Clock
  connections: Connections
  clientIds: ClientIds
  decisions: Decisions
  stats: StatsBuffer
  admissions: Pick<DeviceAdmissions, 'registered'>
  report(error: unknown): void
}

export function makeEngineEvents(parts: Parts): Events {
  const { connections, clientIds, report } = parts
  return {
    connected: ({ id, client, context }) => {
      const connection = connectionOf(client)
      if (!connection) return
      connection.engineId = id
      register(parts, connection, context as AcceptedSocket)
    },
    disconnected: ({ client }, cause) => {
      const connection = connectionOf(client)
      if (!connection) return
      connections.delete(connection)
      clientIds.leave(connection)
      recordEnd(parts, connection, cause)
    },
    dropped: (client, topic, reason) => recordDrop(parts, client, { topic, reason }),
    sessionEnded: ({ clientId }) => clientIds.release(clientId),
    refused: (refusal) => recordRefusal(parts, refusal),
    failed: report,
    // Without a stack: the system call failed, not the program.
    storeFailed: (error) => report(`broker.log was not written, so no message is acknowledged: ${String(error)}`),
  }
}

function register(
  { clock, connections, clientIds, decisions, stats, admissions }: Parts,
  connection: Connection,
  { listener, tcp }: AcceptedSocket,
): void {
  clientIds.take(connection)
  connections.add(connection)
  stats.countConnections(connections.size)
  const { admissionRule, username } = connection
  decisions.record({ outcome: 'admitted', reason: null, ...factsOf(connection), admissionRule })
  admissions.registered(username)
  listener.identified(tcp)
  stats.signedIn(connection, clock.now())
}

/** How the engine itself ended a connection. Refused packets have their own decision. */
const endings = new Map<number, RefusalReason>([
  // [MQTT-3.1.4-2]: the same client connected again.
  [reasonCodes.sessionTakenOver, 'taken_over'],
  [reasonCodes.malformedPacket, 'protocol_error'],
  [reasonCodes.protocolError, 'protocol_error'],
  [reasonCodes.receiveMaximumExceeded, 'protocol_error'],
  [reasonCodes.topicAliasInvalid, 'protocol_error'],
  [reasonCodes.packetTooLarge, 'packet_too_large'],
  [reasonCodes.quotaExceeded, 'quota_exceeded'],
])

function recordEnd({ decisions }: Parts, connection: Connection, { code }: Ending): void {
  const reason = endings.get(code)
  if (reason) decisions.record({ outcome: 'closed', reason, ...factsOf(connection) })
}

const engineReasons: Record<EngineReason, RefusalReason> = {
  malformed_connect: 'protocol_error',
  client_id_of_another_user: 'client_id_taken',
  client_id_missing: 'bad_client_id',
  client_id_too_long: 'bad_client_id',
  enhanced_authentication: 'enhanced_authentication',
  too_many_connections: 'too_many_connections',
  too_many_sessions: 'too_many_sessions',
  connects_too_fast: 'connects_too_fast',
  will_quota: 'will_quota',
  topic_too_deep: 'topic_too_deep',
  filter_invalid: 'filter_invalid',
  subscription_quota: 'subscription_quota',
  retained_quota: 'retained_quota',
}

function recordRefusal({ decisions, clientIds }: Parts, refusal: Refusal): void {
  const { client, clientId, context } = refusal
  const { reason, about } = describe(refusal)
  const holder = reason === 'client_id_taken' ? (clientIds.ownerOf(clientId)?.holder.username ?? null) : null
  const facts = { ...about, reason, holder }
  if (client) recordOnce(decisions, holderOf(client), facts)
  else if (context !== undefined) {
    const { listener, address } = context as AcceptedSocket
    decisions.record({
      outcome: 'refused',
      listener: listener.rules.name,
      address,
      clientId: clientId || null,
      ...facts,
    })
  }
}

function describe({ reason, topic }: Refusal): Pick<PolicyRefusal, 'reason' | 'about'> {
  if (typeof reason !== 'string') return reason as PolicyRefusal
  return { reason: engineReasons[reason as EngineReason], about: topic === undefined ? {} : { topic } }
}

/** Messages that a bound took away. The others are no refusals: the client does not accept them, or lost the right to them. */
function recordDrop(
  { decisions, stats }: Parts,
  client: Client,
  { topic, reason }: { topic: string; reason: DropReason },
) {
  stats.countDrop(reason)
  if (reason === 'queue_full' || reason === 'slow_reader') recordOnce(decisions, holderOf(client), { reason }, topic)
}
