/** One authenticated device with one narrow right tries to stop the others. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'
import type { RawClient } from '../../../test/mqtt-client.ts'

const retainedPerUser = 8_000

let world: World
beforeAll(async () => {
  world = await startWorld({ limits: { retainedPerUser, retained: retainedPerUser + 1, connectsPerSecond: 4 } })
  await world.addUser('attacker', { password: 'p', read: ['attack/#'], write: ['attack/#'] })
  await world.addUser('device', { password: 'p', read: ['line-3/#'], write: ['line-3/#'] })
})
afterAll(() => world.stop())

async function signIn(username: string, connect: object = {}): Promise<RawClient> {
  const client = await world.connect({ connect: { username, password: Buffer.from('p'), ...connect } })
  expect(await client.connack()).toBe(0)
  return client
}

/** Another client is served, from CONNECT to the delivery of a message. */
async function isServed(): Promise<boolean> {
  const client = await signIn('device')
  await client.subscribeWith(1, 'line-3/served')
  client.publish('line-3/served', 'yes', { qos: 1, messageId: 1 })
  const packet = await client.next('publish')
  client.socket.destroy()
  return packet?.payload.toString() === 'yes'
}

const mebibyte = 1024 * 1024

/** In the heap of aedes each of these messages kept the 64 KiB of the socket that it was read from. */
test('thousands of small retained messages take up little memory, and a full store keeps what others have', async () => {
  const device = await signIn('device')
  device.publish('line-3/state', 'old', { qos: 1, messageId: 1, retain: true })
  expect(await device.next('puback')).not.toBeNull()
  const before = process.memoryUsage.rss()
  const attacker = await signIn('attacker', { clientId: 'retaining' })
  for (let at = 0; at <= retainedPerUser; at++) {
    attacker.publish(`attack/${at}`, 'x', { qos: 1, messageId: at + 1, retain: true })
    if (at % 100 === 0) await attacker.settle()
  }
  expect(await attacker.settle()).toBe(true)
  expect(process.memoryUsage.rss() - before).toBeLessThan(300 * mebibyte)
  expect(await world.decided({ reason: 'retained_quota', clientId: 'retaining' })).toHaveLength(1)

  device.publish('line-3/state', 'new', { qos: 1, messageId: 2, retain: true })
  device.publish('line-3/another', 'x', { qos: 1, messageId: 3, retain: true })
  expect(await device.settle()).toBe(true)
  const reader = await signIn('device')
  await reader.subscribe('line-3/#')
  expect((await reader.next('publish'))?.payload.toString()).toBe('new')
  await reader.settle()
  expect(reader.messages()).toEqual([])
  expect(await world.decided({ reason: 'retained_quota', topic: 'line-3/another' })).toHaveLength(1)
})

describe('the broker ends the connection of a client that', () => {
  test('sends QoS 2 messages and never releases them', async () => {
    const attacker = await signIn('attacker', { clientId: 'unreleased', clean: false })
    for (let at = 1; at <= 1_100; at++) attacker.publish('attack/a', 'x'.repeat(100), { qos: 2, messageId: at })
    await attacker.closed
    expect(await world.decided({ reason: 'protocol_error', clientId: 'unreleased' })).toHaveLength(1)
    expect(await isServed()).toBe(true)
  })

  test('subscribes to 70,000 filters in one packet', async () => {
    const attacker = await signIn('attacker', { clientId: 'subscribing' })
    const subscriptions = Array.from({ length: 70_000 }, (_, at) => ({ topic: `attack/${at}`, qos: 0 as const }))
    attacker.send({ cmd: 'subscribe', messageId: 1, subscriptions })
    expect(await isServed()).toBe(true)
    await attacker.closed
    expect(await world.decided({ reason: 'quota_exceeded', clientId: 'subscribing' })).toHaveLength(1)
  })
})

test('long filters are weighed: a session has room for a few of 64 KB', async () => {
  const attacker = await signIn('attacker', { clientId: 'long filters' })
  const granted: (number | object)[] = []
  for (let at = 0; at < 60; at++) granted.push(...(await attacker.subscribe(`attack/${at}/${'x'.repeat(60_000)}`)))
  expect(granted.slice(0, 20)).toEqual(Array.from({ length: 20 }, () => 0))
  expect(granted.at(-1)).toBe(128)
  expect((await world.decided({ reason: 'subscription_quota', clientId: 'long filters' })).length).toBeGreaterThan(0)
  expect(await isServed()).toBe(true)
})

test('a client that reconnects in a loop, or takes over its own id, is refused above the rate of its user', async () => {
  await world.addUser('looping', { password: 'p' })
  const codes = new Set<number | null>()
  for (let round = 0; round < 20 && !codes.has(3); round++) {
    const clients = await Promise.all(
      Array.from({ length: 50 }, () =>
        world.connect({ connect: { username: 'looping', password: Buffer.from('p'), clientId: 'loop' } }),
      ),
    )
    for (const client of clients) {
      codes.add(await client.connack())
      client.socket.destroy()
    }
  }
  expect(codes).toEqual(new Set([0, 3]))
  expect((await world.decided({ reason: 'connects_too_fast', username: 'looping' })).length).toBeGreaterThan(0)
  expect(await isServed()).toBe(true)
})
