/** Normative statements about connections and sessions that no other test shows. `statements.test.ts` lists which. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.stop())

async function answerTo(version: number, ...packets: Buffer[]): Promise<RawClient> {
  const client = new RawClient(world.port, version).send(...packets)
  await client.until(() => client.isClosed || client.received.length > 0 || undefined)
  return client
}

test.each([4, 5])('closes without an answer when the first packet is not CONNECT (version %i)', async (version) => {
  const client = await answerTo(version, raw.pingreq, raw.connect({ version }))
  await client.closed()
  expect(client.received).toEqual([])
})

test.each([4, 5])('closes the connection at a second CONNECT (version %i)', async (version) => {
  const client = await join(world, { version })
  client.send(raw.connect({ version }))
  await client.closed()
  expect(client.of('connack')).toHaveLength(1)
})

test.each([4, 5])('closes without CONNACK when CONNECT is malformed (version %i)', async (version) => {
  const client = await answerTo(version, raw.connect({ version, flags: 0x03 }))
  await client.closed()
  expect(client.received).toEqual([])
})

test('answers an unknown protocol level with CONNACK code 1 and closes', async () => {
  const client = await answerTo(4, raw.connect({ version: 6 }))
  expect(client.of('connack')[0]?.code).toBe(1)
  await client.closed()
})

test('closes for another protocol name', async () => {
  const client = await answerTo(4, raw.connect({ name: 'AMQP' }))
  await client.closed()
  expect(client.received).toEqual([])
})

test('refuses an empty client id without clean session in MQTT 3.1.1 with code 2, and assigns one with it', async () => {
  const client = await answerTo(4, raw.connect({ clientId: '', clean: false }))
  expect(client.of('connack')[0]).toMatchObject({ code: 2, sessionPresent: false })
  await client.closed()
  const ids = new Set<string>()
  for (let i = 0; i < 2; i++) await join(world, { clientId: '' })
  for (const { clientId } of world.engine.sessions()) ids.add(clientId)
  expect(ids.size).toBe(2)
})

test('accepts client ids of 1 to 23 letters and digits, longer ones, and none above the bound', async () => {
  for (const clientId of ['a', '0123456789abcdefghijklm', 'Z'.repeat(1024), 'ü/#+']) await join(world, { clientId })
  const client = await answerTo(5, raw.connect({ version: 5, clientId: 'x'.repeat(1025) }))
  expect(client.of('connack')[0]?.code).toBe(0x85)
})

test.each([4, 5])('begins anew with a clean start and resumes without (version %i)', async (version) => {
  const properties = version === 5 ? [raw.property.uint32(0x11, 100)] : []
  const options = { version, clientId: 'c', clean: false, properties }
  const present: (boolean | undefined)[] = []
  for (const clean of [false, false, true, false]) {
    const client = await join(world, { ...options, clean })
    present.push(client.of('connack')[0]?.sessionPresent)
    if (present.length === 1) await subscribe(client, [['t', 0]], { version })
    client.send(raw.disconnect())
    await client.closed()
  }
  // A clean session of MQTT 3.1.1 ends with its connection; an MQTT 5 session with an expiry stays.
  expect(present).toEqual([false, true, false, version === 5])
  const last = await join(world, options)
  last.send(raw.publish({ version, topic: 't' }))
  await last.settled()
  expect(last.of('publish')).toEqual([])
})

test('keeps retained messages when the session of their publisher ends', async () => {
  const client = await join(world, {})
  client.send(raw.publish({ topic: 'r', retain: true }), raw.disconnect())
  await client.closed()
  expect([...world.engine.sessions()]).toEqual([])
  expect(world.engine.retained.count).toBe(1)
})

test('sends CONNACK first, once, and answers packets that came with CONNECT in order', async () => {
  const client = new RawClient(world.port)
  client.send(raw.connect({}), raw.subscribe([['t', 0]]), raw.publish({ topic: 't', qos: 1 }), raw.pingreq)
  await client.next('pingresp')
  expect(client.received.map((each) => each.type).filter((type) => type !== 3)).toEqual([2, 9, 4, 13])
  expect(client.of('publish')).toHaveLength(1)
})

test('handles nothing that follows a refused CONNECT', async () => {
  await world.stop()
  world = await startWorld({ policy: { ...openPolicy, connect: async () => ({ refused: 'no' }) } })
  for (const version of [4, 5]) {
    const client = await answerTo(version, raw.connect({ version }), raw.publish({ version, topic: 'r', retain: true }))
    expect(client.of('connack')[0]).toMatchObject({ code: version === 5 ? 0x87 : 5, sessionPresent: false })
    await client.closed()
    expect(client.received).toHaveLength(1)
  }
  expect(world.engine.retained.count).toBe(0)
})

test('closes without an answer when the policy fails', async () => {
  await world.stop()
  const broken = { ...openPolicy, connect: () => Promise.reject(new Error('the database is gone')) }
  world = await startWorld({ policy: broken })
  const client = await answerTo(5, raw.connect({ version: 5 }))
  await client.closed()
  expect(client.received).toEqual([])
})

test('sends a reason string only to clients that accept it and have room for it', async () => {
  await world.stop()
  world = await startWorld({
    policy: { ...openPolicy, publish: () => ({ refused: 'a long reason, longer than twenty bytes' }) },
  })
  const lengthFor = async (given: Buffer[]): Promise<number> => {
    const client = await join(world, { version: 5, clientId: 'c', properties: given })
    client.send(raw.publish({ version: 5, topic: 't', qos: 1 }))
    const { code, properties } = await client.next('puback')
    expect(code).toBe(0x87)
    return properties.length
  }
  expect(await lengthFor([])).toBeGreaterThan(20)
  expect(await lengthFor([raw.property.byte(0x17, 0)])).toBe(0)
  expect(await lengthFor([raw.property.uint32(0x27, 40)])).toBe(0)
})

test('closes a client that cannot take the packet that it must get', async () => {
  const client = await answerTo(5, raw.connect({ version: 5, properties: [raw.property.uint32(0x27, 5)] }))
  await client.closed()
  expect(client.received).toEqual([])
})

test('ends the connection when a client sends AUTH without an authentication method', async () => {
  const client = await join(world, { version: 5 })
  client.send(raw.packet(0xf0, Buffer.from([0x18]), raw.properties()))
  expect((await client.next('disconnect')).code).toBe(0x82)
  await client.closed()
})

test('refuses a session expiry in DISCONNECT if CONNECT had none, and takes a new one otherwise', async () => {
  const without = await join(world, { version: 5, clientId: 'a' })
  without.send(raw.disconnect(0, raw.property.uint32(0x11, 5)))
  expect((await without.next('disconnect')).code).toBe(0x82)
  const other = await join(world, { version: 5, clientId: 'b', properties: [raw.property.uint32(0x11, 100)] })
  other.send(raw.disconnect(0, raw.property.uint32(0x11, 5)))
  await other.closed()
  expect([...world.engine.sessions()].map(({ clientId }) => clientId)).toEqual(['b'])
  world.advance(6)
  expect([...world.engine.sessions()]).toEqual([])
})

test('uses the keep alive of the client if it sends none of its own, and no limit for 0 in MQTT 3.1.1', async () => {
  const silent = await join(world, { keepAlive: 0 })
  const short = await join(world, { version: 5, keepAlive: 100 })
  expect(short.of('connack')[0]?.properties.includes(0x13)).toBe(false)
  world.advance(149)
  await Promise.all([silent.settled(), short.settled()])
  world.advance(151)
  await short.closed()
  await silent.settled()
})
