/** The bound for bytes that have arrived and are not handled yet. */
import { Duplex } from 'node:stream'
import { afterEach, expect, test } from 'vitest'
import * as raw from './testing/raw-packets.ts'
import { startWorld, type World } from './testing/world.ts'

let world: World
afterEach(() => world.stop())

const message = raw.publish({ topic: 't', payload: 'x'.repeat(7_000) })
const manyMessages = Buffer.concat(Array.from({ length: 8 }, () => message))

/** A connected client whose bytes arrive in the pieces that are pushed. */
async function openPipe(): Promise<Duplex> {
  const pipe = new Duplex({ read: () => undefined, write: (_, __, done) => done() })
  pipe.on('error', () => undefined)
  const before = [...world.engine.connections()].length
  world.engine.accept(pipe)
  pipe.push(raw.connect())
  await expect.poll(() => [...world.engine.connections()].length).toBe(before + 1)
  return pipe
}

function receivedBytes(): number {
  return [...world.engine.connections()].reduce((sum, { traffic }) => sum + traffic.bytesReceived, 0)
}

test('ends the connection with which the bytes of clients that are not read become too many', async () => {
  const publishRate = { perSecond: 0.01, burst: 1 }
  world = await startWorld({ limits: { publishRate, incomingBytesTotal: 60_000 } })
  const [first, second, small] = [await openPipe(), await openPipe(), await openPipe()]
  first.push(manyMessages)
  await expect.poll(receivedBytes).toBeGreaterThan(manyMessages.length)
  second.push(manyMessages)
  await expect.poll(() => second.destroyed).toBe(true)
  expect(first.destroyed).toBe(false)
  const before = receivedBytes()
  small.push(Buffer.concat([message, message]))
  await expect.poll(receivedBytes).toBeGreaterThan(before)
  expect(small.destroyed).toBe(false)
})

test('counts bytes no longer when they were read', async () => {
  const publishRate = { perSecond: 1000, burst: 1 }
  world = await startWorld({ limits: { publishRate, incomingBytesTotal: 60_000 } })
  const pipe = await openPipe()
  for (let sent = 1; sent <= 4; sent++) {
    pipe.push(manyMessages)
    await expect.poll(() => [...world.engine.connections()][0]?.traffic.messagesReceived).toBe(sent * 8)
  }
  expect(pipe.destroyed).toBe(false)
})
