/** A process that may open no more files: a low limit lowers the bounds on connections, and when it is reached that is said. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broker } from '@gatehouse/contract/brokers/broker'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { goodPassword } from './app.ts'
import { connectClient } from './mqtt-client.ts'
import { type ServerProcess, startServer } from './server-process.ts'

/** Linux only: it changes the limit of a process that runs. */
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0

let folder = ''
let server: ServerProcess
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-descriptors-'))
})
afterEach(async () => {
  agent.destroy()
  await server.end('SIGKILL')
  rmSync(folder, { recursive: true })
})

/** Over the connection that is open already: no other can be accepted. */
function readiness(): Promise<unknown> {
  return new Promise((resolve, reject) => {
    get(`${server.url}/readyz`, { agent }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString())).once('end', () => resolve(JSON.parse(text)))
    }).once('error', reject)
  })
}

/** The limit is on the number of a descriptor, and the lowest free one is given next. */
function lowestFree(pid: string): number {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number))
  let number = 0
  while (open.has(number)) number++
  return number
}

it.skipIf(!hasPrlimit)('says in the log and by /readyz that no file can be opened, and recovers', async () => {
  server = await startServer(folder)
  const pid = readFileSync(join(folder, 'gatehouse.pid'), 'utf8').split(' ')[0] ?? ''
  // The soft limit, which root may set for a process that runs.
  const limit = (files: number) => spawnSync('prlimit', ['--pid', pid, `--nofile=${files}:`])
  expect(await readiness()).toEqual({ status: 'ready', broken: [] })

  limit(lowestFree(pid))
  const exhausted = { status: 'not ready', broken: ['descriptors'] }
  await expect.poll(readiness, { timeout: 15_000 }).toEqual(exhausted)
  await expect.poll(() => server.printed(), { timeout: 15_000 }).toContain('no more files can be opened')

  limit(4_096)
  await expect.poll(readiness, { timeout: 15_000 }).toEqual({ status: 'ready', broken: [] })
  await expect.poll(() => server.printed(), { timeout: 15_000 }).toContain('files can be opened again')
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
})

/** 300 files leave 137 connections for MQTT, 55 of them for strangers from one address. */
const lowLimit = 300

it('keeps fewer connections below a low limit, serves newcomers, and shows one line for all that were dropped', async () => {
  server = await startServer(folder, {}, lowLimit)
  const port = Number(new URL(server.mqttUrl).port)
  const strangers = Array.from({ length: 200 }, () =>
    connect({ port, host: '127.0.0.1' })
      .on('error', () => {})
      .resume(),
  )
  await expect.poll(() => strangers.filter((socket) => socket.closed).length, { timeout: 15_000 }).toBe(145)

  const client = await connectClient(port, { connect: { username: 'admin', password: Buffer.from(goodPassword) } })
  expect(await client.connack()).toBe(0)
  const call = createClient({ baseUrl: server.url })
  const { token } = await call(session.login, { body: { username: 'admin', password: goodPassword } })
  const admin = createClient({ baseUrl: server.url, headers: { Authorization: `Bearer ${token}` } })
  const { items } = await admin(broker.decisions, { search: { 'outcome[eq]': 'refused' } })
  expect(items.map(({ reason, listener, address }) => [reason, listener, address])).toEqual([
    ['too_many_connections', 'mqtt', '127.0.0.1'],
  ])
  expect(server.printed()).toContain('the limit of open files reduces the number of connections')
  for (const socket of strangers) socket.destroy()
  client.socket.destroy()
})
