/** What one client can make the server keep or do, and what happens at each bound. */
import { afterEach, describe, expect, test } from 'vitest'
import type { EngineOptions } from './engine.ts'
import type { DropReason } from './events.ts'
import type { Policy } from './policy.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
const drops: DropReason[] = []
afterEach(async () => {
  drops.length = 0
  await world.stop()
})

async function start(limits: EngineOptions['limits'], options: Partial<EngineOptions> = {}): Promise<void> {
  const events = { dropped: (_: unknown, __: string, reason: DropReason) => drops.push(reason) }
  world = await startWorld({ limits: limits ?? {}, events, ...options })
}

const wide = { count: 1_000_000, bytes: 1_000_000_000 }

async function codeOfConnect(options: raw.ConnectOptions): Promise<number> {
  const client = new RawClient(world.port, options.version)
  return (await client.send(raw.connect(options)).next('connack')).code
}

describe('packets', () => {
  test('ends the connection when a packet is announced that is larger than the limit', async () => {
    await start({ packetBytes: 100 })
    const client = await join(world, { version: 5 })
    client.send(Buffer.from([0x30, 0xff, 0xff, 0x7f]))
    expect((await client.next('disconnect')).code).toBe(0x95)
  })

  test('accepts no large packet before CONNECT', async () => {
    await start({ connectPacketBytes: 100 })
    const client = new RawClient(world.port)
    client.send(Buffer.from([0x10, 100]))
    await client.closed()
    expect(client.received).toEqual([])
  })

  test('closes a connection without CONNECT', async () => {
    await start({ connectTimeoutMs: 5000 })
    const client = new RawClient(world.port)
    client.send(raw.connect().subarray(0, 10))
    await new Promise((resolve) => client.socket.once('ready', resolve))
    await expect.poll(() => (world.advance(6), client.isClosed)).toBe(true)
  })

  test('refuses 70,000 filters in one SUBSCRIBE', async () => {
    await start({})
    const client = await join(world, { version: 5 })
    client.send(
      raw.subscribe(
        Array.from({ length: 70_000 }, (_, i) => [`f/${i}`, 0]),
        { version: 5 },
      ),
    )
    expect((await client.next('disconnect')).code).toBe(0x97)
    expect([...world.engine.sessions()]).toHaveLength(0)
  })

  test('refuses topics and filters with too many levels', async () => {
    await start({ topicLevels: 3 })
    const client = await join(world, { version: 5 })
    expect(
      await subscribe(
        client,
        [
          ['a/b/c', 0],
          ['a/b/c/d', 0],
        ],
        { version: 5 },
      ),
    ).toEqual([0, 0x8f])
    client.send(raw.publish({ version: 5, topic: 'a/b/c/d', qos: 1 }))
    expect((await client.next('puback')).code).toBe(0x90)
    expect(await codeOfConnect({ version: 5, will: { topic: 'a/b/c/d' } })).toBe(0x90)
    expect(world.refusals.map((each) => each.reason)).toEqual(['topic_too_deep', 'topic_too_deep', 'topic_too_deep'])
  })
})

describe('sessions', () => {
  test('refuses subscriptions above the number and the weight of one session', async () => {
    await start({ subscriptionsPerSession: { count: 2, bytes: 3000 } })
    const client = await join(world, { version: 5 })
    expect(
      await subscribe(
        client,
        [
          ['a', 0],
          ['b', 0],
          ['c', 0],
          ['a', 1],
        ],
        { version: 5 },
      ),
    ).toEqual([0, 0, 0x97, 1])
    const other = await join(world, { version: 5 })
    expect(
      await subscribe(
        other,
        [
          ['x'.repeat(3000), 0],
          ['x/'.repeat(14), 0],
          ['y', 0],
        ],
        { version: 5 },
      ),
    ).toEqual([0x97, 0x97, 0])
  })

  test('refuses subscriptions above the bound of the user, and counts those that ended', async () => {
    await start({ subscriptions: { perUser: { count: 1, bytes: 1_000_000 }, total: wide } })
    const first = await join(world, { username: 'ann' })
    const second = await join(world, { username: 'ann' })
    expect(await subscribe(first, [['a', 0]])).toEqual([0])
    expect(await subscribe(second, [['a', 0]])).toEqual([0x80])
    first.send(raw.unsubscribe(['a']))
    await first.next('unsuback')
    expect(await subscribe(second, [['a', 0]])).toEqual([0])
    await second.cut()
    await expect.poll(() => [...world.engine.sessions()].length).toBe(1)
    expect(await subscribe(first, [['a', 0]])).toEqual([0])
  })

  test('refuses connections and sessions of a user above the bounds, and counts those that ended', async () => {
    await start({
      connections: { perUser: { count: 1, bytes: 0 }, total: wide },
      sessions: { perUser: { count: 2, bytes: 1_000 }, total: wide },
    })
    const first = await join(world, { version: 5, username: 'ann' })
    expect(await codeOfConnect({ version: 5, username: 'ann' })).toBe(0x97)
    await join(world, { version: 5, username: 'bob' })
    first.send(raw.disconnect())
    await first.closed()
    for (const clientId of ['a', 'b']) await (await join(world, { username: 'ann', clientId, clean: false })).cut()
    await expect.poll(() => [...world.engine.connections()].length).toBe(1)
    expect(await codeOfConnect({ version: 5, username: 'ann', clientId: 'c' })).toBe(0x97)
    expect(world.refusals.map((each) => each.reason)).toEqual(['too_many_connections', 'too_many_sessions'])
  })

  test('weighs sessions with their memos, also when one is replaced, and counts those that ended', async () => {
    const memos: Record<string, string> = { a: 'x'.repeat(600), b: 'x'.repeat(600), c: 'x' }
    const policy: Policy = {
      ...openPolicy,
      connect: async ({ clientId }) => ({ user: 'ann', data: undefined, memo: memos[clientId] ?? '' }),
    }
    await start({ sessions: { perUser: { count: 10, bytes: 1_000 }, total: wide } }, { policy })
    const lasting = { version: 5, clean: false, properties: [Buffer.concat([Buffer.from([0x11]), raw.uint32(100)])] }
    const connectAs = (clientId: string) => codeOfConnect({ ...lasting, clientId })
    expect(await connectAs('a')).toBe(0)
    expect(await connectAs('b')).toBe(0x97)
    memos['a'] = 'x'.repeat(2_000)
    expect(await connectAs('a')).toBe(0x97)
    memos['a'] = 'x'
    expect(await connectAs('a')).toBe(0)
    expect(await connectAs('b')).toBe(0)
    world.engine.dropSession('b')
    memos['c'] = 'x'.repeat(900)
    expect(await connectAs('c')).toBe(0)
  })

  test('refuses a user who connects too often', async () => {
    await start({ connectRate: { perSecond: 1, burst: 2 } })
    for (let i = 0; i < 2; i++) await join(world, { clientId: 'c' })
    expect(await codeOfConnect({ version: 5, clientId: 'c' })).toBe(0x9f)
    world.advance(1)
    await join(world, { clientId: 'c' })
  })
})

describe('messages', () => {
  test('keeps the first messages of a full queue and drops the newcomers', async () => {
    await start({ queuePerSession: { count: 2, bytes: 1_000_000 } })
    const options = { clientId: 'c', clean: false }
    const client = await join(world, options)
    await subscribe(client, [['t', 1]])
    await client.cut()
    await expect.poll(() => [...world.engine.connections()].length).toBe(0)
    const publisher = await join(world)
    for (let i = 1; i <= 4; i++) publisher.send(raw.publish({ topic: 't', qos: 1, id: i, payload: String(i) }))
    await publisher.next('puback', 4)
    const again = await join(world, options)
    await again.settled()
    expect(again.of('publish').map((each) => each.payload)).toEqual(['1', '2'])
    expect(drops).toEqual(['queue_full', 'queue_full'])
  })

  test('weighs the queues of a user together', async () => {
    await start({ queued: { perUser: { count: 100, bytes: 25_000 }, total: wide } })
    for (const clientId of ['a', 'b']) {
      const client = await join(world, { clientId, clean: false, username: 'ann' })
      await subscribe(client, [['t', 1]])
      await client.cut()
    }
    await expect.poll(() => [...world.engine.connections()].length).toBe(0)
    const publisher = await join(world, { username: 'bob' })
    for (let i = 1; i <= 2; i++) publisher.send(raw.publish({ topic: 't', qos: 1, id: i, payload: 'x'.repeat(10_000) }))
    await publisher.next('puback', 2)
    expect([...world.engine.sessions()].reduce((sum, { queued }) => sum + queued.count, 0)).toBe(2)
    expect(world.engine.dropSession('a')).toBe(true)
    publisher.send(raw.publish({ topic: 't', qos: 1, id: 3, payload: 'x'.repeat(10_000) }))
    await publisher.next('puback', 3)
    expect([...world.engine.sessions()].find(({ clientId }) => clientId === 'b')?.queued.count).toBe(2)
  })

  test('ends a connection that opens QoS 2 messages and does not release them', async () => {
    await start({ receiveMaximum: 3 })
    const client = await join(world, { version: 5 })
    for (let i = 1; i <= 4; i++) client.send(raw.publish({ version: 5, topic: 't', qos: 2, id: i }))
    expect((await client.next('disconnect')).code).toBe(0x93)
  })

  test('reads a client more slowly that publishes above its rate, and loses nothing', async () => {
    await start({ publishRate: { perSecond: 100, burst: 5 } })
    const client = await join(world)
    const startedAt = Date.now()
    await subscribe(client, [['t', 0]])
    for (let i = 0; i < 15; i++) client.send(raw.publish({ topic: 't', payload: String(i) }))
    await client.next('publish', 15)
    expect(client.of('publish').map((each) => each.payload)).toEqual(Array.from({ length: 15 }, (_, i) => String(i)))
    expect(Date.now() - startedAt).toBeGreaterThan(50)
  })

  test('drops QoS 0 messages for a client that does not read, and serves the others', async () => {
    await start({ outgoingBytes: 100_000 })
    const [stuck, reader, publisher] = [await join(world), await join(world), await join(world)]
    for (const client of [stuck, reader]) await subscribe(client, [['t', 0]])
    stuck.socket.pause()
    const count = 20_000
    for (let i = 0; i < count; i++) {
      publisher.send(raw.publish({ topic: 't', payload: 'x'.repeat(1000) }))
      if (i % 50 === 0) await publisher.settled()
    }
    await reader.until(() => (reader.of('publish').length === count ? true : undefined))
    expect(drops.length).toBeGreaterThan(1000)
    expect(new Set(drops)).toEqual(new Set(['slow_reader']))
  })

  test('stops reading from a client that does not read its answers', async () => {
    await start({ outgoingBytes: 10_000 })
    const client = await join(world)
    client.socket.pause()
    let isStopped = false
    for (let i = 0; i < 3000 && !isStopped; i++) {
      isStopped = !client.socket.write(Buffer.concat(Array.from({ length: 10_000 }, () => raw.pingreq)))
      if (isStopped)
        isStopped = !(await new Promise<boolean>((resolve) => {
          client.socket.once('drain', () => resolve(true))
          setTimeout(() => resolve(false), 500)
        }))
    }
    expect(isStopped).toBe(true)
    await join(world)
    world.advance(91)
    await expect.poll(() => [...world.engine.connections()].length).toBe(0)
  })
})

describe('a subscriber that reads slowly', () => {
  const burst = Array.from({ length: 400 }, () => raw.publish({ topic: 't', payload: 'x'.repeat(10_000) }))

  test('makes the publisher wait, so that no QoS 0 message of a burst is lost', async () => {
    await start({ publisherPatienceMs: 600_000 })
    const slow = await join(world)
    await subscribe(slow, [['t', 0]])
    slow.socket.pause()
    const publisher = await join(world)
    publisher.send(...burst, raw.pingreq)
    // The socket's buffers take some; the rest waits for the reader.
    await (await join(world)).settled()
    slow.socket.resume()
    await publisher.next('pingresp')
    await slow.next('publish', burst.length)
    expect(drops).toEqual([])
  })
})
