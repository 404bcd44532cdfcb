import { afterEach, expect, test } from 'vitest'
import type { EngineOptions } from './engine.ts'
import * as raw from './testing/raw-packets.ts'
import { join, RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

async function start(options: Partial<EngineOptions> = {}): Promise<void> {
  world = await startWorld(options)
}

test('takes a session over and tells the old connection', async () => {
  await start()
  const first = await join(world, { version: 5, clientId: 'c' })
  await join(world, { version: 5, clientId: 'c' })
  expect((await first.next('disconnect')).code).toBe(0x8e)
  await first.closed()
})

test('refuses the client id of another user while its session exists', async () => {
  await start()
  const first = await join(world, { clientId: 'c', username: 'ann', clean: false })
  await first.cut()
  const second = new RawClient(world.port)
  second.send(raw.connect({ clientId: 'c', username: 'bob' }))
  expect((await second.next('connack')).code).toBe(2)
  await second.closed()
  expect(world.refusals).toMatchObject([
    { what: 'connect', reason: 'client_id_of_another_user', client: { user: 'bob' } },
  ])
  expect(world.engine.dropSession('c')).toBe(true)
  await join(world, { clientId: 'c', username: 'bob' })
})

test('ends sessions at their expiry', async () => {
  await start()
  const options = { version: 5, clientId: 'c', clean: false, properties: [raw.property.uint32(0x11, 60)] }
  await (await join(world, options)).cut()
  await expect.poll(() => [...world.engine.connections()]).toHaveLength(0)
  world.advance(59)
  expect([...world.engine.sessions()]).toHaveLength(1)
  world.advance(2)
  expect([...world.engine.sessions()]).toHaveLength(0)
})

test('ends a silent client after one and a half times its keep alive', async () => {
  await start()
  const client = await join(world, { version: 5, keepAlive: 10 })
  world.advance(14)
  await client.settled()
  world.advance(16)
  expect((await client.next('disconnect')).code).toBe(0x8d)
})

test('closes connections at once and drops their wills', async () => {
  await start()
  const watcher = await join(world)
  await subscribe(watcher, [['#', 0]])
  const client = await join(world, { version: 5, clientId: 'c', will: { topic: 'w' } })
  const [meant] = [...world.engine.connections()].filter((each) => each.client.clientId === 'c')
  expect(world.engine.close(meant?.id ?? 0, { text: 'certificate revoked' })).toBe(true)
  const { code, properties } = await client.next('disconnect')
  expect(code).toBe(0x98)
  expect(properties.toString()).toContain('certificate revoked')
  await watcher.settled()
  expect(watcher.of('publish')).toHaveLength(0)
})

test('assigns a client id, and announces its bounds', async () => {
  await start({ limits: { receiveMaximum: 7, keepAliveMaxSeconds: 30, sessionExpiryMaxSeconds: 50 } })
  const client = new RawClient(world.port, 5)
  client.send(raw.connect({ version: 5, keepAlive: 0, properties: [raw.property.uint32(0x11, 100)] }))
  const { properties } = await client.next('connack')
  expect(properties.includes(Buffer.concat([Buffer.from([0x12]), raw.uint16(29), Buffer.from('auto-')]))).toBe(true)
  expect(properties.includes(raw.property.uint16(0x21, 7))).toBe(true)
  expect(properties.includes(raw.property.uint16(0x13, 30))).toBe(true)
  expect(properties.includes(raw.property.uint32(0x11, 50))).toBe(true)
})

test('refuses enhanced authentication with 0x8C', async () => {
  await start()
  const client = new RawClient(world.port, 5)
  client.send(raw.connect({ version: 5, properties: [raw.property.text(0x15, 'SCRAM')] }))
  expect((await client.next('connack')).code).toBe(0x8c)
  await client.closed()
})

test('lists and clears retained messages', async () => {
  await start()
  const client = await join(world, { clientId: 'c', username: 'ann' })
  await subscribe(client, [['b', 1]])
  client.send(raw.publish({ topic: 'a/x', retain: true }), raw.publish({ topic: 'b' }))
  expect((await client.next('publish')).topic).toBe('b')
  const found = [...world.engine.retainedMatching('a/+')].filter((each) => each !== undefined)
  expect(found).toEqual([{ topic: 'a/x', user: 'ann', bytes: 1, at: expect.any(Number), expiresAt: 0 }])
  expect([world.engine.clearRetained('a/x'), world.engine.clearRetained('a/x')]).toEqual([true, false])
})
