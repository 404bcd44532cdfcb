import type { Decision, RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { Engine } from '@gatehouse/mqtt/engine'
import { reasonCodes } from '@gatehouse/mqtt/packets/reason-codes'
import type { Decisions, NewDecision } from '../decisions/recent.ts'
import type { Connection, SessionHolder } from './connection.ts'

interface Closing {
  reason: RefusalReason
  /** Does the session stay for the next connection? */
  keepsSession: boolean
}

/** Ends a connection without its will, and records why. MQTT 5 clients get the reason in DISCONNECT. */
export function closeConnection(
  { engine, decisions }: { engine: Engine; decisions: Decisions },
  connection: Connection,
  { reason, keepsSession }: Closing,
): void {
  const how = { code: reasonCodes.administrativeAction, text: reason }
  const { engineId, clientId } = connection
  const isClosed = engineId !== null && engine.close(engineId, how)
  if (!keepsSession) engine.dropSession(clientId, how)
  if (isClosed) decisions.record({ outcome: 'closed', reason, ...factsOf(connection) })
}

/** What a decision says about a client. */
export function factsOf(
  client: SessionHolder & Partial<Pick<Connection, 'method' | 'certificate'>>,
): Pick<NewDecision, 'listener' | 'address'> & Partial<Decision> {
  const { credentials, userId, username, clientId, method = null, certificate = null } = client
  const { listener, address } = credentials
  // A device on the edge has none.
  return { listener: listener.name, address, userId, username, clientId: clientId || null, method, certificate }
}
