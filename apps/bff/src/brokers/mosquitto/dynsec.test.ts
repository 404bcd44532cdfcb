import { expect, it } from 'vitest'
import { ControlError, type ControlResponse } from './control-client.ts'
import { Dynsec } from './dynsec.ts'

/** A plugin that answers each `getClient` with the next of these. */
function countedFrom(...answers: Omit<ControlResponse, 'command'>[]): Promise<number | null> {
  const dynsec = new Dynsec({
    send: async (_topic, commands) => commands.map((_, at) => ({ command: 'getClient', ...answers[at] })),
  })
  return dynsec.countConnections(answers.map((_, at) => `press-${at}`))
}

const client = (connections?: unknown) => ({ data: { client: { username: 'press', connections } } })
const address = { address: '192.0.2.7' }

it.each([
  ['names them, as version 2.1 does', [client([address, address]), client([address]), client([])], 3],
  ['does not name them, as version 2.0 does', [client([address]), client()], null],
  ['does not know a user', [client([address]), { error: 'Client not found' }], 1],
  ['answers something else', [{ data: { client: 7 } }], null],
  ['has too many users to ask for', Array.from({ length: 101 }, () => client([])), null],
])('counts the connections of users where Mosquitto %s', async (_says, answers, count) => {
  expect(await countedFrom(...answers)).toBe(count)
})

it('sends many small commands in few messages, and large ones in messages of half a megabyte', async () => {
  const sent: number[] = []
  const dynsec = new Dynsec({
    send: async (_topic, commands) => {
      sent.push(Buffer.byteLength(JSON.stringify(commands)))
      return commands.map(() => ({ command: 'modifyRole' }))
    },
  })
  const progress: number[] = []
  const small = Array.from({ length: 1_000 }, (_, at) => ({ command: 'modifyRole', rolename: `u:press-${at}` }))
  await dynsec.run(small, (done) => progress.push(done))
  expect(sent.length).toBeLessThan(10)
  expect(progress.at(-1)).toBe(1_000)
  sent.length = 0
  const topic = 'x'.repeat(60_000)
  await dynsec.run(Array.from({ length: 40 }, () => ({ command: 'modifyRole', acls: [{ topic }] })))
  expect(Math.max(...sent)).toBeLessThan(600_000)
  expect(sent.length).toBeGreaterThanOrEqual(5)
})

/** `run` runs `count` commands. `sizes`: how many commands each message had. */
function sizesOf(count: number, send: (size: number) => Promise<string | undefined>) {
  const sizes: number[] = []
  const dynsec = new Dynsec({
    send: async (_topic, commands) => {
      sizes.push(commands.length)
      const error = await send(commands.length)
      return commands.map(() => ({ command: 'createRole', ...(error === undefined ? {} : { error }) }))
    },
  })
  const commands = Array.from({ length: count }, () => ({ command: 'createRole' }))
  return { sizes, run: () => dynsec.run(commands) }
}

it('at most doubles the commands of a message, and starts small again after a message without an answer', async () => {
  let isAway = false
  const { sizes, run } = sizesOf(300, async () => {
    if (isAway) throw new ControlError('no_answer')
    return undefined
  })
  await run()
  expect(sizes[0]).toBe(8)
  for (const [at, size] of sizes.entries()) expect(size).toBeLessThanOrEqual(2 * (sizes[at - 1] ?? 4))
  isAway = true
  await expect(run()).rejects.toThrow(ControlError)
  isAway = false
  sizes.length = 0
  await run()
  expect(sizes[0]).toBeLessThanOrEqual(8)
})

it('does not send more at once after a message whose commands were all refused', async () => {
  const { sizes, run } = sizesOf(100, async () => 'Role already exists')
  await run()
  expect(Math.max(...sizes)).toBe(8)
})
