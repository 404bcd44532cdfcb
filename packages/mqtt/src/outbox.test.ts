import { afterEach, expect, test } from 'vitest'
import type { EngineOptions } from './engine.ts'
import * as raw from './testing/raw-packets.ts'
import { join, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

async function start(options: Partial<EngineOptions> = {}): Promise<void> {
  world = await startWorld(options)
}

test('delivers QoS 0, 1 and 2 at the lower of the published and the granted QoS', async () => {
  await start()
  for (const granted of [0, 1, 2]) {
    const subscriber = await join(world)
    subscriber.acknowledges = true
    await subscribe(subscriber, [['t/#', granted]])
    const publisher = await join(world)
    publisher.acknowledges = true
    for (const qos of [0, 1, 2]) publisher.send(raw.publish({ topic: 't/x', qos, payload: String(qos), id: qos + 1 }))
    await subscriber.next('publish', 3)
    const byPayload = subscriber.of('publish').toSorted((a, b) => a.payload.localeCompare(b.payload))
    expect(byPayload.map((each) => each.qos)).toEqual([0, 1, 2].map((qos) => Math.min(qos, granted)))
    await publisher.next('puback')
    expect((await publisher.next('pubrec')).packetId).toBe(3)
    publisher.send(raw.pubrel(3))
    expect((await publisher.next('pubcomp')).packetId).toBe(3)
    await subscriber.cut()
  }
})

test('delivers once with the highest QoS and all identifiers when filters overlap', async () => {
  await start()
  const subscriber = await join(world, { version: 5 })
  await subscribe(subscriber, [['a/#', 0]], { version: 5, properties: [raw.property.integer(0x0b, 1)] })
  await subscribe(subscriber, [['a/+', 1]], { version: 5, properties: [raw.property.integer(0x0b, 2)] })
  subscriber.send(raw.publish({ version: 5, topic: 'a/b', qos: 1 }))
  const message = await subscriber.next('publish')
  await subscriber.settled()
  expect(subscriber.of('publish')).toHaveLength(1)
  expect(message.qos).toBe(1)
  expect([...message.properties]).toEqual([0x0b, 1, 0x0b, 2])
})

test('sends unacknowledged messages again after a reconnect, with DUP and the same identifiers', async () => {
  await start()
  const options = { clientId: 'c', clean: false }
  const first = await join(world, options)
  await subscribe(first, [
    ['t/+', 1],
    ['t/x', 2],
    ['t/#', 1],
  ])
  first.send(
    raw.publish({ topic: 't/x', qos: 1, payload: 'one' }),
    raw.publish({ topic: 't/x', qos: 2, id: 2, payload: 'two' }),
  )
  await first.next('publish', 2)
  await first.cut()
  const second = await join(world, options)
  await second.next('publish', 2)
  expect(second.of('connack')[0]?.sessionPresent).toBe(true)
  const sent = first.of('publish').map(({ packetId, payload }) => ({ packetId, payload, dup: true }))
  expect(second.of('publish').map(({ packetId, payload, dup }) => ({ packetId, payload, dup }))).toEqual(sent)
})

test('queues messages for a session without a connection', async () => {
  await start()
  const options = { clientId: 'c', clean: false }
  const first = await join(world, options)
  await subscribe(first, [['t', 1]])
  await first.cut()
  const publisher = await join(world)
  publisher.send(
    raw.publish({ topic: 't', qos: 1, payload: 'kept' }),
    raw.publish({ topic: 't', qos: 0, payload: 'lost' }),
  )
  await publisher.next('puback')
  const second = await join(world, options)
  await second.next('publish')
  await second.settled()
  expect(second.of('publish').map((each) => each.payload)).toEqual(['kept'])
})

test('completes QoS 2 by PUBREL alone after PUBREC', async () => {
  await start()
  const options = { clientId: 'c', clean: false }
  const first = await join(world, options)
  await subscribe(first, [['t', 2]])
  first.send(raw.publish({ topic: 't', qos: 2, id: 9 }))
  const { packetId } = await first.next('publish')
  first.send(raw.pubrec(packetId))
  await first.next('pubrel')
  await first.cut()
  const second = await join(world, options)
  expect((await second.next('pubrel')).packetId).toBe(packetId)
  second.send(raw.pubcomp(packetId))
  await second.settled()
  expect(second.of('publish')).toHaveLength(0)
  expect([...world.engine.sessions()][0]?.queued.count).toBe(0)
})

test('delivers a repeated QoS 2 message once', async () => {
  await start()
  const client = await join(world)
  await subscribe(client, [['t', 0]])
  client.send(raw.publish({ topic: 't', qos: 2, id: 5 }), raw.publish({ topic: 't', qos: 2, id: 5, dup: true }))
  await client.next('pubrec', 2)
  client.send(raw.pubrel(5), raw.publish({ topic: 't', qos: 2, id: 5 }))
  await client.next('pubrec', 3)
  expect(client.of('publish')).toHaveLength(2)
})

test('has no more messages under way than Receive Maximum, also after a reconnect', async () => {
  await start()
  const properties = [raw.property.uint16(0x21, 2), raw.property.uint32(0x11, 100)]
  const options = { version: 5, clientId: 'c', clean: false, properties }
  const client = await join(world, options)
  await subscribe(client, [['t', 1]], { version: 5 })
  for (let i = 1; i <= 5; i++) client.send(raw.publish({ version: 5, topic: 't', qos: 1, id: i, payload: String(i) }))
  await client.settled()
  expect(client.of('publish')).toHaveLength(2)
  client.send(raw.puback(client.of('publish')[0]!.packetId))
  await client.next('publish', 3)
  await client.cut()
  const again = await join(world, options)
  await again.settled()
  expect(again.of('publish').map((each) => each.payload)).toEqual(['2', '3'])
  again.acknowledges = true
  again.send(...again.of('publish').map((each) => raw.puback(each.packetId)))
  await again.next('publish', 4)
  expect(again.of('publish').map((each) => each.payload)).toEqual(['2', '3', '4', '5'])
})

test('counts only what this connection has sent against Receive Maximum', async () => {
  await start()
  const properties = [raw.property.uint16(0x21, 1), raw.property.uint32(0x11, 100)]
  const options = { version: 5, clientId: 'c', clean: false, properties }
  const client = await join(world, options)
  await subscribe(client, [['t', 2]], { version: 5 })
  for (const id of [1, 2, 3]) client.send(raw.publish({ version: 5, topic: 't', qos: 2, id, payload: String(id) }))
  const { packetId } = await client.next('publish')
  client.send(raw.pubrec(packetId))
  await client.next('pubrel')
  await client.cut()
  const again = await join(world, options)
  await again.next('publish')
  // The message of the earlier connection does not open the window.
  again.send(raw.pubcomp(packetId))
  await again.settled()
  expect(again.of('publish').map(({ payload }) => payload)).toEqual(['2'])
})

const withWindow = (receiveMaximum: number) => ({
  version: 5,
  clientId: 'c',
  clean: false,
  properties: [raw.property.uint16(0x21, receiveMaximum), raw.property.uint32(0x11, 100)],
})

test('sends no message again that the client has answered by then', async () => {
  await start()
  const client = await join(world, withWindow(3))
  await subscribe(client, [['t', 1]], { version: 5 })
  for (const id of [1, 2, 3, 4]) client.send(raw.publish({ version: 5, topic: 't', qos: 1, id, payload: String(id) }))
  await client.next('publish', 3)
  const [, second, third] = client.of('publish')
  await client.cut()
  const again = await join(world, withWindow(1))
  const first = await again.next('publish')
  for (const answered of [second, third, first]) again.send(raw.puback(answered!.packetId))
  await again.next('publish', 2)
  expect(again.of('publish').map(({ payload }) => payload)).toEqual(['1', '4'])
})

test('resolves topic aliases of a client, and sets aliases for a client that accepts them', async () => {
  await start()
  const properties = [raw.property.uint16(0x22, 1)]
  const client = await join(world, { version: 5, properties })
  await subscribe(client, [['#', 0]], { version: 5 })
  const alias = [raw.property.uint16(0x23, 3)]
  client.send(
    raw.publish({ version: 5, topic: 'long/topic', properties: alias }),
    raw.publish({ version: 5, topic: '', properties: alias }),
  )
  client.send(raw.publish({ version: 5, topic: 'other' }))
  await client.next('publish', 3)
  expect(client.of('publish').map((each) => each.topic)).toEqual(['long/topic', '', 'other'])
  expect([...client.of('publish')[1]!.properties]).toEqual([0x23, 0, 1])
})

test('ends the connection with 0x94 for an unknown alias', async () => {
  await start()
  const client = await join(world, { version: 5 })
  client.send(raw.publish({ version: 5, topic: '', properties: [raw.property.uint16(0x23, 3)] }))
  expect((await client.next('disconnect')).code).toBe(0x94)
})

test('does not send packets that are larger than the client accepts', async () => {
  await start()
  const client = await join(world, { version: 5, clientId: 'c', properties: [raw.property.uint32(0x27, 40)] })
  await subscribe(client, [['t', 1]], { version: 5 })
  const sizes = [100, 1]
  for (const [i, size] of sizes.entries()) {
    client.send(raw.publish({ version: 5, topic: 't', qos: 1, id: i + 1, payload: 'x'.repeat(size) }))
  }
  await client.next('publish')
  await client.settled()
  expect(client.of('publish').map((each) => each.payload.length)).toEqual([1])
})

test('does not deliver a message after its expiry, and says how long it has left', async () => {
  await start()
  const options = { version: 5, clientId: 'c', clean: false, properties: [raw.property.uint32(0x11, 600)] }
  const first = await join(world, options)
  await subscribe(first, [['t', 1]], { version: 5 })
  await first.cut()
  const publisher = await join(world, { version: 5 })
  for (const [id, seconds] of [
    [1, 10],
    [2, 100],
  ] as const) {
    const properties = [raw.property.uint32(2, seconds)]
    publisher.send(raw.publish({ version: 5, topic: 't', qos: 1, id, payload: String(seconds), properties }))
  }
  await publisher.next('puback', 2)
  world.advance(30)
  const second = await join(world, options)
  const message = await second.next('publish')
  await second.settled()
  expect(second.of('publish').map((each) => each.payload)).toEqual(['100'])
  expect(message.properties[0]).toBe(2)
  expect(message.properties.readUInt32BE(1)).toBeLessThanOrEqual(70)
})

test('says no subscriber with 0x10', async () => {
  await start()
  const client = await join(world, { version: 5 })
  client.send(raw.publish({ version: 5, topic: 't', qos: 1 }))
  expect((await client.next('puback')).code).toBe(0x10)
})

test('honours No Local and Retain As Published', async () => {
  await start()
  const client = await join(world, { version: 5 })
  const other = await join(world, { version: 5 })
  await subscribe(client, [['t', 0x04]], { version: 5 })
  await subscribe(other, [['t', 0x08]], { version: 5 })
  client.send(raw.publish({ version: 5, topic: 't', retain: true }))
  expect((await other.next('publish')).retain).toBe(true)
  await client.settled()
  expect(client.of('publish')).toHaveLength(0)
})

test('gives each message of a shared subscription to one member in turn', async () => {
  await start()
  const members = [await join(world), await join(world)]
  for (const member of members) await subscribe(member, [['$share/g/t/#', 1]])
  const publisher = await join(world)
  for (let i = 1; i <= 10; i++) publisher.send(raw.publish({ topic: 't/x', qos: 1, id: i }))
  await publisher.next('puback', 10)
  for (const member of members) {
    await member.settled()
    expect(member.of('publish')).toHaveLength(5)
  }
})

test('forwards what belongs to request and response, in order', async () => {
  await start()
  const client = await join(world, { version: 5 })
  await subscribe(client, [['t', 0]], { version: 5 })
  const { byte, text, user } = raw.property
  const properties = [
    user('b', '1'),
    text(8, 'reply'),
    text(9, 'id-1'),
    user('a', '2'),
    byte(1, 1),
    user('b', '3'),
    text(3, 'json'),
  ]
  client.send(raw.publish({ version: 5, topic: 't', properties }))
  expect((await client.next('publish')).properties).toEqual(Buffer.concat(properties))
})
