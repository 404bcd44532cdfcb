import type { Duplex } from 'node:stream'
import type { TrustedVerdict } from '@gatehouse/pki/judge/chain'
import type { Clock } from '../../platform/base/clock.ts'
import type { Decisions } from '../decisions/recent.ts'
import { renameClient } from './aedes-inside.ts'
import type { ClientIds } from './client-ids.ts'
import { factsOf } from './close-connection.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import type { StatsBuffer } from './stats-buffer.ts'

export interface RegisterParts {
  clock: Clock
  connections: Connections
  clientIds: ClientIds
  decisions: Decisions
  stats: StatsBuffer
  /** Counts connections that nobody has signed in on. */
  limiter: { identified(socket: Duplex): void }
}

/** Registers an admitted connection, in the step in which it was admitted. */
export function register(
  { clock, connections, clientIds, decisions, stats, limiter }: RegisterParts,
  { connection, verdict }: { connection: Connection; verdict: TrustedVerdict | null },
): { outcome: 'registered' } | { outcome: 'left' } {
  const { client } = connection
  // The client left while its facts were read. aedes stops by itself.
  if (client.closed || client.conn.destroyed) return { outcome: 'left' }
  const replaced = clientIds.take(connection)
  // [MQTT-3.1.4-2]: the same client connected again. Its old connection ends, with its will.
  replaced?.client.close()
  connections.add(connection)
  stats.countConnections(connections.size)
  if (replaced) decisions.record({ outcome: 'closed', reason: 'taken_over', ...factsOf(replaced) })
  client.conn.once('close', () => {
    connections.delete(connection)
    clientIds.leave(connection)
  })
  renameClient(client, connection.clientId)
  decisions.record({ outcome: 'admitted', reason: null, ...factsOf(connection) })
  limiter.identified(client.conn)
  stats.signedIn(connection, { verdict, at: clock.now() })
  return { outcome: 'registered' }
}
