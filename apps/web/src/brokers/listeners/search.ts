import { Id } from '@gatehouse/contract/base'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the page: which dialog is open. */
export const ListenersSearch = z.object({ create: parameter(z.string()), edit: parameter(Id) })
export type ListenersSearch = z.output<typeof ListenersSearch>

export const listenersQuery = queryFor(listeners.list, { search: {} })

/** The listener whose dialog the URL opens. */
export function listenerQuery(id: string) {
  return queryFor(listeners.view, { params: { id } })
}
