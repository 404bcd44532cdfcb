/** Inputs that an earlier broker handled against the specification, each against the running broker. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import type { RawClient } from '../../../test/mqtt-client.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
  await world.addUser('all', { password: 'p', read: ['#'], write: ['#'] })
})
afterAll(() => world.stop())

const credentials = { username: 'all', password: Buffer.from('p') }

async function signIn(connect: object = {}): Promise<RawClient> {
  const client = await world.connect({ connect: { ...credentials, ...connect } })
  expect(await client.connack()).toBe(0)
  return client
}

function text(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value)
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes])
}

/** For packets of less than 128 bytes. */
function packet(first: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([first, body.length]), body])
}

const willQos3 = 0b1111_1110
const cleanWithCredentials = 0b1100_0010

function connectPacket(flags: number, fields: Buffer[], rest: Buffer = Buffer.alloc(0)): Buffer {
  const header = [text('MQTT'), Buffer.from([4, flags, 0, 60]), text('strange')]
  return packet(0x10, ...header, ...fields, text('all'), text('p'), rest)
}

describe('a packet that the specification forbids ends its own connection only', () => {
  test.each<[string, Buffer]>([
    ['a will with QoS 3', connectPacket(willQos3, [text('plant/x'), text('z')])],
    ['bytes after the last field', connectPacket(cleanWithCredentials, [], Buffer.from([0]))],
  ])('CONNECT with %s', async (_name, bytes) => {
    const bystander = await signIn()
    await bystander.subscribeWith(1, 'plant/#')
    const client = await world.connect({ isSilent: true })
    client.socket.write(bytes)
    await client.closed
    expect(client.received).toEqual([])
    expect(await world.decided({ reason: 'protocol_error', outcome: 'refused' })).toHaveLength(1)
    expect(await bystander.settle()).toBe(true)
  })

  test.each<[string, Buffer]>([
    ['packet identifier 0', packet(0x32, text('plant/x'), Buffer.from([0, 0]))],
    ['DUP with QoS 0', packet(0x38, text('plant/x'))],
    ['a control character', packet(0x30, text('plant/\u0001'))],
    ['a noncharacter', packet(0x30, text('plant/\uffff'))],
    ['ill-formed UTF-8', packet(0x30, text(Buffer.from([0x61, 0xc0, 0xaf])))],
  ])('PUBLISH with %s', async (_name, bytes) => {
    const bystander = await signIn()
    await bystander.subscribeWith(1, '#')
    const client = await signIn()
    client.socket.write(bytes)
    await client.closed
    await bystander.settle()
    expect(bystander.messages()).toEqual([])
  })
})

describe('delivery', () => {
  test.each([
    ['x/retained', 0],
    ['x/+', 0],
    ['x/#', 1],
  ] as const)('a subscription to %s with QoS %i receives nothing above it', async (filter, granted) => {
    const publisher = await signIn()
    publisher.publish('x/retained', 'r', { qos: 2, messageId: 5, retain: true })
    expect(await publisher.next('pubrec')).not.toBeNull()
    const client = await signIn()
    await client.subscribeWith(granted, filter)
    expect((await client.next('publish'))?.qos).toBe(granted)
    publisher.publish('x/retained', 'live', { qos: 2, messageId: 6 })
    expect((await client.next('publish'))?.qos).toBe(granted)
  })

  test.each([[['over/#', 'over/x']], [['over/+', 'over/x']], [['over/x', 'over/x/#']]])(
    '%j: a message that was not acknowledged comes again once, as a duplicate',
    async (filters) => {
      const session = { clientId: `overlapping ${filters.join()}`, clean: false }
      const client = await signIn(session)
      await client.subscribeWith(1, ...filters)
      const publisher = await signIn()
      publisher.publish('over/x', 'again', { qos: 1, messageId: 6 })
      expect((await client.next('publish'))?.dup).toBe(false)
      client.socket.destroy()
      await client.closed
      const back = await signIn(session)
      expect(await back.next('publish')).toMatchObject({ topic: 'over/x', qos: 1, dup: true })
      await back.settle()
      expect(back.messages()).toEqual([])
    },
  )

  test.each([0, 1] as const)('a reader that pauses receives all of 3,000 retained messages, QoS %i', async (qos) => {
    const count = 3_000
    const publisher = await signIn()
    for (let at = 0; at < count; at++) {
      publisher.publish(`slow-${qos}/${at}`, 'x'.repeat(300), { qos, messageId: at + 1, retain: true })
      if (at % 100 === 0) await publisher.settle()
    }
    await publisher.settle()
    const reader = await signIn()
    reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `slow-${qos}/#`, qos }] })
    reader.socket.pause()
    expect(await publisher.settle()).toBe(true)
    reader.socket.resume()
    const topics = new Set<string>()
    while (topics.size < count) {
      const message = await reader.next('publish')
      if (!message) break
      topics.add(message.topic)
      if (qos > 0) reader.send({ cmd: 'puback', messageId: message.messageId ?? 0 })
    }
    expect(topics.size).toBe(count)
  })
})
