import type { Decision, RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { Decisions, NewDecision } from '../decisions/recent.ts'
import { dropWill } from './aedes-inside.ts'
import type { Connection } from './connection.ts'

/** Ends a connection without its will, and records why. */
export function closeConnection(decisions: Decisions, connection: Connection, reason: RefusalReason): void {
  const { client } = connection
  if (client.closed) return
  dropWill(client)
  client.close()
  decisions.record({ outcome: 'closed', reason, ...factsOf(connection) })
}

/** What a decision says about a connection. */
export function factsOf(connection: Connection): Pick<NewDecision, 'listener' | 'address'> & Partial<Decision> {
  const { credentials, userId, username, clientId, method, certificate } = connection
  const { listener, address } = credentials
  return { listener: listener.name, address, userId, username, clientId, method, certificate }
}
