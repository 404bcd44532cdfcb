import { broker, Decision } from '@gatehouse/contract/broker'
import * as z from 'zod/mini'
import { parameter } from '../table/list-parameters.ts'

/** The URLs of the two pages. */
export const ConnectionsSearch = z.object({
  search: parameter(broker.connections.search.shape.search),
})
export type ConnectionsSearch = z.output<typeof ConnectionsSearch>

export const DecisionsSearch = z.object({
  search: parameter(broker.decisions.search.shape.search),
  outcome: parameter(Decision.shape.outcome),
})
export type DecisionsSearch = z.output<typeof DecisionsSearch>
