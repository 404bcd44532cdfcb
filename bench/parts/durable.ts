/** Measures QoS 1 with a durable session, beside Mosquitto with persistence. Ours is on the disk before PUBACK. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { publishDurably } from '../load/durable-messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { startPlainMosquitto } from '../sides/mosquitto.ts'

const window = 100

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const count = few(100_000, 2_000)
  const { call, gatehouse } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-durable', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const mosquitto = await startPlainMosquitto(folder, { isPersistent: true })
  const perSecond = async (pid: number, work: () => Promise<void>) => 1_000 / (await cpuMsPer(pid, count, work))
  const ourPort = Number(new URL(gatehouse.mqttUrl).port)
  const sides = {
    ours: () => perSecond(gatehouse.pid, () => publishDurably(ourPort, account, { count, window })),
    mosquitto: () => perSecond(mosquitto.child.pid, () => publishDurably(mosquitto.port, {}, { count, window })),
  }
  await inTurn(1, sides)
  const measured = await inTurn(rounds, sides)
  await mosquitto.child.stop()
  await rm(folder, { recursive: true })
  const goal = {
    name: `QoS 1, durable session, window ${window}, beside Mosquitto with persistence`,
    unit: 'messages per second of CPU',
    target: 1.5,
    atLeast: true,
  }
  return { rows: [makeRow(goal, measured.ours, measured.mosquitto)] }
}

export const durable = { name: 'durable', run: measure }
