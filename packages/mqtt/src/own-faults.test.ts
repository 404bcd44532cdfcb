/** An error of the engine or of its embedder ends at most one connection. The others, and the thread, go on. */
import { expect, onTestFinished, test } from 'vitest'
import { Journal } from './journal.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, startWorld, subscribe, type World } from './testing/world.ts'
import { Turns } from './turns.ts'

const broken = new Error('broken')
const throwIt = (): never => {
  throw broken
}

async function start(options: Parameters<typeof startWorld>[0]): Promise<World> {
  const world = await startWorld(options)
  onTestFinished(() => world.stop())
  return world
}

test('an answer that throws after a commit is reported to its owner, and the other answers follow', async () => {
  const store = { load: async function* () {}, commit: async () => undefined, close: async () => undefined }
  const journal = new Journal(store, throwIt)
  const failures: unknown[] = []
  const said: string[] = []
  const owner = { failed: (error: unknown) => failures.push(error) }
  const record = { toRecord: () => ({ fields: '{}', body: undefined }) }
  journal.put('retained', 'a', record)
  journal.afterCommit(throwIt, owner)
  journal.afterCommit(() => said.push('next'), owner)
  await journal.settle()
  journal.put('retained', 'a', record)
  journal.afterCommit(() => said.push('later'), owner)
  await journal.settle()
  expect(failures).toEqual([broken])
  expect(said).toEqual(['next', 'later'])
})

test('an output that throws is reported to its connection, and the others are written', async () => {
  const turns = new Turns()
  const seen: unknown[] = []
  const failed = (error: unknown) => seen.push(error)
  turns.flushLater({ flush: throwIt, failed })
  turns.flushLater({ flush: () => seen.push('next'), failed })
  await expect.poll(() => seen).toEqual([broken, 'next'])
  turns.flushLater({ flush: () => seen.push('later'), failed })
  await expect.poll(() => seen).toEqual([broken, 'next', 'later'])
})

test('an error while one connection is checked for its keep alive leaves the others to be checked', async () => {
  const failures: unknown[] = []
  const ended: string[] = []
  const world = await start({
    events: {
      failed: (error) => failures.push(error),
      disconnected: ({ client }) => {
        ended.push(client.clientId)
        if (client.clientId === 'first') throwIt()
      },
    },
  })
  const first = await join(world, { clientId: 'first', keepAlive: 10 })
  const second = await join(world, { clientId: 'second', keepAlive: 10 })
  world.advance(16)
  await Promise.all([first.closed(), second.closed()])
  expect(ended).toEqual(['first', 'second'])
  expect(failures).toEqual([broken])
  await join(world, { clientId: 'first' })
})

test('an error while a lost connection is cleaned up does not end the process', async () => {
  const failures: unknown[] = []
  const world = await start({ events: { failed: (error) => failures.push(error), disconnected: throwIt } })
  const client = await join(world, { clientId: 'c' })
  client.socket.destroy()
  await expect.poll(() => failures).toEqual([broken])
})

test('an error while a client that reads again gets what waited for it ends its connection only', async () => {
  const failures: unknown[] = []
  let isBroken = false
  const world = await start({
    limits: { outgoingBytes: 20_000 },
    policy: { ...openPolicy, deliver: () => (isBroken ? throwIt() : true) },
    events: { failed: (error) => failures.push(error) },
  })
  const slow = await join(world, { clientId: 'slow' })
  await subscribe(slow, [['a', 1]])
  slow.socket.pause()
  const publisher = await join(world, { clientId: 'publisher' })
  const payload = 'x'.repeat(10_000)
  for (let id = 1; id <= 500; id++) publisher.send(raw.publish({ topic: 'a', qos: 1, id, payload }))
  await publisher.next('puback', 500)
  isBroken = true
  slow.socket.resume()
  await slow.closed()
  expect(failures).toContain(broken)
  expect(publisher.isClosed).toBe(false)
})
