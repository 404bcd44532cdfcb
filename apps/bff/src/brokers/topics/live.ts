/** The events of a live view. Session, permission and MQTT rights are checked again before each of them. */
import { setTimeout as wait } from 'node:timers/promises'
import type { TopicEvent } from '@gatehouse/contract/brokers/topics'
import { timestamp } from '../../platform/base/clock.ts'
import type { By } from '../../platform/http/request.ts'
import { answerEveryMs, type LiveViews, type Reader } from './live-views.ts'
import { requireSubscribe, topicPermissionsOf } from './rights.ts'
import type { TopicsContext } from './routes.ts'

type Context = TopicsContext & { views: LiveViews }

/** Opens a view. Rejects with `not_permitted` or `too_many_views`. */
export async function watchTopics(
  context: Context,
  filter: string,
  { caller, request }: By,
): Promise<AsyncIterable<TopicEvent>> {
  const rights = await topicPermissionsOf(context.reader, caller)
  requireSubscribe(rights, filter)
  const release = context.views.admit(caller.userId)
  try {
    const reader = await context.views.join({ filter, rights })
    const view = { filter, reader, release, key: JSON.stringify(rights), renewCaller: request.renewCaller }
    return eventsOf(context, view)
  } catch (error) {
    release()
    throw error
  }
}

interface OpenView {
  filter: string
  reader: Reader
  /** Of the rights that the reader joined with. */
  key: string
  release(): void
  renewCaller: By['request']['renewCaller']
}

async function* eventsOf(context: Context, view: OpenView): AsyncGenerator<TopicEvent> {
  try {
    for (;;) {
      const { topics, isMore } = await view.reader.next()
      yield { at: timestamp(context.clock), topics, isMore }
      await wait(answerEveryMs)
      await renewRights(context, view)
    }
  } finally {
    view.release()
    await view.reader.leave()
  }
}

/** Rights that have changed belong to another view. It shows all topics again. */
async function renewRights({ reader, views }: Context, view: OpenView): Promise<void> {
  const rights = await topicPermissionsOf(reader, await view.renewCaller())
  const key = JSON.stringify(rights)
  if (key === view.key) return
  requireSubscribe(rights, view.filter)
  const next = await views.join({ filter: view.filter, rights })
  await view.reader.leave()
  view.reader = next
  view.key = key
}
