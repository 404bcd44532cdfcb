/** The MQTT sessions of clients, connected or stored. */
import * as z from 'zod/mini'
import { Id, Time } from '../base.ts'
import { SearchText } from '../paging.ts'
import { defineRoutes } from '../route.ts'

/** The most entries of one answer. */
export const maxListedSessions = 1_000

export const MqttSession = z.object({
  clientId: z.string(),
  /** The user to whom the client id belongs. */
  userId: Id,
  username: z.string(),
  connected: z.boolean(),
  /** When it ends if the client does not come back; null while it is connected. */
  expiresAt: z.nullable(Time),
  subscriptions: z.number(),
  /** Messages that wait for the client, or that it has not acknowledged. */
  queued: z.number(),
  queuedBytes: z.number(),
})
export type MqttSession = z.output<typeof MqttSession>

export const mqttSessions = defineRoutes('mqttSessions', {
  list: {
    method: 'GET',
    path: '/broker/sessions',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The sessions of the broker by client id or username; at most 1,000',
    search: z.strictObject({ search: z.optional(SearchText) }),
    compressed: true,
    answer: z.object({ items: z.array(MqttSession), total: z.number() }),
    errors: ['unavailable'],
  },
  remove: {
    method: 'DELETE',
    path: '/broker/sessions',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Delete a session; its connection ends, and its client id is free',
    // Not in the path: a client id may contain any character.
    search: z.strictObject({ clientId: z.string().check(z.minLength(1), z.maxLength(256)) }),
    answer: null,
    errors: ['not_found', 'above_caller', 'unavailable'],
  },
})
