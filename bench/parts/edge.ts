/** Measures the HTTP edge beside a bare `node:https` proxy, and what others notice of its devices. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { users } from '@gatehouse/contract/identity/users'
import { collectGarbage } from '../collect-garbage.ts'
import { makePlant, type Plant } from '../identities.ts'
import { type BusyOrder, busyDevices } from '../load/busy-device.ts'
import { connectAndStay, pick } from '../load/connections.ts'
import { ping } from '../load/pings.ts'
import { storm } from '../load/storm.ts'
import { download, largeBytes, sendSmall, upload } from '../load/transfers.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer, residentBytes } from '../process-figures.ts'
import { inTurn, makeRow, percentile, type Row } from '../row.ts'
import { type EdgeSide, type EdgeSides, startEdgeSides } from '../sides/edge.ts'

const atOnce = 8
const mebibyte = 1_024 * 1_024

async function measure(bench: Bench): Promise<Measured> {
  const { installations, few, say } = bench
  const plant = await makePlant(few(500, 10))
  const sides = await startEdgeSides(installations, { plant, userCount: few(1_000, 100) })
  try {
    const small = await measureSmall(bench, sides, plant)
    const large = await measureLarge(bench, sides, plant)
    say('kept connections …')
    const memory = await measureMemory(bench, sides, plant)
    const storms = await measureStorms(bench, sides, plant)
    const pings = await measurePings(bench, sides, plant)
    return { rows: [small, ...large, memory, storms, ...pings] }
  } finally {
    await sides.stop()
  }
}

export const edge = { name: 'edge', run: measure }

async function measureSmall({ rounds, few, say }: Bench, sides: EdgeSides, plant: Plant): Promise<Row> {
  say('small requests …')
  const count = few(10_000, 50)
  const cost = async ({ pid, target }: EdgeSide) => {
    const sockets = await stay(target, plant, atOnce)
    return {
      once: () => cpuMsPer(pid, count, () => sendSmall(sockets, count)),
      end: () => sockets.forEach((socket) => void socket.destroy()),
    }
  }
  const [ours, theirs] = [await cost(sides.edge), await cost(sides.bare)]
  const turns = { ours: ours.once, theirs: theirs.once }
  // Node compiles hot code only after some thousand runs, and an edge runs for weeks.
  await inTurn(few(2, 1), turns)
  const measured = await inTurn(rounds, turns)
  for (const { end } of [ours, theirs]) end()
  const name = 'HTTP edge: a small request on a kept connection, beside a bare node:https proxy'
  return makeRow({ name, unit: 'ms of CPU', target: 1.5 }, measured.ours, measured.theirs)
}

async function measureLarge({ rounds, few, say }: Bench, sides: EdgeSides, plant: Plant): Promise<Row[]> {
  const times = few(3, 1)
  const rows: Row[] = []
  for (const [direction, transfer] of [
    ['to', download],
    ['from', upload],
  ] as const) {
    say(`large bodies ${direction} devices …`)
    const perSecond =
      ({ pid, target }: EdgeSide) =>
      async () => {
        const [socket] = await stay(target, plant, 1)
        if (!socket) throw new Error('Not connected')
        const ms = await cpuMsPer(pid, (times * largeBytes) / mebibyte, () => transfer(socket, times))
        socket.destroy()
        return 1_000 / ms
      }
    const turns = { ours: perSecond(sides.edge), theirs: perSecond(sides.bare) }
    await inTurn(1, turns)
    const measured = await inTurn(rounds, turns)
    const name = `HTTP edge: large bodies ${direction} devices, beside a bare node:https proxy`
    const goal = { name, unit: 'MiB per second of CPU', target: 0.8, atLeast: true }
    rows.push(makeRow(goal, measured.ours, measured.theirs))
  }
  return rows
}

async function measureMemory({ few }: Bench, sides: EdgeSides, plant: Plant): Promise<Row> {
  const count = few(2_000, 20)
  const cost = async ({ pid, inspectorPort, target }: EdgeSide) => {
    const resting = async () => {
      await wait(few(2_000, 100))
      await collectGarbage(pid, inspectorPort)
      return residentBytes(pid)
    }
    // The first connections make the process load and compile what all of them need.
    const first = await stay(target, plant, Math.ceil(count / 10))
    const before = await resting()
    const sockets = await stay(target, plant, count)
    const bytes = (await resting()) - before
    for (const socket of [...first, ...sockets]) socket.destroy()
    return bytes / 1_024 / count
  }
  const name = 'HTTP edge: memory of a kept connection, 2,000 of them, beside a bare node:https proxy'
  return makeRow({ name, unit: 'KiB', target: 2 }, [await cost(sides.edge)], [await cost(sides.bare)])
}

async function measureStorms({ rounds, few, say }: Bench, sides: EdgeSides, plant: Plant): Promise<Row> {
  const count = few(500, 20)
  const order = { target: sides.edge.target, count, machines: plant.machines.map(({ pems }) => pems) }
  const seconds95: number[] = []
  for (let round = 0; round < rounds; round++) {
    say(`storm ${round + 1} of ${rounds} …`)
    const { clicks, outcome } = await storm(sides.ours, order)
    const [failure] = outcome.failures
    if (failure !== undefined) throw new Error(failure)
    seconds95.push(percentile(clicks, 0.95) / 1_000)
  }
  const name = `HTTP edge: storm of ${count} devices, p95 of a click in the console`
  return makeRow({ name, unit: 's', target: 0.25 }, seconds95, null)
}

/** With an MQTT client beside a device, since both share one thread. */
async function measurePings({ rounds, few, say }: Bench, sides: EdgeSides, plant: Plant): Promise<Row[]> {
  const account = { username: 'bench-neighbour', password: 'a long password for waiting' }
  await sides.ours.call(users.create, { body: { ...account, kind: 'machine' } })
  const port = Number(new URL(sides.ours.gatehouse.mqttUrl).port)
  const rows: Row[] = []
  let devices = 0
  for (const business of busyDevices) {
    say(`PING beside ${business} …`)
    const seconds: number[] = []
    for (let round = 0; round < rounds; round++) {
      // The connections of the one before may not have ended yet.
      const { pems } = pick(plant.machines, devices++)
      const device = await startBusy({ target: sides.edge.target, business, pems })
      seconds.push(await ping({ port, account }, few(40, 5)))
      await device.terminate()
    }
    const name = `HTTP edge: p95 of PING beside 64 connections of one device: ${business}`
    rows.push(makeRow({ name, unit: 's', target: 0.05 }, seconds, null))
  }
  return rows
}

async function startBusy(order: BusyOrder): Promise<Worker> {
  const worker = new Worker(new URL('../load/busy-device.ts', import.meta.url), { workerData: order })
  await once(worker, 'message')
  return worker
}

function stay(target: EdgeSide['target'], { machines }: Plant, count: number): Promise<Socket[]> {
  return connectAndStay(target, machines, { count, atOnce: 16, prefix: 'stay-' })
}
