/** Messages on the broker, live: what flows by topic, one message in full, and publishing. */
import * as z from 'zod/mini'
import { isTopic, isTopicFilter } from '../access/topic.ts'
import { Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { Payload } from './payload.ts'

/** The most topics of one live view. */
export const maxWatchedTopics = 2_000
/** Live views of one user at a time. */
export const maxViewsPerUser = 10
/** The most characters of a payload in the live view. */
export const previewLength = 96
/** What the broker keeps of the last payload of a topic that is watched. Retained messages are kept whole. */
export const keptPayloadBytes = 4_096
/** The largest payload that can be published here. */
export const maxPublishedBytes = 262_144

const Topic = z.string().check(z.refine(isTopic, 'topic'))
const Filter = z.string().check(z.refine(isTopicFilter, 'topic_filter'))
const QoS = z.union([z.literal(0), z.literal(1), z.literal(2)])

/** The state of a topic, as the live view shows it. */
export const WatchedTopic = z.object({
  topic: z.string(),
  /** Since somebody began to watch it; 0 for a retained message that is older. */
  messages: z.number(),
  /** Of the last payload. */
  bytes: z.number(),
  retained: z.boolean(),
  /** The beginning of the last payload as text; null if it is not valid UTF-8. */
  preview: z.nullable(z.string()),
  /** When the last message came; null for a retained message that is older than the view. */
  at: z.nullable(Time),
})
export type WatchedTopic = z.output<typeof WatchedTopic>

/** The topics that have changed since the last event. The first events also have the retained messages. */
export const TopicEvent = z.object({
  at: Time,
  topics: z.array(WatchedTopic),
  /** There are more topics than a view shows. */
  isMore: z.boolean(),
})
export type TopicEvent = z.output<typeof TopicEvent>

/** How a stream of events ends, if the server ends it: the data of an event `end`. */
export const StreamEnd = z.object({ code: z.string() })

export const TopicMessage = z.object({
  topic: z.string(),
  payload: Payload,
  /** Its whole payload can be read with `whole=true`. Other messages are not kept whole. */
  retained: z.boolean(),
  qos: QoS,
  at: z.nullable(Time),
})
export type TopicMessage = z.output<typeof TopicMessage>

export const NewMessage = z.strictObject({
  /** Without the publish prefix of the caller, which is put before it. */
  topic: Topic,
  payload: z.string().check(z.maxLength(Math.ceil((maxPublishedBytes * 4) / 3) + 4)),
  encoding: z._default(z.enum(['text', 'base64']), 'text'),
  qos: z._default(QoS, 0),
  retain: z._default(z.boolean(), false),
})

export const topics = defineRoutes('topics', {
  watch: {
    method: 'GET',
    path: '/broker/topics',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Watch the topics that match a filter, live; server-sent events',
    description:
      'Needs the MQTT permission of the caller to read the whole filter. About two events come in a second, each with the topics that have changed, at most 2,000 topics in all. An event `end` with a `code` comes before the server ends the stream: the session has ended, a permission was withdrawn, or the broker is not available.',
    search: z.strictObject({ filter: Filter }),
    events: true,
    answer: TopicEvent,
    errors: ['too_many_views', 'unavailable'],
  },
  view: {
    method: 'GET',
    path: '/broker/topics/message',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The last message of a topic; retained, or seen by a live view that is open',
    description: 'Needs the MQTT permission of the caller to read the topic.',
    search: z.strictObject({ topic: Topic, whole: z.optional(z.literal('true')) }),
    answer: TopicMessage,
    errors: ['not_found', 'unavailable'],
  },
  publish: {
    method: 'POST',
    path: '/broker/topics/message',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Publish a message',
    description:
      'Needs the MQTT permission of the caller to write the topic, with their publish prefix. The audit records topic, size, QoS and retain, not the payload.',
    body: NewMessage,
    maxBytes: 512 * 1_024,
    answer: z.object({
      /** With the publish prefix. */
      topic: z.string(),
      /** False: it should have been retained, and there was no room. */
      retained: z.boolean(),
      hasSubscribers: z.boolean(),
    }),
    errors: ['unavailable'],
  },
  clear: {
    method: 'DELETE',
    path: '/broker/topics/message',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Delete the retained message of a topic',
    description:
      'Needs the MQTT permission of the caller to write the topic, because it equals publishing an empty one.',
    search: z.strictObject({ topic: Topic }),
    answer: null,
    errors: ['not_found', 'unavailable'],
  },
})
