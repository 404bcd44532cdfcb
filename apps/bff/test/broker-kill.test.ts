/** Kills the whole server while messages flow: a message that was acknowledged arrives after the next start. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { goodPassword } from './app.ts'
import { connectClient, type RawClient } from './mqtt-client.ts'
import { type ServerProcess, startServer } from './server-process.ts'

const cycles = process.env.GATEHOUSE_TEST_ALL ? 50 : 2
/** Of one cycle: the server is killed when so many are acknowledged, while others are on their way. */
const acknowledgedBeforeKill = 40
const onTheWay = 20

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-kill-'))
})
afterEach(() => rm(folder, { recursive: true }))

async function come({ mqttUrl }: ServerProcess, clientId: string): Promise<RawClient> {
  const connect = { username: 'admin', password: Buffer.from(goodPassword), clientId, clean: false }
  const client = await connectClient(Number(new URL(mqttUrl).port), { connect })
  expect(await client.connack()).toBe(0)
  return client
}

/** Publishes numbers with QoS 1 until the server is killed. Returns those that it acknowledged. */
async function publishUntilKilled(server: ServerProcess, cycle: number): Promise<string[]> {
  const publisher = await come(server, 'publisher')
  const acknowledged: string[] = []
  let sent = 0
  const send = () => publisher.publish('line-3/counter', `${cycle}.${++sent}`, { qos: 1, messageId: sent })
  for (let at = 0; at < onTheWay; at++) send()
  let killed: Promise<unknown> = Promise.resolve()
  for (;;) {
    const puback = await publisher.next('puback')
    if (!puback) break
    acknowledged.push(`${cycle}.${puback.messageId}`)
    if (acknowledged.length === acknowledgedBeforeKill) killed = server.end('SIGKILL')
    send()
  }
  await killed
  return acknowledged
}

/** Takes up the session and acknowledges everything that waited for it. */
async function receive(server: ServerProcess): Promise<string[]> {
  const subscriber = await come(server, 'subscriber')
  // Sent after what waited: [MQTT-4.6.0-6], messages of one topic keep their order.
  const publisher = await come(server, 'marker')
  publisher.publish('line-3/counter', 'end', { qos: 1, messageId: 1 })
  const received: string[] = []
  for (;;) {
    const packet = await subscriber.next('publish')
    const payload = packet?.payload.toString() ?? 'end'
    subscriber.send({ cmd: 'puback', messageId: packet?.messageId ?? 0 })
    if (payload === 'end') break
    received.push(payload)
  }
  await subscriber.settle()
  for (const client of [subscriber, publisher]) client.socket.destroy()
  return received
}

test(`loses no acknowledged message in ${cycles} kills`, { timeout: 60_000 + cycles * 20_000 }, async () => {
  let server = await startServer(folder)
  const subscriber = await come(server, 'subscriber')
  expect(await subscriber.subscribeWith(1, 'line-3/#')).toEqual([1])
  subscriber.socket.destroy()
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const acknowledged = await publishUntilKilled(server, cycle)
    server = await startServer(folder)
    const received = new Set(await receive(server))
    expect(acknowledged.filter((each) => !received.has(each))).toEqual([])
  }
  await server.end('SIGTERM')
})
