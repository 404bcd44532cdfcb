/** Measures the memory of idle connections with one subscription each: plain, and with mTLS beside Mosquitto. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { users } from '@gatehouse/contract/identity/users'
import { generate } from 'mqtt-packet'
import { collectGarbage } from '../collect-garbage.ts'
import { makePlant } from '../identities.ts'
import { connectAndStay } from '../load/connections.ts'
import { join } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { residentBytes } from '../process-figures.ts'
import { makeRow } from '../row.ts'
import { admit, type Ours } from '../sides/gatehouse.ts'
import { startMosquitto } from '../sides/mosquitto.ts'

const password = 'a long password for waiting'
/** More would come close to the bound on the CONNECTs of one user. */
const plainUsers = 20
const unit = 'KiB'
const kib = 1_024
const explained = 'decisions/0043-what-memory-a-storm-leaves.md'
/** So long a process frees what it needed for the CONNECTs. */
const settleMs = 10_000

interface Process {
  pid: number
  /** Makes it give back what the CONNECTs left. Mosquitto frees its memory by itself. */
  rest?: () => Promise<void>
}

type Open = (count: number, prefix: string) => Promise<Socket[]>

function processOf({ gatehouse: { pid }, inspectorPort }: Ours): Process {
  return { pid, rest: () => collectGarbage(pid, inspectorPort) }
}

async function measure({ installations, few, say }: Bench): Promise<Measured> {
  const count = few(5_000, 20)
  const settle = few(settleMs, 100)
  const cost = async ({ pid, rest = async () => {} }: Process, open: Open) => {
    // The first connections make the process load and compile what all of them need.
    const first = await open(Math.ceil(count / 10), 'first-')
    await wait(settle)
    await rest()
    const before = await residentBytes(pid)
    const sockets = await open(count, 'idle-')
    await wait(settle)
    await rest()
    const bytes = (await residentBytes(pid)) - before
    for (const socket of [...first, ...sockets]) socket.destroy()
    return bytes / kib / count
  }
  say('plain …')
  const plain = await installations.start(few(1_000, 100))
  const port = await makeUsers(plain)
  const ours = await cost(processOf(plain), (wanted, prefix) => joinAll(port, wanted, prefix))
  await installations.stopAll()
  say('mTLS …')
  const secured = await installations.start(few(1_000, 100))
  const plant = await makePlant(few(500, 20))
  await admit(secured.call, plant.authority.certificatePem, plant.machines)
  const mosquitto = await startMosquitto(plant)
  const openTo = (target: Ours['tls']) => async (wanted: number, prefix: string) => {
    const sockets = await connectAndStay(target, plant.machines, { count: wanted, atOnce: 16, prefix })
    await Promise.all(sockets.map(subscribe))
    return sockets
  }
  const oursSecured = await cost(processOf(secured), openTo(secured.tls))
  const theirs = await cost(mosquitto.child, openTo(mosquitto.target))
  await mosquitto.child.stop()
  const what = 'Memory of an idle connection with one subscription'
  return {
    rows: [
      makeRow({ name: `${what}, plain`, unit, target: 20 }, [ours], null),
      makeRow({ name: `${what}, mTLS, beside Mosquitto`, unit, target: 2.5, explained }, [oursSecured], [theirs]),
    ],
  }
}

export const idle = { name: 'idle', run: measure }

/** @returns the port. */
async function makeUsers({ call, gatehouse }: Ours): Promise<number> {
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  for (let i = 0; i < plainUsers; i++) {
    await call(users.create, { body: { username: `bench-idle-${i}`, password, kind: 'machine', permissions } })
  }
  return Number(new URL(gatehouse.mqttUrl).port)
}

async function joinAll(port: number, count: number, prefix: string): Promise<Socket[]> {
  const sockets: Socket[] = []
  for (let i = 0; i < count; i++) {
    const account = { username: `bench-idle-${i % plainUsers}`, password }
    const { socket } = await join(port, account, { clientId: `${prefix}${i}` })
    socket.removeAllListeners('data')
    await subscribe(socket)
    sockets.push(socket)
  }
  return sockets
}

async function subscribe(socket: Socket): Promise<void> {
  const answered = once(socket, 'data')
  const subscriptions = [{ topic: 'bench/line-1/command', qos: 0 as const }]
  socket.write(generate({ cmd: 'subscribe', messageId: 1, subscriptions }))
  await answered
  socket.resume()
}
