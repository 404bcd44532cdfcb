import { randomBytes } from 'node:crypto'
import { connect as connectPlain } from 'node:net'
import type { Worker } from 'node:worker_threads'
import { defaultLimits } from '@gatehouse/mqtt/limits'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { generate, type Packet } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { endIdleThreads } from '../../../test/broker-threads.ts'
import { eventually, startWorld, type World } from '../../../test/broker-world.ts'

const authority = makeAuthority({ subject: 'Plant' })

const { connectPacketBytes: maxConnectBytes, packetBytes: maxPacketBytes, queuePerSession } = defaultLimits

let world: World
let thread: Worker
beforeAll(async () => {
  await endIdleThreads()
  process.once('worker', (worker) => {
    thread = worker
  })
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('everything', { password: 'p', read: ['#'], write: ['#'] })
})
afterAll(() => world.stop())

async function signIn(connect: object = {}) {
  const client = await world.connect({ connect: { username: 'everything', password: Buffer.from('p'), ...connect } })
  expect(await client.connack()).toBe(0)
  return client
}

async function isAlive(): Promise<boolean> {
  const client = await signIn()
  await client.subscribe('alive')
  client.publish('alive', 'yes')
  return (await client.next('publish'))?.payload.toString() === 'yes' && world.broker.isRunning()
}

describe('input that is not MQTT', () => {
  test('records one decision for each address for plain text on the TLS port and for broken handshakes', async () => {
    for (const text of ['GET / HTTP/1.1\r\n\r\n', 'hello', '']) {
      const socket = connectPlain({ host: '127.0.0.1', port: world.port('mqtts') })
      socket.on('error', () => {})
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.end(text)
      await closed
    }
    await eventually(async () => {
      expect(await world.decided({ reason: 'handshake_failed' })).toMatchObject([
        { address: '127.0.0.1', listener: 'mqtts' },
      ])
    })
  })

  test.each<[string, Buffer]>([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['zeros', Buffer.alloc(100)],
    [
      'a PUBLISH before CONNECT',
      generate({ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, retain: false, dup: false }),
    ],
    ['a CONNECT that is too long', lengthOnly(0x10, maxConnectBytes + 1)],
    ['a CONNECT of 256 MB', lengthOnly(0x10, 268_435_455)],
  ])('%s ends the connection', async (_name, bytes) => {
    const client = await world.connect({ isSilent: true })
    client.socket.write(bytes)
    await client.closed
    expect(client.received).toEqual([])
  })

  test.each<[string, Buffer]>([
    ['a packet that is too long', lengthOnly(0x30, maxPacketBytes + 1)],
    [
      'a second CONNECT',
      generate({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId: 'x', clean: true, keepalive: 0 }),
    ],
    ['a reserved type', Buffer.from([0xf0, 0])],
    ['QoS 3', Buffer.from([0x36, 5, 0, 1, 97, 0, 1])],
    ['a topic with a wildcard', Buffer.from([0x30, 5, 0, 3, 97, 47, 35])],
    ['no topic', Buffer.from([0x30, 2, 0, 0])],
    ['a topic of 201 levels', publishTo('a/'.repeat(200))],
    ['a SUBSCRIBE without topics', Buffer.from([0x82, 2, 0, 1])],
  ])('%s ends a signed-in connection', async (_name, bytes) => {
    const client = await signIn()
    client.socket.write(bytes)
    await client.closed
    expect(await isAlive()).toBe(true)
  })

  test.each(['a/#/b', 'a+', 'a/'.repeat(200), '$share/g', '$share/+/a'])(
    'answers 128 for the filter %j, with a decision',
    async (filter) => {
      const clientId = `subscribing to ${filter.slice(0, 10)}`
      const client = await signIn({ clientId })
      expect(await client.subscribe(filter, 'a/b')).toEqual([128, 0])
      const reason = filter.length > 100 ? 'topic_too_deep' : 'filter_invalid'
      expect(await world.decided({ reason, topic: filter, clientId })).toHaveLength(1)
    },
  )

  test('accepts a packet of the maximum length', async () => {
    const client = await signIn()
    await client.subscribe('big')
    client.publish('big', 'x'.repeat(maxPacketBytes - 100))
    expect((await client.next('publish'))?.payload).toHaveLength(maxPacketBytes - 100)
  })

  test('accepts client ids and topics that are names of JavaScript prototypes', async () => {
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const client = await signIn({ clientId: name, clean: false })
      expect(await client.subscribeWith(1, name, `${name}/#`)).toEqual([1, 1])
      client.publish(name, 'x', { qos: 1, messageId: 1, retain: true })
      expect(await client.next('publish')).toMatchObject({ topic: name })
    }
  })

  test('survives random bytes inside packets', async () => {
    const packets: Packet[] = [
      { cmd: 'publish', topic: 'a/b', payload: 'x', qos: 2, messageId: 5, retain: true, dup: false },
      { cmd: 'subscribe', messageId: 4, subscriptions: [{ topic: 'a/+/c', qos: 2 }] },
      { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['a/+/c'] },
      { cmd: 'pubrel', messageId: 5 },
      { cmd: 'puback', messageId: 5 },
      { cmd: 'pubrec', messageId: 5 },
      { cmd: 'pingreq' },
    ]
    for (let round = 0; round < 60; round++) {
      const client = await signIn({ clientId: `fuzz-${round % 5}`, clean: round % 2 === 0 })
      for (const packet of packets) client.socket.write(spoil(generate(packet)))
      client.socket.end()
      await client.closed
    }
    expect(await isAlive()).toBe(true)
  }, 30_000)
})

test('delivers to others while a subscriber reads nothing', async () => {
  const deaf = await signIn()
  await deaf.subscribe('news')
  deaf.socket.pause()
  const listener = await signIn()
  await listener.subscribeWith(1, 'news', 'end')
  const writer = await signIn()
  for (let at = 1; at <= 100; at++) writer.publish('news', 'x'.repeat(50_000), { qos: 1, messageId: at })
  writer.publish('end', '', { qos: 1, messageId: 101 })
  expect(await writer.settle()).toBe(true)
  await eventually(() => expect(listener.messages().at(-1)).toBe('end='))
  expect(listener.messages()).toHaveLength(101)
})

test('closes a connection without packets for one and a half times its keepalive [MQTT-3.1.2-24]', async () => {
  const client = await signIn({ keepalive: 1 })
  expect(await client.next('publish')).toBeNull()
})

test('bounds the messages that wait for one client', async () => {
  const away = await signIn({ clientId: 'away', clean: false })
  await away.subscribeWith(1, 'queue')
  away.socket.destroy()
  await away.closed
  const writer = await signIn()
  const { count } = queuePerSession
  for (let at = 0; at < count + 50; at++) writer.publish('queue', String(at), { qos: 1, messageId: 1 + at })
  await writer.settle()
  const back = await signIn({ clientId: 'away', clean: false })
  const received: string[] = []
  while (received.length < count) {
    const packet = await back.next('publish')
    if (!packet) break
    received.push(packet.payload.toString())
    back.send({ cmd: 'puback', messageId: packet.messageId ?? 0 })
  }
  await back.settle()
  expect([received.length, received.at(-1), back.messages()]).toEqual([count, String(count - 1), []])
})

test('reports sign-ins in batches', async () => {
  await eventually(() => expect(world.seen).not.toEqual([]))
  expect(new Set(world.seen.map(({ userId }) => userId)).size).toBe(1)
})

test('uses another server certificate at once, and judges clients as before', async () => {
  const other = issue(authority, { subject: 'other', extendedKeyUsage: ['serverAuth'] })
  await world.broker.replaceServerCertificate({ cert: other.certificatePem, key: other.privateKeyPem })
  const refused = await world.connect({ tls: issue(makeAuthority({ subject: 'Stranger' }), { subject: 'everything' }) })
  expect(await refused.connack()).toBeNull()
  expect(await world.decided({ reason: 'unknown_authority' })).toHaveLength(1)
})

describe('the thread dies', () => {
  test.each<[string, (worker: Worker) => unknown]>([
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    ['by an error nobody caught', (worker) => worker.postMessage(null)],
    ['without a word', (worker) => worker.terminate()],
  ])('%s: not running, questions get null; then it is there again on the same port', async (_name, kill) => {
    const client = await signIn()
    const [before] = (await world.decided()).slice(-1)
    const started = new Promise<Worker>((resolve) => process.once('worker', resolve))
    kill(thread)
    await client.closed
    await eventually(() => expect(world.broker.isRunning()).toBe(false))
    expect(await world.changed({ kind: 'user', ids: [] })).toBeNull()
    thread = await started
    await eventually(() => expect(world.broker.isRunning()).toBe(true))
    expect(await isAlive()).toBe(true)
    const [after] = (await world.decided()).slice(-1)
    expect(after?.id).toBeGreaterThan(before?.id ?? 0)
    world.errors.length = 0
  })
})

function lengthOnly(type: number, length: number): Buffer {
  const bytes = [type]
  for (let rest = length; rest > 0; rest >>= 7) bytes.push((rest & 127) | (rest > 127 ? 128 : 0))
  return Buffer.from(bytes)
}

function publishTo(topic: string): Buffer {
  return generate({ cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false })
}

function spoil(bytes: Buffer): Buffer {
  const spoilt = Buffer.from(bytes)
  const [at = 0, value = 0, times = 0] = randomBytes(3)
  if (times % 3 !== 0) spoilt[at % spoilt.length] = value
  return times % 7 === 0 ? spoilt.subarray(0, 1 + (at % spoilt.length)) : spoilt
}
