import { filtersOf } from './aedes-inside.ts'
import type { Connection } from './connection.ts'
import type { StoredSessions } from './stored-sessions.ts'

/** All filters that the client has subscribed to, in this connection or in its stored session. */
export function allFiltersOf(sessions: StoredSessions, { client, clientId }: Connection): string[] {
  return [...new Set([...filtersOf(client), ...sessions.filtersOf(clientId)])]
}
