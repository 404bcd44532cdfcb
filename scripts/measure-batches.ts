/**
 * Measures how long an import of many users delays other requests: the delay of the server's event loop, and the time
 * of a read and a write by another user meanwhile. `GATEHOUSE_DATA_DIR=… GATEHOUSE_ADMIN_PASSWORD=… node
 * scripts/measure-batches.ts [users]` needs a folder that `npm run seed` made with that password, and writes to it.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { readSettings } from '../apps/bff/src/env.ts'
import { systemClock } from '../apps/bff/src/platform/base/clock.ts'
import { makeLog } from '../apps/bff/src/platform/base/log.ts'
import { start } from '../apps/bff/src/start.ts'
import { roles } from '../packages/contract/src/access/roles.ts'
import { type Call, createClient } from '../packages/contract/src/client.ts'
import { session } from '../packages/contract/src/identity/sign-in.ts'
import { userTransfer } from '../packages/contract/src/identity/user-import.ts'
import { measureTurns } from './turns.ts'

interface Task {
  does: 'import' | 'look' | 'change'
  url: string
  token: string
  count: number
  size: number
}

// The size that the console sends, and the maximum of a request.
const batchSizes = [100, 1_000]

if (process.send) await perform()
else await serve()

async function serve(): Promise<void> {
  const ports = { GATEHOUSE_HTTP_PORT: '0', GATEHOUSE_MQTT_PORT: '0', GATEHOUSE_MQTTS_PORT: '0' }
  const settings = readSettings({ ...process.env, ...ports })
  const started = await start({ settings, clock: systemClock, log: makeLog('warn'), version: 'measured' })
  const login = { username: settings.admin.username, password: settings.admin.password ?? '', label: 'measuring' }
  const { token } = await createClient({ baseUrl: started.url })(session.login, { body: login })
  const count = Number(process.argv[2] ?? 10_000)
  for (const size of batchSizes) {
    const task = { url: started.url, token, count, size }
    const [importing, look, change] = await Promise.all(
      (['import', 'look', 'change'] as const).map((does) => begin({ ...task, does })),
    )
    if (!importing || !look || !change) return
    const endTurns = measureTurns()
    for (const each of [look, change, importing]) each.send('go')
    const took = await heard(importing)
    const turns = spread(endTurns())
    for (const each of [look, change]) each.send('over')
    const waits = await Promise.all([look, change].map(heard))
    console.log(`${count} users by ${size}: ${took}`)
    console.log(`  a look: ${waits[0]}\n  a change: ${waits[1]}\n  CPU of the server between two turns: ${turns}`)
  }
  await started.stop()
}

async function heard(child: ChildProcess): Promise<string> {
  const [said] = (await once(child, 'message')) as [string]
  return said
}

/** Runs in its own process, so that it waits only for the server. */
async function begin(task: Task): Promise<ChildProcess> {
  const child = fork(import.meta.filename, [JSON.stringify(task)])
  await once(child, 'message')
  return child
}

async function perform(): Promise<void> {
  const task = JSON.parse(process.argv[2] ?? '') as Task
  const call = createClient({ baseUrl: task.url, headers: { Authorization: `Bearer ${task.token}` } })
  process.send?.('ready')
  await once(process, 'message')
  process.send?.(task.does === 'import' ? await importUsers(call, task) : await askMeanwhile(call, task))
}

/** Sends another user's requests until the import is done, and measures each answer. */
async function askMeanwhile(call: Call, { does, url }: Task): Promise<string> {
  const over = new AbortController()
  process.once('message', () => over.abort())
  const { id } = await call(roles.create, { body: { name: `measured ${Date.now()}` } })
  const waits: number[] = []
  while (!over.signal.aborted) {
    const askedAt = performance.now()
    if (does === 'look') await (await fetch(`${url}/healthz`)).text()
    else await call(roles.update, { params: { id }, body: { description: `at ${Date.now()}` } })
    waits.push(performance.now() - askedAt)
    await sleep(does === 'look' ? 2 : 20)
  }
  await call(roles.remove, { params: { id } })
  return spread(waits)
}

function spread(taken: readonly number[]): string {
  const sorted = taken.toSorted((a, b) => b - a)
  const [median, hundredth] = [sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length / 100)]]
  return `median ${ms(median)}, p99 ${ms(hundredth)}, longest ${sorted.slice(0, 3).map(ms).join(', ')}`
}

async function importUsers(call: Call, { count, size }: Task): Promise<string> {
  const run = Date.now().toString(36)
  const startedAt = performance.now()
  for (let from = 0; from < count; from += size) {
    const users = Array.from({ length: size }, (_, at) => ({
      username: `measured-${run}-${from + at}`,
      displayName: `Press ${from + at}`,
      grantTypes: [{ method: 'certificate' as const }],
      permissions: [{ context: 'mqtt' as const, resource: `devices/${from + at}/#`, operation: 'readWrite' as const }],
    }))
    await call(userTransfer.batch, { body: { users } })
  }
  return `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`
}

function ms(taken = 0): string {
  return `${taken.toFixed(taken < 10 ? 1 : 0)} ms`
}
