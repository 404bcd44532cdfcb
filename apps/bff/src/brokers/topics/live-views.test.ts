/** Live views from the engine's messages to what each reader gets. */
import { maxViewsPerUser } from '@gatehouse/contract/brokers/topics'
import { Engine } from '@gatehouse/mqtt/engine'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../platform/base/clock.ts'
import { LiveViews } from './live-views.ts'
import { NameRoom, Reading, ShownTopics } from './shown-topics.ts'
import { TopicViews } from './topic-views.ts'

const rights = {
  mqttPermissions: [{ context: 'mqtt', operation: 'readWrite', resource: '#' }],
  mqttPublishPrefix: null,
} as const

async function start() {
  const engine = await Engine.start({
    policy: {
      connect: async () => ({ refused: 'nobody' }),
      publish: (_, { topic }) => ({ topic }),
      subscribe: (_, { qos }) => ({ qos }),
      deliver: () => true,
      restore: async () => [],
      reasonFor: () => ({ code: 0x87 }),
    },
  })
  onTestFinished(() => engine.stop())
  const topicViews = new TopicViews({
    engine,
    clock: systemClock,
    report: (error) => {
      throw error
    },
  })
  const counts = { opened: 0, asked: 0 }
  const calls = {
    openTopicView: async (request: Parameters<TopicViews['open']>[0]) => {
      counts.opened++
      return topicViews.open(request)
    },
    topicChanges: async (viewId: number) => {
      counts.asked++
      return topicViews.changes(viewId)
    },
    closeTopicView: async (viewId: number) => topicViews.close(viewId),
  }
  const publish = (topic: string, payload: string) =>
    engine.publish({ topic, payload: Buffer.from(payload), qos: 0, retain: false, user: 'ann' })
  return { topicViews, counts, views: new LiveViews(calls), publish }
}

it('gives each reader every changed topic once, with one question to the broker for all of them', async () => {
  const { counts, views, publish, topicViews } = await start()
  const one = await views.join({ filter: 'a/#', rights })
  const other = await views.join({ filter: 'a/#', rights })
  await publish('a/1', 'first')
  await publish('a/1', 'last')
  await publish('a/2', '\u0000')
  await publish('b', 'x')
  const expected = [
    { topic: 'a/1', messages: 2, bytes: 4, retained: false, preview: 'last' },
    { topic: 'a/2', messages: 1, bytes: 1, retained: false, preview: null },
  ]
  expect((await one.next()).topics).toMatchObject(expected)
  expect((await other.next()).topics).toMatchObject(expected)
  expect(counts).toEqual({ opened: 1, asked: 1 })
  await publish('a/2', 'now text')
  // The readers share an answer for half a second.
  await expect
    .poll(async () => (await other.next()).topics)
    .toMatchObject([{ topic: 'a/2', messages: 2, preview: 'now text' }])
  await one.leave()
  expect(topicViews.used.views).toBe(1)
  await other.leave()
  expect(topicViews.used).toMatchObject({ views: 0, topics: 0, bytes: 0 })
})

it('opens another view for other rights or another filter', async () => {
  const { counts, views } = await start()
  await views.join({ filter: 'a/#', rights })
  await views.join({ filter: 'b/#', rights })
  await views.join({ filter: 'a/#', rights: { ...rights, mqttPublishPrefix: 'a/' } })
  expect(counts.opened).toBe(3)
  const none = { mqttPermissions: [], mqttPublishPrefix: null }
  await expect(views.join({ filter: 'a/#', rights: none })).rejects.toMatchObject({ code: 'not_permitted' })
})

it('counts the readers of a user', async () => {
  const { views } = await start()
  const releases = Array.from({ length: maxViewsPerUser }, () => views.admit('ann'))
  expect(() => views.admit('ann')).toThrow(expect.objectContaining({ code: 'too_many_views' }))
  views.admit('bob')
  releases[0]?.()
  views.admit('ann')
})

it('shows no further topic when the names of all views have used up their memory', async () => {
  const { topicViews, publish } = await start()
  const opened = topicViews.open({ filter: '#', rights })
  if ('refused' in opened) throw new Error('refused')
  const room = new NameRoom(100)
  const shown = new ShownTopics(room)
  const reading = new Reading(shown)
  await publish('a', 'x')
  await publish('b'.repeat(60), 'x')
  await publish('c', 'x')
  const changes = topicViews.changes(opened.viewId)
  if ('refused' in changes) throw new Error('refused')
  shown.apply(changes)
  expect(reading.take().map(({ topic }) => topic)).toEqual(['a', 'c'])
  expect(shown.isMore).toBe(true)
  shown.forget()
  expect(room.take(100)).toBe(true)
})
