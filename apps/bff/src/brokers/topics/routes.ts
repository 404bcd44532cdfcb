import { maxPublishedBytes, type topics } from '@gatehouse/contract/brokers/topics'
import type { Parsed } from '@gatehouse/contract/route'
import { requireStillHeld } from '../../identity/users/limits.ts'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import type { Clock } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Bindings } from '../../platform/http/handle.ts'
import { actorOf, type By } from '../../platform/http/request.ts'
import { confirmed } from '../connections/routes.ts'
import type { Broker } from '../embedded/start-broker.ts'
import { watchTopics } from './live.ts'
import { LiveViews } from './live-views.ts'
import { requireClear, requireDelivery, requirePublish, topicPermissionsOf } from './rights.ts'

export interface TopicsContext {
  db: Db
  reader: Db
  clock: Clock
  broker: Broker
}

export function topicRoutes(context: TopicsContext): Bindings<typeof topics> {
  const { broker, reader } = context
  const views = new LiveViews(broker)
  return {
    watch: ({ search, ...by }) => watchTopics({ ...context, views }, search.filter, by),
    view: async ({ search: { topic, whole }, caller }) => {
      requireDelivery(await topicPermissionsOf(reader, caller), topic)
      const { found } = confirmed(await broker.topicMessage(topic, { isWhole: whole === 'true' }))
      if (!found) throw new Problem('not_found')
      return found
    },
    publish: ({ body, ...by }) => publish(context, body, by),
    clear: ({ search, ...by }) => clear(context, search.topic, by),
  }
}

type Given = Parsed<(typeof topics)['publish']>['body']

export async function publish(context: TopicsContext, { topic: given, ...message }: Given, by: By) {
  const topic = requirePublish(await topicPermissionsOf(context.reader, by.caller), given)
  const { qos, retain } = message
  const payload = Buffer.from(message.payload, message.encoding === 'base64' ? 'base64' : 'utf8')
  if (payload.length > maxPublishedBytes) throw new Problem('too_large')
  await record(context, by, { action: 'message.published', topic, after: { bytes: payload.length, qos, retain } })
  const { userId } = by.caller
  const { isKept, hasSubscribers } = confirmed(
    await context.broker.publishMessage({ topic, payload, qos, retain, userId }),
  )
  return { topic, retained: retain && isKept, hasSubscribers }
}

export async function clear(context: TopicsContext, topic: string, by: By): Promise<undefined> {
  const { broker, reader } = context
  requireClear(await topicPermissionsOf(reader, by.caller), topic)
  const { found } = confirmed(await broker.topicMessage(topic, { isWhole: false }))
  if (!found?.retained) throw new Problem('not_found')
  await record(context, by, { action: 'message.cleared', topic, before: { bytes: found.payload.bytes } })
  const empty = { topic, payload: Buffer.alloc(0), qos: 0, retain: true, userId: by.caller.userId } as const
  confirmed(await broker.publishMessage(empty))
}

interface Published {
  action: 'message.published' | 'message.cleared'
  topic: string
  before?: { bytes: number }
  after?: { bytes: number; qos: number; retain: boolean }
}

/** Recorded before it happens: a message cannot be taken back, and must not be missing from the audit because the disk is full. */
async function record({ db, clock }: TopicsContext, { caller, request }: By, { topic, ...event }: Published) {
  const actor = actorOf(caller, request)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    await recordEvent(trx, clock, { ...event, actor, target: auditTarget.topic(topic) })
  })
}
