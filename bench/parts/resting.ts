/** Measures many connections at rest, a change of the permissions of all of them, and a start with many retained messages. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import type { TLSSocket } from 'node:tls'
import { roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { generate } from 'mqtt-packet'
import { makePlant, type Plant } from '../identities.ts'
import { connectAndStay } from '../load/connections.ts'
import { type Account, join } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuSeconds } from '../process-figures.ts'
import { makeRow, type Row } from '../row.ts'
import { admit, type Ours } from '../sides/gatehouse.ts'

/** Before the keep alive of 60 s is over. */
const pingEveryMs = 50_000

const otherUser = { username: 'bench-bystander', password: 'a long password for pinging' }

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  await ours.call(users.create, { body: { ...otherUser, kind: 'machine' } })
  const plant = await makePlant(few(500, 10))
  await admit(ours.call, plant.authority.certificatePem, plant.machines)
  say('connections at rest …')
  const rest = await restWith(ours, plant, { count: few(10_000, 20), ms: few(60_000, 500) })
  const changes: Narrowed[] = []
  for (let round = 0; round < rounds; round++) {
    say(`permission change ${round + 1} of ${rounds} …`)
    changes.push(await narrow(ours, plant, few(5_000, 20)))
  }
  const rows = [rest, ...narrowedRows(changes)]
  // Two more starts are too much for a smoke run.
  const retained = few(100_000, 0)
  if (retained === 0) return { rows }
  say('start with retained messages …')
  const starts = await startWithRetained(ours, retained)
  return { rows: [...rows, starts] }
}

export const resting = { name: 'resting', run: measure }

/** The part of one core that connections use which send PINGREQ every 50 s. */
async function restWith(
  { gatehouse, tls }: Ours,
  { machines }: Plant,
  { count, ms }: { count: number; ms: number },
): Promise<Row> {
  const sockets = await connectAndStay(tls, machines, { count, atOnce: 16, prefix: 'rest-', keepAlive: 60 })
  const ping = generate({ cmd: 'pingreq' })
  let next = 0
  const pings = setInterval(() => sockets[next++ % count]?.write(ping), pingEveryMs / count)
  await wait(ms / 10)
  const [before, startedAt] = [await cpuSeconds(gatehouse.pid), performance.now()]
  await wait(ms)
  const used = (await cpuSeconds(gatehouse.pid)) - before
  const part = used / ((performance.now() - startedAt) / 1_000)
  clearInterval(pings)
  await closeAll(sockets)
  const name = '10,000 TLS connections at rest, keep-alive 60 s'
  return makeRow({ name, unit: 'of one core', target: 0.05 }, [part], null)
}

interface Narrowed {
  /** Seconds until the last connection is closed after their role lost its permission. */
  lastClosed: number
  /** The longest that a client of another user waited for PINGRESP meanwhile, in seconds. */
  longestPing: number
}

async function narrow(ours: Ours, { machines }: Plant, count: number): Promise<Narrowed> {
  const { items } = await ours.call(roles.list, { search: { 'name[eq]': 'bench-machine' } })
  const role = items[0]
  if (!role) throw new Error('No role')
  const sockets = await connectAndStay(ours.tls, machines, { count, atOnce: 16, prefix: 'narrow-' })
  const subscription = generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bench/x', qos: 0 }] })
  await Promise.all(
    sockets.map(async (socket) => {
      const answered = once(socket, 'data')
      socket.write(subscription)
      await answered
    }),
  )
  const bystander = await startPinging(ours)
  let lastAt = performance.now()
  const closed = sockets.map(async (socket) => {
    await once(socket.resume(), 'close')
    lastAt = performance.now()
  })
  const { permissions } = await ours.call(roles.view, { params: { id: role.id } })
  const startedAt = performance.now()
  await ours.call(roles.update, { params: { id: role.id }, body: { permissions: [] } })
  await Promise.all(closed)
  const longestPing = await bystander.stop()
  await ours.call(roles.update, { params: { id: role.id }, body: { permissions } })
  return { lastClosed: (lastAt - startedAt) / 1_000, longestPing }
}

function narrowedRows(changes: readonly Narrowed[]): Row[] {
  const name = '5,000 connections closed after their role lost its permission'
  const seconds = changes.map(({ lastClosed }) => lastClosed)
  const pings = changes.map(({ longestPing }) => longestPing)
  return [
    makeRow({ name, unit: 's', target: 1 }, seconds, null),
    makeRow({ name: 'The longest PING of another client meanwhile', unit: 's', target: 0.05 }, pings, null),
  ]
}

const betweenPingsMs = 5

/** A client of another user that sends one PINGREQ after the other. @returns the longest wait when it is stopped. */
async function startPinging({ gatehouse }: Ours): Promise<{ stop: () => Promise<number> }> {
  const { socket, next } = await join(portOf(gatehouse), otherUser, { clientId: 'bench-bystander' })
  const stopped = new AbortController()
  let longestMs = 0
  const ping = async () => {
    while (!stopped.signal.aborted) {
      const startedAt = performance.now()
      const answer = next('pingresp')
      socket.write(generate({ cmd: 'pingreq' }))
      await answer
      longestMs = Math.max(longestMs, performance.now() - startedAt)
      await wait(betweenPingsMs)
    }
  }
  const pinging = ping()
  const stop = async () => {
    stopped.abort()
    await pinging
    socket.destroy()
    return longestMs / 1_000
  }
  return { stop }
}

/** What retained messages add to the time from the start of the process until a client is admitted. */
async function startWithRetained({ gatehouse, call }: Ours, count: number): Promise<Row> {
  const account: Account = { username: 'bench-retainer', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, {
    body: { username: 'bench-retainer', password: account.password ?? '', kind: 'machine', permissions },
  })
  const restart = async (): Promise<number> => {
    await gatehouse.stop()
    const startedAt = performance.now()
    await gatehouse.start()
    const { socket } = await join(portOf(gatehouse), account, { clientId: 'bench-retainer' })
    socket.destroy()
    return (performance.now() - startedAt) / 1_000
  }
  const empty = await restart()
  const { socket, next } = await join(portOf(gatehouse), account, { clientId: 'bench-retainer' })
  for (let i = 0; i < count; i++) {
    const topic = `bench/retained/${i % 200}/${i}`
    const packet = generate({ cmd: 'publish', topic, payload: Buffer.alloc(100), qos: 0, dup: false, retain: true })
    if (!socket.write(packet)) await once(socket, 'drain')
  }
  // Answered after everything before it is on the disk.
  const subscribed = next('suback')
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bench/other', qos: 0 }] }))
  await subscribed
  socket.destroy()
  const added = Math.max(0, (await restart()) - empty)
  return makeRow({ name: 'What 100,000 retained messages add to a start', unit: 's', target: 3 }, [added], null)
}

function portOf({ mqttUrl }: Ours['gatehouse']): number {
  return Number(new URL(mqttUrl).port)
}

async function closeAll(sockets: TLSSocket[]): Promise<void> {
  const closed = sockets.map((socket) => once(socket, 'close'))
  for (const socket of sockets) socket.destroy()
  await Promise.all(closed)
}
