/** Measures many connections at rest, a change of the permissions of all of them, and a start with many retained messages. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type Role, roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { generate } from 'mqtt-packet'
import { makePlant, type Plant } from '../identities.ts'
import type { BystanderOrder } from '../load/bystander.ts'
import { connectAndStay } from '../load/connections.ts'
import { type Account, join } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuSeconds } from '../process-figures.ts'
import { makeRow, type Row } from '../row.ts'
import { admit, type Ours } from '../sides/gatehouse.ts'

/** Before the keep alive of 60 s is over. */
const pingEveryMs = 50_000

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  const plant = await makePlant(few(500, 10))
  await admit(ours.call, plant.authority.certificatePem, plant.machines)
  say('connections at rest …')
  const rest = await restPlainAndSecured(ours, plant, { count: few(10_000, 20), ms: few(60_000, 500) })
  const role = await makeNarrowedUsers(ours)
  const changes: Narrowed[] = []
  for (let round = 0; round < rounds; round++) {
    say(`permission change ${round + 1} of ${rounds} …`)
    changes.push(await narrow(ours, role, few(5_000, 20)))
  }
  const rows = [...rest, ...narrowedRows(changes)]
  // Two more starts are too much for a smoke run.
  const retained = few(100_000, 0)
  if (retained === 0) return { rows }
  say('start with retained messages …')
  const starts = await startWithRetained(ours, retained)
  return { rows: [...rows, starts] }
}

export const resting = { name: 'resting', run: measure }

/** The part of one core that connections use which send PINGREQ every 50 s. */
async function restWith({ pid }: { pid: number }, open: () => Promise<Socket[]>, ms: number): Promise<number> {
  const sockets = await open()
  const ping = generate({ cmd: 'pingreq' })
  let next = 0
  const pings = setInterval(() => sockets[next++ % sockets.length]?.write(ping), pingEveryMs / sockets.length)
  await wait(ms / 10)
  const [before, startedAt] = [await cpuSeconds(pid), performance.now()]
  await wait(ms)
  const used = (await cpuSeconds(pid)) - before
  const part = used / ((performance.now() - startedAt) / 1_000)
  clearInterval(pings)
  await closeAll(sockets)
  return part
}

const keepAlive = 60

async function restPlainAndSecured(
  { gatehouse, tls, call }: Ours,
  { machines }: Plant,
  { count, ms }: { count: number; ms: number },
): Promise<Row[]> {
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  for (let i = 0; i < restingUsers; i++) {
    await call(users.create, { body: { username: `bench-resting-${i}`, password, kind: 'machine', permissions } })
  }
  const openPlain = async () => {
    const sockets: Socket[] = []
    for (let i = 0; i < count; i++) {
      const account = { username: `bench-resting-${i % restingUsers}`, password }
      const { socket } = await join(portOf(gatehouse), account, { clientId: `rest-plain-${i}`, keepAlive })
      socket.removeAllListeners('data').resume()
      sockets.push(socket)
    }
    return sockets
  }
  const openSecured = () => connectAndStay(tls, machines, { count, atOnce: 16, prefix: 'rest-', keepAlive })
  const plain = await restWith(gatehouse, openPlain, ms)
  const secured = await restWith(gatehouse, openSecured, ms)
  const what = '10,000 connections at rest, keep-alive 60 s'
  const unit = 'of one core'
  return [
    makeRow({ name: what, unit, target: 0.05 }, [plain], null),
    makeRow({ name: `${what}: with TLS, beside without`, unit, target: 2 }, [secured], [plain]),
  ]
}

interface Narrowed {
  /** Seconds until the last connection is closed after their role lost its permission. */
  lastClosed: number
  /** The longest that a client of another user waited for PINGRESP meanwhile, in seconds. */
  longestPing: number
}

async function narrow(ours: Ours, role: Role, count: number): Promise<Narrowed> {
  const port = portOf(ours.gatehouse)
  const sockets = await joinAll(port, count)
  const bystander = await startBystander(port)
  let lastAt = performance.now()
  const closed = sockets.map(async (socket) => {
    await once(socket, 'close')
    lastAt = performance.now()
  })
  const startedAt = performance.now()
  await ours.call(roles.update, { params: { id: role.id }, body: { permissions: [] } })
  await Promise.all(closed)
  bystander.postMessage('stop')
  const [longestPing] = (await once(bystander, 'message')) as [number]
  await ours.call(roles.update, { params: { id: role.id }, body: { permissions: role.permissions } })
  return { lastClosed: (lastAt - startedAt) / 1_000, longestPing }
}

/** More would come close to the bound on the CONNECTs of one user. */
const narrowedUsers = 20
const restingUsers = 40
const password = 'a long password for waiting'
const otherUser = { username: 'bench-bystander', password }

async function makeNarrowedUsers({ call }: Ours): Promise<Role> {
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  const role = await call(roles.create, { body: { name: 'bench-narrowed', permissions } })
  for (let i = 0; i < narrowedUsers; i++) {
    await call(users.create, { body: { username: `bench-narrowed-${i}`, password, kind: 'machine', roles: [role.id] } })
  }
  await call(users.create, { body: { ...otherUser, kind: 'machine' } })
  return role
}

/** Connections with a subscription that needs the role. */
async function joinAll(port: number, count: number): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const account = { username: `bench-narrowed-${i % narrowedUsers}`, password }
    const { socket, next } = await join(port, account, { clientId: `narrow-${i}` })
    const answered = next('suback')
    socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'bench/x', qos: 0 }] }))
    await answered
    socket.removeAllListeners('data').resume()
    sockets.push(socket)
  }
  return sockets
}

async function startBystander(port: number): Promise<Worker> {
  const order: BystanderOrder = { port, account: otherUser }
  const worker = new Worker(new URL('../load/bystander.ts', import.meta.url), { workerData: order })
  await once(worker, 'message')
  return worker
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

async function closeAll(sockets: Socket[]): Promise<void> {
  const closed = sockets.map((socket) => once(socket, 'close'))
  for (const socket of sockets) socket.destroy()
  await Promise.all(closed)
}
