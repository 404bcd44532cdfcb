import { brokers } from '@gatehouse/contract/brokers/brokers'
import * as z from 'zod/mini'
import { queryFor } from '../../api/queries.ts'
import { parameter } from '../../ui/list-parameters.ts'

/** The URL of the list: whether the dialog for a new broker is open. */
export const BrokersSearch = z.object({ create: parameter(z.string()) })
export type BrokersSearch = z.output<typeof BrokersSearch>

/** The URL of the page of a broker: whether its settings are open. */
export const BrokerSearch = z.object({ edit: parameter(z.string()) })

export const brokersQuery = queryFor(brokers.list, {})

export function brokerOfIdQuery(id: string) {
  return queryFor(brokers.view, { params: { id } })
}
