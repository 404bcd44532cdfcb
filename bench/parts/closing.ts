/** Measures how long devices stay connected after an administrator has removed their access. */
import { once } from 'node:events'
import type { TLSSocket } from 'node:tls'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { makePlant, type Plant } from '../identities.ts'
import { connectAndStay } from '../load/connections.ts'
import type { Bench, Growth, Measured } from '../part.ts'
import { residentBytes } from '../process-figures.ts'
import { inTurn, makeRow, median } from '../row.ts'
import { admit, type Ours, trust } from '../sides/gatehouse.ts'

const unit = 's'
const target = 1
const connectionCounts = [100, 1_000, 5_000]

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  const plant = await makePlant(few(500, 20))
  let fingerprint = await admit(ours.call, plant.authority.certificatePem, plant.machines)
  const count = few(1_000, 30)

  async function afterDelete(connections: number): Promise<number> {
    const sockets = await stay(ours, plant, connections)
    const seconds = await untilClosed(sockets, () => ours.call(authorities.remove, { params: { fingerprint } }))
    fingerprint = await trust(ours.call, plant.authority.certificatePem)
    return seconds
  }
  async function afterUpdate(): Promise<number> {
    const [machine, ...others] = plant.machines
    if (!machine) throw new Error('No machine')
    const sockets = await stay(ours, { ...plant, machines: [machine] }, count)
    const { items } = await ours.call(users.list, { search: { 'username[eq]': machine.username } })
    const id = items[0]?.id ?? ''
    const seconds = await untilClosed(sockets, () =>
      ours.call(users.update, { params: { id }, body: { disabled: true } }),
    )
    await ours.call(users.update, { params: { id }, body: { disabled: false } })
    plant.machines = [...others, machine]
    return seconds
  }

  const measured = await inTurn(rounds, { deleted: () => afterDelete(count), updated: afterUpdate })
  const growth = await grow(ours, { few, say, close: afterDelete, plant })
  return {
    rows: [
      makeRow(
        { name: '1,000 connections closed after an authority was deleted', unit, target },
        measured.deleted,
        null,
      ),
      makeRow({ name: '1,000 connections closed after a user was disabled', unit, target }, measured.updated, null),
    ],
    growth,
  }
}

export const closing = { name: 'closing', run: measure }

async function grow(
  ours: Ours,
  { few, say, close, plant }: Pick<Bench, 'few' | 'say'> & { close: (count: number) => Promise<number>; plant: Plant },
): Promise<Growth[]> {
  const seconds: { x: number; y: number }[] = []
  const kilobytes: { x: number; y: number }[] = []
  for (const full of connectionCounts) {
    const connections = few(full, Math.ceil(full / 100))
    say(`${connections} connections …`)
    const before = await residentBytes(ours.gatehouse.pid)
    const sockets = await stay(ours, plant, connections)
    kilobytes.push({ x: connections, y: ((await residentBytes(ours.gatehouse.pid)) - before) / 1_000 / connections })
    for (const socket of sockets) socket.destroy()
    seconds.push({
      x: connections,
      y: median([await close(connections), await close(connections), await close(connections)]),
    })
  }
  return [
    {
      name: 'Until the last connection is closed',
      file: 'connections',
      x: 'live connections',
      y: 's',
      lines: [{ name: 'Gatehouse', points: seconds }],
    },
    {
      name: 'Memory of a connection',
      file: 'connection-memory',
      x: 'live connections',
      y: 'kB',
      lines: [{ name: 'Gatehouse', points: kilobytes }],
    },
  ]
}

function stay({ tls }: Ours, { machines }: Plant, count: number): Promise<TLSSocket[]> {
  return connectAndStay(tls, machines, { count, atOnce: 16, prefix: 'stay-' })
}

/** From the HTTP answer to the close of the last socket. 0 if all were closed before the answer. */
async function untilClosed(sockets: TLSSocket[], change: () => Promise<unknown>): Promise<number> {
  let lastAt = 0
  const closed = sockets.map(async (socket) => {
    socket.resume().on('error', () => {})
    await once(socket, 'close')
    lastAt = performance.now()
  })
  await change()
  const answeredAt = performance.now()
  await Promise.all(closed)
  return Math.max(0, lastAt - answeredAt) / 1_000
}
