import * as fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { Core } from './core.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { Message } from './message.ts'
import { matchesFilter } from './testing/matches-filter.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World | undefined
afterEach(async () => {
  await world?.stop()
  world = undefined
})

function coreWith(limits: Partial<Limits> = {}): Core {
  return new Core({
    policy: openPolicy,
    events: {},
    store: undefined,
    now: () => 1000,
    limits: { ...defaultLimits, ...limits },
  })
}

function message(topic: string, user = 'ann', payload = 'x'): Message {
  const bytes = Buffer.from(payload)
  return { topic, payload: bytes, qos: 0, retain: true, forwarded: undefined, expiresAt: 0, user, memory: 'borrowed' }
}

test('finds what a plain comparison of topic and filter finds', () => {
  const level = fc.constantFrom('a', 'b', '', '$s')
  const topic = fc
    .array(level, { minLength: 1, maxLength: 4 })
    .map((levels) => levels.join('/'))
    .filter((each) => each !== '')
  const filter = fc
    .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, isOpen]) => [...levels, ...(isOpen ? ['#'] : [])].join('/'))
  fc.assert(
    fc.property(fc.uniqueArray(topic, { maxLength: 20 }), fc.oneof(filter, fc.constant('#')), (topics, given) => {
      const { retained } = coreWith()
      for (const each of topics) retained.set(message(each))
      const found = [...retained.matching(given)].flatMap((each) => (each ? [each.topic] : []))
      expect(found.toSorted()).toEqual(topics.filter((each) => matchesFilter(given, each)).toSorted())
    }),
  )
})

test('keeps the old message when a new one finds no room, and refuses the newcomer', () => {
  const bound = { count: 2, bytes: 1_000_000 }
  const { retained } = coreWith({ retained: { perUser: { count: 1, bytes: 1_000_000 }, total: bound } })
  expect(retained.set(message('a', 'ann', 'old'))).toBe(true)
  expect(retained.set(message('b', 'bob'))).toBe(true)
  expect(retained.set(message('c', 'cy'))).toBe(false)
  expect(retained.set(message('a', 'bob', 'new'))).toBe(false)
  expect(String(retained.get('a')?.payload)).toBe('old')
  expect(retained.set(message('a', 'ann', 'new'))).toBe(true)
  expect(retained.used.count).toBe(2)
  retained.delete('a')
  expect(retained.set(message('c', 'cy'))).toBe(true)
})

test('keeps nothing of a message that found no room or was deleted', () => {
  const { retained } = coreWith({ retained: { perUser: { count: 1, bytes: 1000 }, total: { count: 9, bytes: 9000 } } })
  retained.set(message('a/b'))
  const visited = [...retained.matching('#')].length
  expect(retained.set(message('c/d/e'))).toBe(false)
  expect([...retained.matching('#')]).toHaveLength(visited)
  retained.delete('a/b')
  expect([...retained.matching('#')]).toHaveLength(0)
})

test('weighs the levels of long topics, which cost memory in the tree', () => {
  const bound = { count: 1000, bytes: 100_000 }
  const { retained } = coreWith({ retained: { perUser: bound, total: bound } })
  let kept = 0
  while (retained.set(message(`${kept}/${'a/'.repeat(100)}`))) kept++
  // About 230 bytes of memory for each level.
  expect(kept).toBeLessThan(100_000 / (100 * 190))
  retained.delete(`0/${'a/'.repeat(100)}`)
  expect(retained.set(message(`x/${'a/'.repeat(100)}`))).toBe(true)
})

test('copies what it keeps: a small payload pins no large buffer', () => {
  const { retained } = coreWith()
  const chunk = Buffer.alloc(65_536, 'y')
  const given = { ...message('a'), payload: chunk.subarray(0, 1) }
  retained.set(given)
  expect(retained.get('a')?.payload.buffer.byteLength).toBe(1)
})

test('sends retained messages by retain handling, not to shared subscriptions, and with the flag', async () => {
  world = await startWorld()
  const client = await join(world, { version: 5 })
  client.send(raw.publish({ version: 5, topic: 'r', retain: true, qos: 1, payload: 'kept' }))
  await client.next('puback')
  await subscribe(client, [['$share/g/r', 0]], { version: 5 })
  await subscribe(client, [['r', 0x20]], { version: 5 })
  await subscribe(client, [['r', 0x10]], { version: 5 })
  await client.settled()
  expect(client.of('publish')).toHaveLength(0)
  await subscribe(client, [['r', 0x00]], { version: 5 })
  expect(await client.next('publish')).toMatchObject({ payload: 'kept', retain: true })
  client.send(raw.unsubscribe(['r'], { version: 5 }))
  await subscribe(client, [['r', 0x10]], { version: 5 })
  await client.next('publish', 2)
})

test('deletes with an empty payload, and forgets after the expiry', async () => {
  world = await startWorld()
  const client = await join(world, { version: 5 })
  const properties = [raw.property.uint32(2, 10)]
  client.send(
    raw.publish({ version: 5, topic: 'a', retain: true }),
    raw.publish({ version: 5, topic: 'b', retain: true, properties }),
  )
  await client.settled()
  expect(world.engine.retained.count).toBe(2)
  client.send(raw.publish({ version: 5, topic: 'a', retain: true, payload: '' }))
  await client.settled()
  expect(world.engine.retained.count).toBe(1)
  world.advance(11)
  expect(world.engine.retained).toEqual({ count: 0, bytes: 0 })
})

test('delivers a retained message that finds no room, and tells its publisher', async () => {
  world = await startWorld({ limits: { retained: { perUser: { count: 0, bytes: 0 }, total: { count: 0, bytes: 0 } } } })
  const client = await join(world, { version: 5 })
  await subscribe(client, [['r', 0]], { version: 5 })
  client.send(raw.publish({ version: 5, topic: 'r', retain: true, qos: 1 }))
  const { code, properties } = await client.next('puback')
  expect(code).toBe(0)
  expect(String(properties)).toContain('not retained')
  await client.next('publish')
  expect(world.refusals).toMatchObject([{ what: 'publish', reason: 'retained_quota' }])
})

test.each([0, 1])('sends all of 20,000 retained messages with QoS %i to a reader that pauses', async (qos) => {
  world = await startWorld()
  const publisher = await join(world)
  const count = 20_000
  for (let i = 0; i < count; i++) {
    publisher.send(raw.publish({ topic: `r/${i}`, payload: 'a'.repeat(300), retain: true, qos, id: (i % 60_000) + 1 }))
  }
  await publisher.settled()
  await publisher.until(() => (world!.engine.retained.count === count ? true : undefined))
  const reader = new RawClient(world.port)
  reader.acknowledges = true
  reader.send(raw.connect({}), raw.subscribe([['r/#', qos]]))
  reader.socket.pause()
  await new Promise((resolve) => setTimeout(resolve, 300))
  reader.socket.resume()
  await reader.until(() => (reader.of('publish').length >= count ? true : undefined))
  expect(new Set(reader.of('publish').map((each) => each.topic)).size).toBe(count)
})

test('copies the retained messages of the embedder too', async () => {
  world = await startWorld()
  const payload = Buffer.from('x')
  await world.engine.publish({ topic: 't', payload, qos: 0, retain: true, user: 'ann' })
  expect(world.engine.retainedOn('t')?.payload.buffer.byteLength).toBe(1)
})
