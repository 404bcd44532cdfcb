import { Time } from '@gatehouse/contract/base'
import { broker, Decision } from '@gatehouse/contract/brokers/broker'
import * as z from 'zod/mini'
import { parameter } from '../ui/list-parameters.ts'

/** The URLs of the two pages. */
export const ConnectionsSearch = z.object({
  search: parameter(broker.connections.search.shape.search),
  expires: parameter(broker.connections.search.shape['expires[eq]']),
  /** The connection whose certificate is to be revoked. */
  revoke: parameter(z.string()),
})
export type ConnectionsSearch = z.output<typeof ConnectionsSearch>

export const DecisionsSearch = z.object({
  search: parameter(broker.decisions.search.shape.search),
  outcome: parameter(Decision.shape.outcome),
  /** From this moment on. */
  from: parameter(Time),
})
export type DecisionsSearch = z.output<typeof DecisionsSearch>
