/** The events of a live view. Session, permission and MQTT rights are checked again before each of them. */
import { setTimeout as wait } from 'node:timers/promises'
import type { TopicEvent } from '@gatehouse/contract/brokers/topics'
import type { TopicPermissions } from '../../access/decision/topics.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { By } from '../../platform/http/request.ts'
import { confirmed } from '../connections/routes.ts'
import { requireSubscribe, topicPermissionsOf } from './rights.ts'
import type { TopicsContext } from './routes.ts'

const everyMs = 500

/** Opens a view. Rejects with `not_permitted` or `too_many_views`. */
export async function watchTopics(
  context: TopicsContext,
  filter: string,
  { caller, request }: By,
): Promise<AsyncIterable<TopicEvent>> {
  const { broker, reader } = context
  const rights = await topicPermissionsOf(reader, caller)
  requireSubscribe(rights, filter)
  const opened = confirmed(await broker.openTopicView({ userId: caller.userId, filter, rights }))
  if ('refused' in opened) throw new Problem(opened.refused)
  return eventsOf(context, { viewId: opened.viewId, rights, renewCaller: request.renewCaller })
}

interface OpenView {
  viewId: number
  /** What the view was opened with. */
  rights: TopicPermissions
  renewCaller: By['request']['renewCaller']
}

async function* eventsOf(
  { broker, reader }: TopicsContext,
  { viewId, rights, renewCaller }: OpenView,
): AsyncGenerator<TopicEvent> {
  let known = JSON.stringify(rights)
  let changed: TopicPermissions | null = null
  try {
    for (;;) {
      const changes = confirmed(await broker.topicChanges(viewId, changed))
      if ('refused' in changes) throw new Problem(changes.refused === 'not_permitted' ? 'not_permitted' : 'unavailable')
      yield changes
      await wait(everyMs)
      const now = await topicPermissionsOf(reader, await renewCaller())
      const key = JSON.stringify(now)
      changed = key === known ? null : now
      known = key
    }
  } finally {
    await broker.closeTopicView(viewId)
  }
}
