import { afterEach, expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import { join, startWorld, subscribe, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

test('counts the messages, packets and bytes of each connection', async () => {
  world = await startWorld()
  const reader = await join(world, { clientId: 'reader' })
  await subscribe(reader, [['a/#', 1]])
  const writer = await join(world, { clientId: 'writer' })
  const packet = raw.publish({ topic: 'a/b', payload: 'x', qos: 1, id: 7 })
  writer.send(packet)
  await writer.next('puback')
  await reader.next('publish')
  const byClient = new Map([...world.engine.connections()].map((each) => [each.client.clientId, each]))
  expect(byClient.get('writer')?.traffic).toMatchObject({
    packetsReceived: 2,
    packetsSent: 2,
    messagesReceived: 1,
    messagesSent: 0,
    bytesReceived: raw.connect({ clientId: 'writer' }).length + packet.length,
    // CONNACK and PUBACK.
    bytesSent: 8,
  })
  expect(byClient.get('reader')?.traffic).toMatchObject({ messagesReceived: 0, messagesSent: 1 })
})

test('names the time of the last packet, also while the engine reads nothing', async () => {
  world = await startWorld()
  const client = await join(world)
  const [before] = world.engine.connections()
  world.advance(5)
  expect([...world.engine.connections()][0]?.lastPacketAt).toBe(before?.lastPacketAt)
  client.send(raw.pingreq)
  await client.next('pingresp')
  expect([...world.engine.connections()][0]?.lastPacketAt).toBeGreaterThanOrEqual((before?.lastPacketAt ?? 0) + 5000)
})
