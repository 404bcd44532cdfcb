import { afterEach, expect, test } from 'vitest'
import { MemoryStore } from './testing/memory-store.ts'
import * as raw from './testing/raw-packets.ts'
import { join, type RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

/** The clock stands still except in `advance`. */
let now = 1_000_000

async function start(): Promise<void> {
  world = await startWorld({ now: () => now, systemTopics: { version: 'Engine version 1', intervalMs: 10_000 } })
  world.engine.tick()
}

function advance(seconds: number): void {
  now += seconds * 1_000
  world.engine.tick()
}

/** The last value of each topic that the client received. */
function values(client: RawClient): Record<string, string> {
  const found = client.of('publish').map(({ topic, payload }) => [topic.replace('$SYS/broker/', ''), payload])
  return Object.fromEntries(found) as Record<string, string>
}

async function watch(filter: string): Promise<RawClient> {
  const client = await join(world, { clientId: 'watcher' })
  await subscribe(client, [[filter, 0]])
  await client.settled()
  return client
}

test('publishes the figures of Mosquitto, retained', async () => {
  await start()
  const watcher = await watch('$SYS/#')
  await expect.poll(() => values(watcher)['load/sockets/15min']).toBe('0.00')
  expect(watcher.of('publish').every(({ retain, qos }) => retain && qos === 0)).toBe(true)
  expect(values(watcher)).toMatchObject({
    version: 'Engine version 1',
    uptime: '0 seconds',
    'clients/connected': '0',
    'retained messages/count': '0',
    'load/messages/received/15min': '0.00',
  })
  const away = await join(world, { clientId: 'away', clean: false })
  await subscribe(away, [['line/#', 1]])
  await away.cut()
  const writer = await join(world, { clientId: 'writer' })
  writer.send(raw.publish({ topic: 'line/a', payload: 'kept', qos: 1, id: 1, retain: true }))
  await writer.next('puback')
  await expect.poll(() => [...world.engine.connections()].length).toBe(2)
  advance(10)
  await watcher.settled()
  expect(values(watcher)).toMatchObject({
    uptime: '10 seconds',
    'clients/connected': '2',
    'clients/disconnected': '1',
    'clients/total': '3',
    'clients/maximum': '2',
    'publish/messages/received': '1',
    'retained messages/count': '1',
    'subscriptions/count': '2',
    'store/messages/count': '2',
  })
  expect(Number(values(watcher)['load/publish/received/1min'])).toBeGreaterThan(0)
  expect(Number(values(watcher)['bytes/received'])).toBeGreaterThan(100)
})

test('publishes only figures that have changed, once in each interval', async () => {
  await start()
  const watcher = await watch('$SYS/broker/+')
  const count = () => watcher.of('publish').length
  await expect.poll(count).toBe(2)
  advance(5)
  await watcher.settled()
  expect(count()).toBe(2)
  advance(5)
  await watcher.settled()
  // The uptime, not the version.
  expect(count()).toBe(3)
})

test('hides the figures from filters that begin with a wildcard', async () => {
  await start()
  const watcher = await join(world)
  await subscribe(watcher, [['#', 0]])
  await subscribe(watcher, [['+/broker/#', 0]])
  advance(10)
  await watcher.settled()
  expect(watcher.of('publish')).toEqual([])
})

test('stores no figure', async () => {
  const store = new MemoryStore()
  world = await startWorld({ store, systemTopics: { version: 'Engine version 1', intervalMs: 10_000 } })
  world.engine.tick()
  expect(world.engine.retained.count).toBe(0)
  expect(store.records.size).toBe(0)
})
