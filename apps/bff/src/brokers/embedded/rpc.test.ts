import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { type Answer, type Call, Caller, makeRemote, type Remote, runCall } from './rpc.ts'

const functions = {
  add: (one: number, other: number) => one + other,
  later: async (text: string) => Promise.resolve(text),
  mapOf: (key: string) => new Map([[key, 1]]),
  fail: () => {
    throw new Error('the disk is full')
  },
  silent: () => new Promise<number>(() => {}),
}

const open: MessagePort[] = []
afterEach(() => {
  for (const port of open.splice(0)) port.close()
})

function connect() {
  const { port1, port2 } = new MessageChannel()
  open.push(port1, port2)
  const caller = new Caller<typeof functions>((call) => port1.postMessage(call))
  port1.on('message', (answer: Answer) => caller.settle(answer))
  port2.on('message', (call: Call) => void runCall(functions, call).then((answer) => port2.postMessage(answer)))
  const remote = makeRemote<Remote<typeof functions>, { name: string }>((name, args) => caller.call(name, args), {
    name: 'own',
  })
  return { caller, remote }
}

describe('a call', () => {
  test('resolves with the value of the other thread, whichever call is answered first', async () => {
    const { remote } = connect()
    expect(await Promise.all([remote.later('x'), remote.add(1, 2), remote.mapOf('k')])).toEqual([
      'x',
      3,
      new Map([['k', 1]]),
    ])
  })

  test('rejects with the error of the other thread', async () => {
    await expect(connect().remote.fail()).rejects.toThrow('the disk is full')
  })

  test('rejects when the other thread ends', async () => {
    const { caller, remote } = connect()
    const waiting = remote.silent()
    caller.close(new Error('ended'))
    await expect(waiting).rejects.toThrow('ended')
  })

  test.each(['constructor', 'toString', '__proto__', 'missing'])('of %s runs no function', async (name) => {
    expect(await runCall(functions, { type: 'call', id: 1, name, args: [] })).toMatchObject({ id: 1, isOk: false })
  })
})

test('a promise can resolve with a remote, which keeps its own members', async () => {
  const { remote } = connect()
  expect((await Promise.resolve(remote)).name).toBe('own')
})
