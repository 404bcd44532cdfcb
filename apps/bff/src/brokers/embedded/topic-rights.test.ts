import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startWorld, type World } from '../../../test/broker-world.ts'

const authority = makeAuthority({ subject: 'Plant' })

let world: World
beforeAll(async () => {
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('reader', { password: 'p', read: ['line-3/#', 'press/+'] })
  await world.addUser('writer', { password: 'p', write: ['line-3/#', 'press/1'] })
  await world.addUser('other', { password: 'p', read: ['line-3/#'], write: ['line-3/#'] })
  await world.addUser('everything', { password: 'p', read: ['#', '$SYS/#'], write: ['#', '$SYS/#'] })
  await world.addUser('prefixed', { password: 'p', prefix: 'line-3/', write: ['line-3/a'], read: ['#'] })
})
afterAll(() => world.stop())

async function signIn(username: string, connect: Parameters<World['connect']>[0] = {}) {
  const credentials = { username, password: Buffer.from('p') }
  const client = await world.connect({ connect: { ...credentials, ...connect.connect } })
  expect(await client.connack()).toBe(0)
  return client
}
const session = (clientId: string) => ({ connect: { clientId, clean: false } })

describe('subscribing', () => {
  test('answers 128 for a filter that may not be read, and keeps the connection', async () => {
    const client = await signIn('reader')
    const granted = await client.subscribe('line-3/#', 'line-4/#', '#', '+/1', 'press/1', '$SYS/#')
    expect(granted).toEqual([0, 128, 128, 128, 0, 128])
    expect(await client.settle()).toBe(true)
  })

  test('judges a shared subscription by the filter behind its group', async () => {
    const client = await signIn('reader')
    expect(await client.subscribe('$share/g/line-3/a', '$share/g/line-4/a', '$share/g/#')).toEqual([0, 128, 128])
    const writer = await signIn('writer')
    writer.publish('line-3/a', 'x')
    expect(await client.next('publish')).toMatchObject({ topic: 'line-3/a' })
  })

  test('records one decision for a filter that is refused again and again', async () => {
    const client = await signIn('reader', { connect: { clientId: 'insisting' } })
    for (let at = 0; at < 5; at++) expect(await client.subscribe('line-4/#')).toEqual([128])
    expect(await world.decided({ reason: 'subscribe_refused', clientId: 'insisting' })).toHaveLength(1)
  })

  test('does not store a refused filter beside a granted one', async () => {
    const away = await signIn('reader', session('durable'))
    expect(await away.subscribeWith(1, 'line-3/#', 'line-4/#')).toEqual([1, 128])
    away.send({ cmd: 'disconnect' })
    await away.closed
    const everything = await signIn('everything')
    for (const topic of ['line-4/secret', 'line-3/news']) everything.publish(topic, 'x', { qos: 1, messageId: 3 })
    await everything.settle()
    const back = await signIn('reader', session('durable'))
    const packet = await back.next('publish')
    expect(packet).toMatchObject({ topic: 'line-3/news', qos: 1, retain: false })
    await back.settle()
    expect(back.messages()).toEqual([])
  })

  test('allows $SYS only to permissions that name it', async () => {
    const client = await signIn('everything')
    expect(await client.subscribe('$SYS/#')).toEqual([0])
    expect(await (await signIn('reader')).subscribe('$SYS/#')).toEqual([128])
  })
})

describe('publishing', () => {
  test.each(['line-4/a', 'press/2', '$SYS/x/new/clients', '$SYS'])('%s: ends the connection', async (topic) => {
    const listener = await signIn('everything')
    await listener.subscribe('#', '$SYS/#')
    const user = topic.startsWith('$') ? 'everything' : 'writer'
    const client = await signIn(user)
    client.publish(topic, 'x', { qos: 1, messageId: 3 })
    await client.closed
    expect(client.received).toEqual([])
    expect(await world.decided({ reason: 'publish_refused', topic })).toHaveLength(1)
    await listener.settle()
    expect(listener.messages().filter((message) => message.startsWith(`${topic}=`))).toEqual([])
  })

  test.each([0, 1, 2] as const)('QoS %i arrives', async (qos) => {
    const listener = await signIn('reader')
    await listener.subscribeWith(qos, 'line-3/#')
    const client = await signIn('writer')
    client.publish(`line-3/${qos}`, 'x', { qos, messageId: 5 })
    const packet = await listener.next('publish')
    expect(packet).toMatchObject({ topic: `line-3/${qos}`, qos })
    if (qos !== 2) return
    expect(await client.next('pubrec')).not.toBeNull()
    // The same once more before PUBREL: [MQTT-4.3.3-2] delivered once.
    client.publish(`line-3/${qos}`, 'x', { qos, messageId: 5 })
    expect(await client.next('pubrec')).not.toBeNull()
    client.send({ cmd: 'pubrel', messageId: 5 })
    expect(await client.next('pubcomp')).not.toBeNull()
    await listener.settle()
    expect(listener.messages()).toEqual([])
  })

  test('answers no PUBREC and delivers nothing for QoS 2 on a refused topic', async () => {
    const listener = await signIn('everything')
    await listener.subscribe('#')
    const client = await signIn('writer')
    client.publish('line-4/a', 'x', { qos: 2, messageId: 5 })
    client.send({ cmd: 'pubrel', messageId: 5 })
    await client.closed
    await listener.settle()
    expect([client.received, listener.messages()]).toEqual([[], []])
  })

  test('puts the prefix before each topic, and judges the result', async () => {
    const listener = await signIn('everything')
    await listener.subscribe('#')
    const client = await signIn('prefixed')
    client.publish('a', 'x')
    expect(await listener.next('publish')).toMatchObject({ topic: 'line-3/a' })
    client.publish('line-3/a', 'x')
    await client.closed
    expect(await world.decided({ reason: 'publish_refused', topic: 'line-3/line-3/a' })).toHaveLength(1)
  })

  test('delivers a retained message only to users who may read it', async () => {
    const everything = await signIn('everything')
    everything.publish('press/1', 'kept', { retain: true })
    everything.publish('press/1/x', 'kept', { retain: true })
    await everything.settle()
    const reader = await signIn('reader')
    expect(await reader.subscribe('press/+')).toEqual([0])
    expect(await reader.next('publish')).toMatchObject({ topic: 'press/1', retain: true })
    await reader.settle()
    expect(reader.messages()).toEqual([])
    for (const topic of ['press/1', 'press/1/x']) everything.publish(topic, '', { retain: true })
    await everything.settle()
    const later = await signIn('reader')
    await later.subscribe('press/+', 'press/1')
    await later.settle()
    expect(later.messages()).toEqual([])
  })
})

const will = (topic: string) => ({ topic, payload: Buffer.from('gone'), qos: 0 as const, retain: false })

describe('wills', () => {
  test.each([
    ['writer', 'line-4/will'],
    ['everything', '$SYS/x/new/clients'],
    ['prefixed', 'b'],
  ])('%s may not leave one on %s', async (username, topic) => {
    const connect = { username, password: Buffer.from('p'), will: will(topic) }
    expect(await (await world.connect({ connect })).connack()).toBe(5)
    expect((await world.decided({ reason: 'will_refused', username })).at(-1)?.topic).toContain(topic)
  })

  test('closes the connection for a will on a topic with a wildcard', async () => {
    const connect = { username: 'everything', password: Buffer.from('p'), will: will('a/#') }
    expect(await (await world.connect({ connect })).connack()).toBeNull()
  })

  test('publishes a will with the prefix when the connection breaks', async () => {
    const listener = await signIn('everything')
    await listener.subscribe('line-3/a')
    const client = await signIn('prefixed', { connect: { will: will('a') } })
    client.socket.destroy()
    expect(await listener.next('publish')).toMatchObject({ topic: 'line-3/a' })
  })

  test('judges a will again when it is published', async () => {
    const userId = await world.addUser('willing', { password: 'p', write: ['line-3/#'] })
    const listener = await signIn('everything')
    await listener.subscribe('#')
    const client = await signIn('willing', { connect: { will: will('line-3/will') } })
    await world.db.deleteFrom('user_permissions').where('user_id', '=', userId).execute()
    expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(0)
    client.socket.destroy()
    await eventually(async () =>
      expect(await world.decided({ reason: 'will_refused', username: 'willing' })).toHaveLength(1),
    )
    await listener.settle()
    expect(listener.messages()).toEqual([])
  })

  test('drops the will of a client that the broker disconnects', async () => {
    const listener = await signIn('everything')
    await listener.subscribe('#')
    const client = await signIn('writer', { connect: { clientId: 'thrown', will: will('line-3/will') } })
    const found = (await world.broker.connections({ search: 'thrown' }))?.items[0]
    expect(await world.broker.close(found?.id ?? '')).toBe(true)
    await client.closed
    await listener.settle()
    expect(listener.messages()).toEqual([])
    expect(await world.decided({ reason: 'closed_by_admin', clientId: 'thrown' })).toHaveLength(1)
  })
})

describe('client ids', () => {
  test('refuses a client id of another user who is connected, and keeps the owner', async () => {
    const owner = await signIn('reader', session('mine'))
    await owner.subscribeWith(1, 'line-3/#')
    const thief = { username: 'other', password: Buffer.from('p'), clientId: 'mine' }
    for (const clean of [true, false]) {
      expect(await (await world.connect({ connect: { ...thief, clean } })).connack()).toBe(2)
    }
    expect(await owner.settle()).toBe(true)
    owner.socket.destroy()
    await owner.closed
    // While the session is stored, neither.
    expect(await (await world.connect({ connect: { ...thief, clean: false } })).connack()).toBe(2)
    expect(await (await world.connect({ connect: { ...thief, clean: true } })).connack()).toBe(2)
    const writer = await signIn('writer')
    writer.publish('line-3/x', 'x', { qos: 1, messageId: 1 })
    await writer.settle()
    const back = await signIn('reader', session('mine'))
    expect(await back.next('publish')).toMatchObject({ topic: 'line-3/x' })
    // A clean start gives the id back when it ends.
    const clean = await signIn('reader', { connect: { clientId: 'mine', clean: true } })
    await back.closed
    clean.send({ cmd: 'disconnect' })
    await clean.closed
    await eventually(async () => expect(await (await world.connect({ connect: thief })).connack()).toBe(0))
  })

  test('closes the old connection when the same user connects with its client id [MQTT-3.1.4-2]', async () => {
    const first = await signIn('reader', { connect: { clientId: 'again' } })
    const second = await signIn('reader', { connect: { clientId: 'again' } })
    await first.closed
    expect(await second.settle()).toBe(true)
    expect((await world.broker.connections({ search: 'again' }))?.total).toBe(1)
    const decided = await world.decided({ clientId: 'again' })
    expect(decided.map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['admitted', null],
      ['closed', 'taken_over'],
      ['admitted', null],
    ])
  })

  test('refuses one of 257 characters, and closes the connection for one with a control character', async () => {
    const connect = { username: 'reader', password: Buffer.from('p') }
    const tooLong = await world.connect({ connect: { ...connect, clientId: 'x'.repeat(257) } })
    expect(await tooLong.connack()).toBe(2)
    // [MQTT-1.5.3-2]: the packet is malformed, so there is no CONNACK.
    expect(await (await world.connect({ connect: { ...connect, clientId: 'a\nb' } })).connack()).toBeNull()
  })

  test('refuses an empty client id without a clean session [MQTT-3.1.3-8]', async () => {
    const client = await world.connect({ isSilent: true })
    const connect = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, keepalive: 60, clean: true } as const
    const bytes = generate({ ...connect, clientId: '', username: 'reader', password: Buffer.from('p') })
    bytes.writeUInt8(bytes.readUInt8(9) & ~0b10, 9) // clean session off: mqtt-packet does not write this
    client.socket.write(bytes)
    expect(await client.connack()).toBe(2)
  })

  test('does not show a client that is not admitted whether a client id is taken', async () => {
    await signIn('reader', { connect: { clientId: 'known' } })
    const connect = { username: 'other', password: Buffer.from('wrong'), clientId: 'known' }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
  })

  test('keeps the session of the owner when another client is refused', async () => {
    const owner = await signIn('other', session('qos2'))
    owner.publish('line-3/x', 'x', { qos: 2, messageId: 9 })
    expect(await owner.next('pubrec')).not.toBeNull()
    const connect = { username: 'other', password: Buffer.from('wrong'), clientId: 'qos2', clean: true }
    expect(await (await world.connect({ connect })).connack()).toBe(4)
    const listener = await signIn('reader')
    await listener.subscribe('line-3/#')
    owner.publish('line-3/x', 'x', { qos: 2, messageId: 9 })
    expect(await owner.next('pubrec')).not.toBeNull()
    await listener.settle()
    expect(listener.messages()).toEqual([])
  })
})
