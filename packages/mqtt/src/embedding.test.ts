/** What an embedder relies on: its answers are asked for at the right moment, and its facts come back after a restart. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join as joinPath } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { EngineOptions } from './engine.ts'
import { openLogStore } from './log-store.ts'
import type { StoredClient } from './policy.ts'
import * as raw from './testing/raw-packets.ts'
import { join, openPolicy, startWorld, subscribe, type World } from './testing/world.ts'

let folder: string
let world: World
beforeEach(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'mqtt-'))
})
afterEach(async () => {
  await world.stop()
  rmSync(folder, { recursive: true })
})

async function start(options: Partial<EngineOptions> = {}): Promise<void> {
  world = await startWorld({ store: await openLogStore(joinPath(folder, 'broker.log')), ...options })
}

/** Everybody is Ann; the memo names the client. */
const connect = async ({ clientId }: { clientId: string }) => ({
  user: 'ann',
  data: undefined,
  memo: `memo of ${clientId}`,
})

const durable = { version: 5, clean: false, properties: [raw.property.uint32(0x11, 1000)] }

test('asks the policy again when its answer is outdated in the step that begins the session', async () => {
  const outdated = [true, true, false]
  let asked = 0
  await start({
    policy: {
      ...openPolicy,
      connect: async () => ({
        user: `answer ${++asked}`,
        data: undefined,
        isOutdated: () => outdated.shift() ?? false,
      }),
    },
  })
  await join(world, { clientId: 'c' })
  expect(Array.from(world.engine.connections(), ({ client }) => client.user)).toEqual(['answer 3'])
})

test('gives back after a restart what the policy stored with sessions and wills, with the filters as it judged them', async () => {
  await start({ policy: { ...openPolicy, connect } })
  const client = await join(world, { ...durable, clientId: 'stored' })
  const filters: [string, number][] = [
    ['a/#', 1],
    ['$share/group/b', 1],
  ]
  await subscribe(client, filters, { version: 5 })
  await join(world, { clientId: 'with a will', will: { topic: 'w' } })
  await world.stop()
  const asked: StoredClient[] = []
  const restore: typeof openPolicy.restore = async (stored) => {
    asked.push(...stored)
    return openPolicy.restore(stored)
  }
  await start({ policy: { ...openPolicy, restore } })
  const sorted = asked.map((each) => ({ ...each, filters: each.filters.toSorted() }))
  expect(sorted.toSorted((a, b) => a.clientId.localeCompare(b.clientId))).toEqual([
    { clientId: 'stored', user: 'ann', memo: 'memo of stored', filters: ['a/#', 'b'] },
    { clientId: 'with a will', user: 'ann', memo: 'memo of with a will', filters: [] },
  ])
})

test('a will that is due at the start reaches every stored session', async () => {
  await start()
  for (const clientId of ['before', 'will', 'zzz after']) {
    const will = clientId === 'will' ? { will: { topic: 'w', payload: 'gone', qos: 1 } } : {}
    const client = await join(world, { ...durable, clientId, ...will })
    await subscribe(client, [['w', 1]], { version: 5 })
  }
  await world.stop()
  await start()
  for (const clientId of ['before', 'zzz after']) {
    const client = await join(world, { ...durable, clientId })
    expect(await client.next('publish')).toMatchObject({ topic: 'w', payload: 'gone' })
  }
})

test('reports the end of a session, also of one that a clean start replaces', async () => {
  const ended: string[] = []
  await start({ events: { sessionEnded: ({ clientId, user }) => ended.push(`${clientId} of ${user}`) } })
  await (await join(world, { ...durable, clientId: 'c', username: 'ann' })).cut()
  await join(world, { clientId: 'c', username: 'ann' })
  expect(ended).toEqual(['c of ann'])
  expect(world.engine.dropSession('c')).toBe(true)
  expect(ended).toEqual(['c of ann', 'c of ann'])
})
