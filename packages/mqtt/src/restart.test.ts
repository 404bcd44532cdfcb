/** What survives a restart of the engine. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { EngineOptions } from './engine.ts'
import { openLogStore } from './log-store.ts'
import type { Store } from './store.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, RawClient, startWorld, subscribe, type World } from './testing/world.ts'

describe('with the log', () => {
  let folder: string
  let world: World
  const open = (): Promise<Store> => openLogStore(joinPath(folder, 'broker.log'))

  beforeEach(async () => {
    folder = mkdtempSync(joinPath(tmpdir(), 'mqtt-'))
    await start()
  })
  afterEach(async () => {
    await world.stop()
    rmSync(folder, { recursive: true })
  })

  async function start(options: Partial<EngineOptions> = {}): Promise<void> {
    world = await startWorld({ store: await open(), ...options })
  }

  async function restart(options: Partial<EngineOptions> = {}): Promise<void> {
    await world.stop()
    await start(options)
  }

  async function countRecords(): Promise<number> {
    const store = await open()
    let count = 0
    for await (const _record of store.load()) count++
    await store.close()
    return count
  }

  const durable = { version: 5, clientId: 'c', clean: false, properties: [raw.property.uint32(0x11, 1000)] }

  test('keeps sessions with their subscriptions and all options', async () => {
    const client = await join(world, durable)
    const options = { version: 5, properties: [raw.property.integer(0x0b, 7)] }
    await subscribe(
      client,
      [
        ['a/#', 0x0e],
        ['$share/g/b', 1],
      ],
      options,
    )
    await restart()
    const again = await join(world, durable)
    expect(again.of('connack')[0]?.sessionPresent).toBe(true)
    again.send(raw.publish({ version: 5, topic: 'a/x' }), raw.publish({ version: 5, topic: 'b', payload: 'shared' }))
    expect(await again.next('publish')).toMatchObject({ payload: 'shared' })
    const other = await join(world, { version: 5 })
    other.send(raw.publish({ version: 5, topic: 'a/x', qos: 2, retain: true }))
    expect(await again.next('publish', 2)).toMatchObject({ qos: 2, retain: true, properties: Buffer.from([0x0b, 7]) })
  })

  test('keeps queued and unacknowledged messages with identifiers, properties and order', async () => {
    const client = await join(world, { ...durable, properties: [...durable.properties, raw.property.uint16(0x21, 2)] })
    await subscribe(client, [['t', 2]], { version: 5 })
    for (let i = 1; i <= 4; i++) {
      const properties = [raw.property.user('n', String(i))]
      client.send(raw.publish({ version: 5, topic: 't', qos: i === 2 ? 2 : 1, id: i, payload: String(i), properties }))
    }
    await client.next('publish', 2)
    await client.next('puback', 3)
    await restart()
    const again = await join(world, durable)
    await again.next('publish', 4)
    const seen = again.of('publish')
    expect(seen.map(({ payload }) => payload).toSorted()).toEqual(['1', '2', '3', '4'])
    const sentBefore = new Map(client.of('publish').map(({ payload, packetId }) => [payload, packetId]))
    for (const { payload, packetId, dup } of seen.filter((each) => sentBefore.has(each.payload))) {
      expect({ packetId, dup }).toEqual({ packetId: sentBefore.get(payload), dup: true })
    }
    expect(seen.find(({ payload }) => payload === '3')?.properties).toEqual(raw.property.user('n', '3'))
  })

  test('keeps the state of QoS 2 in both directions', async () => {
    const client = await join(world, durable)
    await subscribe(client, [['t', 2]], { version: 5 })
    client.send(raw.publish({ version: 5, topic: 't', qos: 2, id: 5 }))
    await client.next('pubrec')
    const { packetId } = await client.next('publish')
    client.send(raw.pubrec(packetId))
    await client.next('pubrel')
    await restart()
    const again = await join(world, durable)
    expect((await again.next('pubrel')).packetId).toBe(packetId)
    again.send(raw.publish({ version: 5, topic: 't', qos: 2, id: 5, dup: true }), raw.pubrel(5), raw.pubcomp(packetId))
    await again.next('pubrec')
    expect((await again.next('pubcomp')).code).toBe(0)
    await again.settled()
    expect(again.of('publish')).toHaveLength(0)
  })

  test('keeps retained messages with properties and expiry', async () => {
    const client = await join(world, { version: 5 })
    const properties = [raw.property.uint32(2, 100), raw.property.text(3, 'json')]
    client.send(raw.publish({ version: 5, topic: 'r', retain: true, qos: 1, properties }))
    client.send(raw.publish({ version: 5, topic: 's', retain: true, qos: 1, id: 2 }))
    client.send(raw.publish({ version: 5, topic: 's', retain: true, qos: 1, id: 3, payload: '' }))
    await client.next('puback', 3)
    await restart()
    const reader = await join(world, { version: 5 })
    await subscribe(reader, [['#', 0]], { version: 5 })
    const message = await reader.next('publish')
    expect(message.properties.includes(raw.property.text(3, 'json'))).toBe(true)
    expect(message.properties.readUInt32BE(1)).toBeLessThanOrEqual(100)
    expect(world.engine.retained.count).toBe(1)
    world.advance(101)
    expect(world.engine.retained.count).toBe(0)
  })

  test('publishes after the restart the will of a client that was connected', async () => {
    await join(world, { version: 5, clientId: 'short', will: { topic: 'w', payload: 'at once', qos: 1, retain: true } })
    const delayed = { topic: 'w2', payload: 'later', retain: true, properties: [raw.property.uint32(0x18, 50)] }
    await join(world, { ...durable, will: delayed })
    await restart()
    const reader = await join(world)
    await subscribe(reader, [['#', 0]])
    expect(await reader.next('publish')).toMatchObject({ topic: 'w', payload: 'at once' })
    world.advance(51)
    expect(await reader.next('publish', 2)).toMatchObject({ topic: 'w2', payload: 'later' })
  })

  test('lets the time of sessions and messages run on while the engine is stopped', async () => {
    const client = await join(world, durable)
    await subscribe(client, [['t', 1]], { version: 5 })
    await client.cut()
    await expect.poll(() => [...world.engine.connections()].length).toBe(0)
    await restart({ now: () => Date.now() + 1_001_000 })
    expect((await join(world, durable)).of('connack')[0]?.sessionPresent).toBe(false)
  })

  test('deletes stored sessions that the policy refuses, before anybody connects', async () => {
    const client = await join(world, { ...durable, username: 'gone', will: { topic: 'w', retain: true } })
    await subscribe(client, [['t', 1]], { version: 5 })
    client.send(raw.publish({ version: 5, topic: 't', qos: 1 }))
    await client.next('publish')
    await client.next('puback')
    await restart({
      policy: {
        ...openPolicy,
        restore: async (stored) => stored.map(({ user }) => ({ refused: `${user} is disabled` })),
      },
    })
    expect([...world.engine.sessions()]).toEqual([])
    expect(world.engine.retained.count).toBe(0)
    await world.stop()
    expect(await countRecords()).toBe(0)
    await start()
  })

  test('judges the subscriptions of a stored session again when it is taken up', async () => {
    await subscribe(
      await join(world, durable),
      [
        ['a', 1],
        ['b', 1],
      ],
      { version: 5 },
    )
    const policy: EngineOptions['policy'] = {
      ...openPolicy,
      subscribe: (_, { filter, qos }) => (filter === 'a' ? { refused: 'no' } : { qos }),
    }
    await restart({ policy })
    const again = await join(world, durable)
    again.send(raw.publish({ version: 5, topic: 'a' }), raw.publish({ version: 5, topic: 'b' }))
    expect((await again.next('publish')).topic).toBe('b')
    expect(world.refusals).toMatchObject([{ what: 'subscribe', reason: 'no', topic: 'a' }])
  })

  test('leaves nothing in the file when everything has ended', async () => {
    const client = await join(world, { ...durable, will: { topic: 'w' } })
    await subscribe(client, [['t', 2]], { version: 5 })
    client.acknowledges = true
    for (let i = 1; i <= 20; i++)
      client.send(raw.publish({ version: 5, topic: 't', qos: 1 + (i % 2), id: i, retain: true }))
    client.send(raw.publish({ version: 5, topic: 't', payload: '', retain: true }))
    await client.next('pubrec', 10)
    for (let i = 1; i <= 19; i += 2) client.send(raw.pubrel(i))
    await client.next('pubcomp', 10)
    await client.until(() => ([...world.engine.sessions()][0]?.queued.count === 0 ? true : undefined))
    client.send(raw.disconnect(0, raw.property.uint32(0x11, 0)))
    await client.closed()
    await world.stop()
    expect(await countRecords()).toBe(0)
    await start()
  })

  test('acknowledges nothing while the store fails, and everything when it works again', async () => {
    await world.stop()
    const store = await open()
    let isBroken = false
    const failures: unknown[] = []
    const breakable = {
      load: () => store.load(),
      close: () => store.close(),
      commit: async (batch: Parameters<typeof store.commit>[0]) => {
        if (isBroken) throw new Error('the disk is full')
        await store.commit(batch)
      },
    }
    world = await startWorld({ store: breakable, events: { storeFailed: (error) => failures.push(error) } })
    const client = await join(world, durable)
    await subscribe(client, [['t', 1]], { version: 5 })
    isBroken = true
    client.send(raw.publish({ version: 5, topic: 't', qos: 1, id: 1 }))
    await client.next('publish')
    await expect.poll(() => failures.length).toBeGreaterThan(0)
    expect(client.of('puback')).toHaveLength(0)
    isBroken = false
    await client.next('puback')
    await restart()
    expect(await (await join(world, durable)).next('publish')).toMatchObject({ dup: true })
  })

  test('a client that is refused writes nothing', async () => {
    const client = new RawClient(world.port, 5)
    client.send(raw.connect({ ...durable, properties: [...durable.properties, raw.property.text(0x15, 'x')] }))
    await client.closed()
    await world.stop()
    expect(await countRecords()).toBe(0)
    await start()
  })
})

test('stops although the store fails for ever or does not answer', async () => {
  const durable = { version: 5, clientId: 'c', clean: false, properties: [raw.property.uint32(0x11, 1000)] }
  for (const commit of [
    () => Promise.reject(new Error('the disk is full')),
    () => new Promise<never>(() => undefined),
  ]) {
    const failures: unknown[] = []
    const store: Store = { load: async function* () {}, commit, close: async () => undefined }
    const events = { storeFailed: (error: unknown) => failures.push(error) }
    const world = await startWorld({ store, stopTimeoutMs: 50, events })
    new RawClient(world.port, 5).send(raw.connect(durable))
    await expect.poll(() => [...world.engine.sessions()].length).toBe(1)
    await world.stop()
    expect(failures.length).toBeGreaterThan(0)
  }
})
