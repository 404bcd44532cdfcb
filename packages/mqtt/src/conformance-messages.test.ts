/** Normative statements about messages and subscriptions that no other test shows. `statements.test.ts` lists which. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Policy } from './policy.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, type RawClient, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
beforeEach(async () => {
  world = await startWorld()
})
afterEach(() => world.stop())

const durable = (clientId: string): raw.ConnectOptions => ({
  version: 5,
  clientId,
  clean: false,
  properties: [raw.property.uint32(0x11, 100)],
})

/** Nobody may publish to `no`. */
const noPolicy: Policy = {
  ...openPolicy,
  publish: (_, { topic }) => (topic === 'no' ? { refused: 'no right' } : { topic }),
}

async function payloadsAfter(client: RawClient, action: () => unknown): Promise<string[]> {
  client.received.splice(0)
  await action()
  await client.settled()
  return client.of('publish').map((each) => each.payload)
}

test('does not pass DUP on, and treats an identifier as new after PUBACK', async () => {
  const client = await join(world)
  await subscribe(client, [['t', 1]])
  const repeated = raw.publish({ topic: 't', qos: 1, id: 7, dup: true })
  client.send(repeated)
  await client.next('puback')
  client.send(repeated)
  await client.next('puback', 2)
  await client.next('publish', 2)
  expect(client.of('publish').map((each) => each.dup)).toEqual([false, false])
  expect(new Set(client.of('publish').map((each) => each.packetId)).size).toBe(2)
})

test('stores and removes retained messages only for the retain flag, with their QoS', async () => {
  const client = await join(world)
  client.send(
    raw.publish({ topic: 'r', qos: 1, retain: true, payload: 'kept' }),
    raw.publish({ topic: 'r', payload: 'passing' }),
  )
  client.send(raw.publish({ topic: 'r', payload: '' }))
  await client.settled()
  await subscribe(client, [['r', 2]])
  expect(await client.next('publish')).toMatchObject({ payload: 'kept', qos: 1, retain: true })
  expect(
    await payloadsAfter(client, () => client.send(raw.publish({ topic: 'r', retain: true, payload: 'new' }))),
  ).toEqual(['new'])
  expect(client.of('publish')[0]?.retain).toBe(false)
  expect(
    await payloadsAfter(client, () => client.send(raw.publish({ topic: 'r', retain: true, payload: '' }))),
  ).toEqual([''])
  expect(await payloadsAfter(client, () => subscribe(client, [['r', 0]]))).toEqual([])
})

test('answers SUBSCRIBE in the order of the filters, and refuses those that are not valid', async () => {
  const filters: [string, number][] = [
    ['a', 2],
    ['#/a', 0],
    ['a#', 0],
    ['a+', 0],
    ['+a/b', 0],
    ['', 0],
    ['/', 1],
    ['+/+/#', 0],
    ['$share/g', 0],
    ['$share//a', 0],
    ['$share/g/', 0],
    ['$share/+/a', 0],
    ['$share/g#/a', 0],
    ['$share/g/a', 1],
  ]
  const five = await join(world, { version: 5 })
  const codes = [2, 0x8f, 0x8f, 0x8f, 0x8f, 0x8f, 1, 0, 0x8f, 0x8f, 0x8f, 0x8f, 0x8f, 1]
  expect(await subscribe(five, filters, { version: 5 })).toEqual(codes)
  expect(five.of('suback')[0]?.packetId).toBe(10)
  const four = await join(world)
  expect(await subscribe(four, filters)).toEqual(codes.map((code) => (code > 2 ? 0x80 : code)))
})

test('replaces a subscription with the same filter, loses no message, and sends retained messages again', async () => {
  const client = await join(world)
  client.send(raw.publish({ topic: 't', retain: true, payload: 'kept' }))
  const before = await payloadsAfter(client, () => subscribe(client, [['t', 0]]))
  const again = await payloadsAfter(client, () =>
    subscribe(client, [
      ['t', 1],
      ['t', 1],
    ]),
  )
  expect([before, again]).toEqual([['kept'], ['kept']])
  client.received.splice(0)
  client.send(raw.publish({ topic: 't', qos: 1 }))
  await client.settled()
  expect(client.of('publish').map((each) => each.qos)).toEqual([1])
  await subscribe(client, [['t', 0]])
  client.send(raw.publish({ topic: 't', qos: 1, payload: 'lower' }))
  await client.settled()
  expect(client.of('publish').find((each) => each.payload === 'lower')?.qos).toBe(0)
})

test('unsubscribes exactly the given filters, and always answers', async () => {
  const client = await join(world, { version: 5 })
  await subscribe(
    client,
    [
      ['a/+', 0],
      ['a/b', 0],
      ['é', 0],
    ],
    { version: 5 },
  )
  client.send(raw.unsubscribe(['a/b', 'a/#', 'e\u0301', 'a#'], { version: 5, id: 77 }))
  expect(await client.next('unsuback')).toMatchObject({ packetId: 77, codes: [0, 0x11, 0x11, 0x8f] })
  expect(await payloadsAfter(client, () => client.send(raw.publish({ version: 5, topic: 'a/b' })))).toEqual(['x'])
  const four = await join(world)
  four.send(raw.unsubscribe(['nothing'], { id: 78 }))
  expect((await four.next('unsuback')).packetId).toBe(78)
})

test('adds no new messages after UNSUBSCRIBE, and completes those that it began to send', async () => {
  const client = await join(world, { version: 5 })
  await subscribe(client, [['t', 2]], { version: 5 })
  client.send(raw.publish({ version: 5, topic: 't', qos: 2, id: 1 }))
  const { packetId } = await client.next('publish')
  client.send(
    raw.unsubscribe(['t'], { version: 5 }),
    raw.publish({ version: 5, topic: 't', qos: 1, id: 2 }),
    raw.pubrec(packetId),
  )
  expect((await client.next('pubrel')).packetId).toBe(packetId)
  client.send(raw.pubcomp(packetId))
  await client.settled()
  expect(client.of('publish')).toHaveLength(1)
})

test('matches without normalising, and no wildcard at the beginning with $ topics', async () => {
  const client = await join(world)
  await subscribe(client, [
    ['#', 0],
    ['+/x', 0],
  ])
  for (const topic of ['$SYS/x', '$x']) client.send(raw.publish({ topic }))
  for (const topic of ['é', 'e\u0301', 'É', '/x', 'x/', '\ufeffx']) client.send(raw.publish({ topic }))
  await client.settled()
  expect(client.of('publish').map((each) => each.topic)).toEqual(['é', 'e\u0301', 'É', '/x', 'x/', '\ufeffx'])
  expect(
    await payloadsAfter(client, async () => {
      await subscribe(client, [['$SYS/+', 0]])
      client.send(raw.publish({ topic: '$SYS/x' }))
    }),
  ).toEqual(['x'])
})

test('carries topics of 65,535 bytes', async () => {
  const client = await join(world)
  await subscribe(client, [['#', 0]])
  client.send(raw.publish({ topic: 't'.repeat(65_535) }))
  expect((await client.next('publish')).topic).toHaveLength(65_535)
})

test('discards a message that the client refuses, also of a shared subscription, and never sends it again', async () => {
  const members = [await join(world, durable('a')), await join(world, durable('b'))]
  for (const member of members) await subscribe(member, [['$share/g/t', 2]], { version: 5 })
  const publisher = await join(world, { version: 5 })
  for (let i = 1; i <= 4; i++) publisher.send(raw.publish({ version: 5, topic: 't', qos: 1 + (i > 2 ? 1 : 0), id: i }))
  for (const member of members) {
    const [one, two] = [await member.next('publish'), await member.next('publish', 2)]
    expect([one.qos, two.qos]).toEqual([1, 2])
    const code = Buffer.from([0x99])
    member.send(raw.packet(0x40, raw.uint16(one.packetId), code), raw.packet(0x50, raw.uint16(two.packetId), code))
    await member.settled()
    expect(member.of('pubrel')).toEqual([])
    await member.cut()
  }
  for (const clientId of ['a', 'b']) {
    const again = await join(world, durable(clientId))
    await again.settled()
    expect(again.of('publish')).toEqual([])
  }
})

test('completes a QoS 2 message of a shared subscription with the member that it began with, or not at all', async () => {
  const member = await join(world, durable('a'))
  await subscribe(member, [['$share/g/t', 2]], { version: 5 })
  const publisher = await join(world, { version: 5 })
  publisher.send(raw.publish({ version: 5, topic: 't', qos: 2 }))
  const { packetId } = await member.next('publish')
  const other = await join(world, { version: 5 })
  await subscribe(other, [['$share/g/t', 2]], { version: 5 })
  await member.cut()
  const again = await join(world, durable('a'))
  expect(await again.next('publish')).toMatchObject({ packetId, dup: true })
  world.engine.dropSession('a')
  await other.settled()
  expect(other.of('publish')).toEqual([])
})

test('does not let a message expire that it has sent', async () => {
  const client = await join(world, durable('a'))
  await subscribe(client, [['t', 2]], { version: 5 })
  const publisher = await join(world, { version: 5 })
  publisher.send(raw.publish({ version: 5, topic: 't', qos: 2, properties: [raw.property.uint32(2, 5)] }))
  const { packetId } = await client.next('publish')
  await client.cut()
  world.advance(10)
  const again = await join(world, durable('a'))
  expect(await again.next('publish')).toMatchObject({ packetId, dup: true })
})

test('answers PUBREC and PUBREL with an unknown identifier by 0x92', async () => {
  const client = await join(world, { version: 5 })
  client.send(raw.pubrec(9), raw.pubrel(8), raw.puback(7), raw.pubcomp(6))
  expect(await client.next('pubrel')).toMatchObject({ packetId: 9, code: 0x92 })
  expect(await client.next('pubcomp')).toMatchObject({ packetId: 8, code: 0x92 })
  await client.settled()
})

test('answers other packets while the window of the client is full', async () => {
  const client = await join(world, { version: 5, properties: [raw.property.uint16(0x21, 1)] })
  await subscribe(client, [['t', 1]], { version: 5 })
  for (let i = 1; i <= 3; i++) client.send(raw.publish({ version: 5, topic: 't', qos: 1, id: i }))
  await client.next('puback', 3)
  await subscribe(client, [['u', 0]], { version: 5 })
  client.send(raw.publish({ version: 5, topic: 'u', payload: 'QoS 0 passes' }))
  await client.settled()
  expect(client.of('publish').map((each) => each.payload)).toEqual(['x', 'QoS 0 passes'])
})

test('forgets topic aliases with the connection', async () => {
  const alias = [raw.property.uint16(0x23, 1)]
  const client = await join(world, durable('a'))
  client.send(raw.publish({ version: 5, topic: 't', properties: alias }))
  await client.settled()
  const again = await join(world, durable('a'))
  again.send(raw.publish({ version: 5, topic: '', properties: alias }))
  expect((await again.next('disconnect')).code).toBe(0x94)
})

test('acknowledges in the order of the messages and keeps their order', async () => {
  const client = await join(world)
  await subscribe(client, [['t', 2]])
  const ids = Array.from({ length: 200 }, (_, i) => i + 1)
  client.send(...ids.map((id) => raw.publish({ topic: 't', qos: 1 + (id % 2), id, payload: String(id) })))
  client.acknowledges = true
  await client.next('publish', 200)
  for (const qos of [1, 2]) {
    const ofQos = ids.filter((id) => 1 + (id % 2) === qos)
    expect(
      client
        .of('publish')
        .filter((each) => each.qos === qos)
        .map((each) => Number(each.payload)),
    ).toEqual(ofQos)
    expect(client.of(qos === 1 ? 'puback' : 'pubrec').map((each) => each.packetId)).toEqual(ofQos)
  }
})

test('refuses No Local for a shared subscription', async () => {
  const client = await join(world, { version: 5 })
  client.send(raw.subscribe([['$share/g/t', 0x04]], { version: 5 }))
  expect((await client.next('disconnect')).code).toBe(0x82)
})

test('closes an MQTT 3.1.1 client that publishes without permission', async () => {
  await world.stop()
  world = await startWorld({ policy: noPolicy })
  const client = await join(world, { username: 'ann', clientId: 'c' })
  client.send(raw.publish({ topic: 'no', qos: 1 }))
  await client.closed()
  expect(client.of('puback')).toEqual([])
  expect(world.refusals).toMatchObject([
    { what: 'publish', reason: 'no right', client: { user: 'ann' }, clientId: 'c', topic: 'no' },
  ])
})

test('gives each identifier back when the policy refuses a QoS 2 message', async () => {
  await world.stop()
  world = await startWorld({ policy: noPolicy })
  const client = await join(world, { version: 5 })
  await subscribe(client, [['#', 0]], { version: 5 })
  client.send(
    raw.publish({ version: 5, topic: 'no', qos: 2, id: 3 }),
    raw.publish({ version: 5, topic: 'yes', qos: 2, id: 3 }),
  )
  await client.next('pubrec', 2)
  expect(client.of('pubrec').map((each) => each.code)).toEqual([0x87, 0])
  expect((await client.next('publish')).topic).toBe('yes')
})
