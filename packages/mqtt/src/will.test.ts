import { afterEach, expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import {
  RawClient as Client,
  join,
  openPolicy,
  type RawClient,
  startWorld,
  subscribe,
  type World,
} from './testing/world.ts'

let world: World
afterEach(() => world.stop())

async function watch(): Promise<RawClient> {
  const watcher = await join(world, { version: 5 })
  await subscribe(watcher, [['#', 1]], { version: 5 })
  return watcher
}

const delayed = (seconds: number): raw.ConnectOptions => ({
  version: 5,
  clientId: 'c',
  clean: false,
  properties: [raw.property.uint32(0x11, 100)],
  will: { topic: 'w', properties: [raw.property.uint32(0x18, seconds), raw.property.user('a', 'b')] },
})

test('publishes the will when the connection breaks, with its properties but not its delay', async () => {
  world = await startWorld()
  const watcher = await watch()
  const client = await join(world, {
    ...delayed(0),
    will: { topic: 'w', qos: 1, properties: [raw.property.user('a', 'b')] },
  })
  await client.cut()
  const { topic, payload, qos, properties } = await watcher.next('publish')
  expect({ topic, payload, qos }).toEqual({ topic: 'w', payload: 'will', qos: 1 })
  expect(properties).toEqual(raw.property.user('a', 'b'))
})

test('keeps the order of the user properties of a will', async () => {
  world = await startWorld()
  const watcher = await watch()
  const properties = ['b', 'a', 'b'].map((name, i) => raw.property.user(name, String(i)))
  await (await join(world, { version: 5, will: { topic: 'w', properties } })).cut()
  expect((await watcher.next('publish')).properties).toEqual(Buffer.concat(properties))
})

test('does not publish the will after DISCONNECT, but after DISCONNECT with reason code 4', async () => {
  world = await startWorld()
  const watcher = await watch()
  const options = { version: 5, will: { topic: 'w', payload: 'normal' } }
  const normal = await join(world, options)
  normal.send(raw.disconnect())
  await normal.closed()
  const withWill = await join(world, { ...options, will: { topic: 'w', payload: 'wanted' } })
  withWill.send(raw.disconnect(4))
  await watcher.next('publish')
  expect(watcher.of('publish').map((each) => each.payload)).toEqual(['wanted'])
})

test('publishes the will after a protocol error', async () => {
  world = await startWorld()
  const watcher = await watch()
  const client = await join(world, { version: 5, will: { topic: 'w' } })
  client.send(raw.packet(0xf0, Buffer.from([0, 0])))
  expect((await client.next('disconnect')).code).toBe(0x82)
  await watcher.next('publish')
})

test.each([4, 5])('retains a will with the retain flag and no other (version %i)', async (version) => {
  world = await startWorld()
  for (const retain of [false, true]) {
    await (await join(world, { version, will: { topic: `w/${retain}`, retain } })).cut()
  }
  await expect.poll(() => [...world.engine.connections()].length).toBe(0)
  const reader = await join(world)
  await subscribe(reader, [['#', 0]])
  await reader.settled()
  expect(reader.of('publish').map((each) => each.topic)).toEqual(['w/true'])
})

test('waits for the will delay, and publishes nothing if the client is back before', async () => {
  world = await startWorld()
  const watcher = await watch()
  await (await join(world, delayed(20))).cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  world.advance(10)
  const back = await join(world, delayed(20))
  world.advance(30)
  await watcher.settled()
  expect(watcher.of('publish')).toHaveLength(0)
  await back.cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  world.advance(21)
  await watcher.next('publish')
})

test('publishes no delayed will of an earlier connection when the client is back without a will', async () => {
  world = await startWorld()
  const watcher = await watch()
  await (await join(world, delayed(20))).cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  const { will: _, ...withoutWill } = delayed(20)
  await join(world, withoutWill)
  world.advance(30)
  await watcher.settled()
  expect(watcher.of('publish')).toHaveLength(0)
})

test('publishes the will at the latest when the session ends', async () => {
  world = await startWorld()
  const watcher = await watch()
  await (await join(world, { ...delayed(1000), properties: [raw.property.uint32(0x11, 5)] })).cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  world.advance(6)
  await watcher.next('publish')
})

test('publishes a delayed will at once when the client starts clean', async () => {
  world = await startWorld()
  const watcher = await watch()
  await (await join(world, delayed(1000))).cut()
  await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  await join(world, { version: 5, clientId: 'c', clean: true })
  await watcher.next('publish')
})

test('refuses a CONNECT whose will the policy does not permit, and asks again before publication', async () => {
  let permitted = 0
  const publish = (_: unknown, { topic, isWill }: { topic: string; isWill: boolean }) =>
    isWill && permitted-- <= 0 ? { refused: 'no right' } : { topic: `prefix/${topic}` }
  world = await startWorld({ policy: { ...openPolicy, publish } })
  const refusedClient = new Client(world.port, 5)
  refusedClient.send(raw.connect({ version: 5, will: { topic: 'w' } }))
  expect((await refusedClient.next('connack')).code).toBe(0x87)
  const watcher = await watch()
  for (const allowed of [1, 2]) {
    permitted = allowed
    await (await join(world, { version: 5, will: { topic: 'w', payload: `allowed ${allowed}` } })).cut()
    await expect.poll(() => [...world.engine.connections()].length).toBe(1)
  }
  expect(await watcher.next('publish')).toMatchObject({ topic: 'prefix/w', payload: 'allowed 2' })
  expect(world.refusals.map((each) => each.what)).toEqual(['connect', 'publish'])
})

test('reports a will that could not be retained', async () => {
  const nothing = { count: 0, bytes: 0 }
  world = await startWorld({ limits: { retained: { perUser: nothing, total: nothing } } })
  const watcher = await watch()
  await (await join(world, { will: { topic: 'w', retain: true } })).cut()
  await watcher.next('publish')
  expect(world.refusals).toMatchObject([{ what: 'publish', reason: 'retained_quota', topic: 'w' }])
})

test('has no room for a will above the bounds', async () => {
  const bound = { count: 1, bytes: 1_000_000 }
  world = await startWorld({ limits: { wills: { perUser: bound, total: bound } } })
  const first = await join(world, { clientId: 'a', will: { topic: 'w' } })
  const second = new Client(world.port, 5)
  second.send(raw.connect({ version: 5, clientId: 'b', will: { topic: 'w' } }))
  expect((await second.next('connack')).code).toBe(0x97)
  first.send(raw.disconnect())
  await first.closed()
  await join(world, { version: 5, clientId: 'b', will: { topic: 'w' } })
})
