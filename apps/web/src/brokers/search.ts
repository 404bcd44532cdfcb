import { Time } from '@gatehouse/contract/base'
import { broker, Decision, refusalReasons } from '@gatehouse/contract/brokers/broker'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { SearchText } from '@gatehouse/contract/paging'
import * as z from 'zod/mini'
import { parameter } from '../ui/list-parameters.ts'

/** The URLs of the pages. */
export const ConnectionsSearch = z.object({
  search: parameter(broker.connections.search.shape.search),
  expires: parameter(broker.connections.search.shape['expires[eq]']),
  listener: parameter(Decision.shape.listener),
  protocol: parameter(broker.connections.search.shape['protocol[eq]']),
  /** The connection whose certificate is to be revoked. */
  revoke: parameter(z.string()),
})
export type ConnectionsSearch = z.output<typeof ConnectionsSearch>

export const MqttSessionsSearch = z.object({ search: parameter(mqttSessions.list.search.shape.search) })
export type MqttSessionsSearch = z.output<typeof MqttSessionsSearch>

export const RetainedSearch = z.object({
  filter: parameter(retained.clear.search.shape.filter),
  /** The topic whose message is open. */
  topic: parameter(retained.view.search.shape.topic),
})
export type RetainedSearch = z.output<typeof RetainedSearch>

export const TopicsSearch = z.object({
  filter: parameter(topics.watch.search.shape.filter),
  /** The topic whose last message is shown. */
  topic: parameter(topics.view.search.shape.topic),
})
export type TopicsSearch = z.output<typeof TopicsSearch>

export const DecisionsSearch = z.object({
  search: parameter(broker.decisions.search.shape.search),
  outcome: parameter(Decision.shape.outcome),
  listener: parameter(Decision.shape.listener),
  /** From this moment on. */
  from: parameter(Time),
})
export type DecisionsSearch = z.output<typeof DecisionsSearch>

export const HistorySearch = z.object({
  search: parameter(SearchText),
  outcome: parameter(Decision.shape.outcome),
  reason: parameter(z.enum(refusalReasons)),
  listener: parameter(Decision.shape.listener),
  /** The username that the decisions are about. */
  user: parameter(SearchText),
  address: parameter(SearchText),
  from: parameter(Time),
  until: parameter(Time),
  cursor: parameter(z.string()),
})
export type HistorySearch = z.output<typeof HistorySearch>
