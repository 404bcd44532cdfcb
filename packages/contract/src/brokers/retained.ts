/** Retained messages on the broker. */
import * as z from 'zod/mini'
import { isTopic, isTopicFilter } from '../access/topic.ts'
import { Id, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { Payload } from './payload.ts'

/** The most entries of one answer, and the most messages that one call deletes. */
export const maxListedRetained = 1_000
export const maxClearedRetained = 10_000

const Filter = z.string().check(z.refine(isTopicFilter, 'topic_filter'))

/** A retained message, without its payload. */
export const RetainedMessage = z.object({
  topic: z.string(),
  /** Of the payload. */
  bytes: z.number(),
  /** Who published it. The name is null if the user was deleted. */
  userId: Id,
  username: z.nullable(z.string()),
  /** When it was published. Null if an earlier version stored it. */
  publishedAt: z.nullable(Time),
  /** When it expires by itself. */
  expiresAt: z.nullable(Time),
})
export type RetainedMessage = z.output<typeof RetainedMessage>

export const retained = defineRoutes('retained', {
  list: {
    method: 'GET',
    path: '/broker/retained',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The retained messages that match a topic filter; at most 1,000',
    search: z.strictObject({ filter: z._default(Filter, '#') }),
    compressed: true,
    answer: z.object({
      items: z.array(RetainedMessage),
      /** There are more that match. */
      isMore: z.boolean(),
      /** Of all topics, also those that do not match. */
      messages: z.number(),
      /** What all of them take up, as it is counted against the bound. */
      bytesInAll: z.number(),
    }),
    errors: ['unavailable'],
  },
  view: {
    method: 'GET',
    path: '/broker/retained/message',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The retained message of a topic, with its payload',
    description: 'Needs the MQTT permission of the caller to read the topic.',
    search: z.strictObject({ topic: z.string().check(z.refine(isTopic, 'topic_filter')) }),
    answer: z.object({ message: RetainedMessage, qos: z.number(), payload: Payload }),
    errors: ['not_found', 'unavailable'],
  },
  clear: {
    method: 'DELETE',
    path: '/broker/retained',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Delete the retained messages that match a topic filter; at most 10,000 at once',
    description: 'Needs the MQTT permission of the caller to write the whole filter.',
    recent: true,
    search: z.strictObject({ filter: Filter }),
    answer: z.object({ cleared: z.number(), isMore: z.boolean() }),
    errors: ['unavailable'],
  },
})
