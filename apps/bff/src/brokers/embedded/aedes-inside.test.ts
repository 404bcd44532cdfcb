import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { Client } from 'aedes'
import { writeToStream } from 'mqtt-packet'
import { expect, test } from 'vitest'
import { gatherWrites } from './aedes-inside.ts'

function gatheringSocket() {
  const writes: number[] = []
  const add = (bytes: number, done: () => void) => {
    writes.push(bytes)
    done()
  }
  const conn = new Writable({
    write: (chunk: Buffer, _encoding, done) => add(chunk.length, done),
    writev: (chunks, done) =>
      add(
        chunks.reduce((sum, { chunk }) => sum + (chunk as Buffer).length, 0),
        done,
      ),
  })
  gatherWrites({ conn } as unknown as Client)
  return { conn, writes }
}

// aedes writes each message in its own immediate.
function send(conn: Writable, count: number, payloadBytes: number): void {
  const payload = Buffer.alloc(payloadBytes)
  for (let sent = 0; sent < count; sent++) {
    setImmediate(() => writeToStream({ cmd: 'publish', topic: 't', payload, qos: 0, dup: false, retain: false }, conn))
  }
}

test('sends all packets of one turn of the event loop in one write', async () => {
  const { conn, writes } = gatheringSocket()
  send(conn, 100, 95)
  await turn()
  expect(writes).toEqual([])
  await turn()
  expect(writes).toEqual([100 * 100])
  send(conn, 1, 95)
  await turn()
  await turn()
  expect(writes).toEqual([100 * 100, 100])
})

test('sends what exceeds the bound before the end of the turn', async () => {
  const { conn, writes } = gatheringSocket()
  send(conn, 100, 10_000)
  await turn()
  expect(conn.writableLength).toBeLessThan(80_000)
  await turn()
  expect(Math.max(...writes)).toBeLessThan(80_000)
  expect(writes.reduce((sum, bytes) => sum + bytes, 0)).toBe(100 * 10_006)
})

test('sends a packet before the connection ends', async () => {
  const { conn, writes } = gatheringSocket()
  send(conn, 1, 95)
  setImmediate(() => conn.end())
  await turn()
  await turn()
  expect(writes).toEqual([100])
  expect(conn.writableFinished).toBe(true)
})
