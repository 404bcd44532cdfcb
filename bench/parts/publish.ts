/** Measures messages of QoS 0 from one publisher to one subscriber, beside Mosquitto with an ACL file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { publishAndReceive } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { startPlainMosquitto } from '../sides/mosquitto.ts'

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const messages = few(50_000, 500)
  const { call, gatehouse } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const mosquitto = await startPlainMosquitto(folder)
  const perSecond = async (pid: number, work: () => Promise<void>) => 1_000 / (await cpuMsPer(pid, messages, work))
  const sides = {
    ours: () =>
      perSecond(gatehouse.pid, () => publishAndReceive(Number(new URL(gatehouse.mqttUrl).port), account, messages)),
    mosquitto: () => perSecond(mosquitto.child.pid, () => publishAndReceive(mosquitto.port, {}, messages)),
  }
  await inTurn(1, sides)
  const measured = await inTurn(rounds, sides)
  await mosquitto.child.stop()
  await rm(folder, { recursive: true })
  const goal = {
    name: 'Publish to deliver, QoS 0, beside Mosquitto with an ACL file',
    unit: 'messages per second of CPU',
    target: 3,
    atLeast: true,
  }
  return { rows: [makeRow(goal, measured.ours, measured.mosquitto)] }
}

export const publish = { name: 'publish', run: measure }
