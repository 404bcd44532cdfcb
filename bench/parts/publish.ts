/** Measures what our rules cost per message: the same broker with and without them. */
import { fileURLToPath } from 'node:url'
import { users } from '@gatehouse/contract/identity/users'
import { freePort } from '../../scripts/free-port.ts'
import { publishAndReceive } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { startChild } from '../sides/child.ts'

const bareAedes = fileURLToPath(new URL('../sides/bare-aedes.ts', import.meta.url))

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const messages = few(50_000, 500)
  const { call, gatehouse } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const port = await freePort()
  const bare = await startChild(process.execPath, [bareAedes, String(port)], port)
  const perSecond = async (pid: number, work: () => Promise<void>) => 1_000 / (await cpuMsPer(pid, messages, work))
  const sides = {
    ours: () =>
      perSecond(gatehouse.pid, () => publishAndReceive(Number(new URL(gatehouse.mqttUrl).port), account, messages)),
    bare: () => perSecond(bare.pid, () => publishAndReceive(port, {}, messages)),
  }
  await inTurn(1, sides)
  const measured = await inTurn(rounds, sides)
  await bare.stop()
  const goal = {
    name: 'Publish to deliver, QoS 0, beside aedes without rules',
    unit: 'messages per second of CPU',
    target: 0.9,
    atLeast: true,
  }
  return { rows: [makeRow(goal, measured.ours, measured.bare)] }
}

export const publish = { name: 'publish', run: measure }
