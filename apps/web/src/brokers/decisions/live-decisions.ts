/** The last decisions, kept live: only decisions newer than the known ones are requested. */
import { broker, type Decision } from '@gatehouse/contract/brokers/broker'
import { queryOptions } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import type { DecisionsSearch } from '../search.ts'

/** As many as the broker keeps. */
export const maxDecisions = 1_000

export function decisionsQuery({ search, outcome, listener, from }: DecisionsSearch) {
  const filters = { search, 'outcome[eq]': outcome, 'listener[eq]': listener, 'at[gte]': from }
  return queryOptions<Decision[]>({
    queryKey: [broker.decisions.id, filters],
    queryFn: async ({ client, queryKey, signal }) => {
      const known = client.getQueryData<Decision[]>(queryKey)
      const newest = known?.[0]
      if (newest) {
        const after = String(newest.id - 1)
        const { items } = await call(broker.decisions, { search: { ...filters, after }, signal })
        const continued = continuation(known, items)
        if (continued) return continued
      }
      return (await call(broker.decisions, { search: filters, signal })).items
    },
  })
}

/**
 * What is known with what came since, the newest first. The answer must end with the newest that is known: after a restart
 * it is gone, and then, null, all has to be asked for again.
 */
export function continuation(known: readonly Decision[], since: readonly Decision[]): Decision[] | null {
  const [newest] = known
  const last = since.at(-1)
  if (!newest || !last || last.id !== newest.id || last.at !== newest.at) return null
  const added = since.slice(0, -1)
  const kept = added.length === 0 ? known : known.filter((decision) => !added.some((each) => movesUp(each, decision)))
  return [...added, ...kept].slice(0, maxDecisions)
}

// A port scan is one line that moves up: the broker keeps only the last of each address, and so do we.
function movesUp(newer: Decision, older: Decision): boolean {
  const isNoise = newer.reason === 'handshake_failed' || newer.reason === 'too_many_connections'
  return isNoise && newer.reason === older.reason && newer.address === older.address
}
