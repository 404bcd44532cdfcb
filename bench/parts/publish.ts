/** Measures messages of QoS 0 to one subscriber and to a hundred, beside Mosquitto with an ACL file. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { users } from '@gatehouse/contract/identity/users'
import { publishAndReceive } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import { startPlainMosquitto } from '../sides/mosquitto.ts'

const unit = 'messages per second of CPU'

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const { call, gatehouse } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  const mosquitto = await startPlainMosquitto(folder)
  const ourPort = Number(new URL(gatehouse.mqttUrl).port)
  /** Deliveries per second of CPU on each side. */
  const compare = async (load: { count: number; subscribers: number }) => {
    const deliveries = load.count * load.subscribers
    const perSecond = async (pid: number, work: () => Promise<void>) => 1_000 / (await cpuMsPer(pid, deliveries, work))
    const sides = {
      ours: () => perSecond(gatehouse.pid, () => publishAndReceive(ourPort, account, load)),
      mosquitto: () => perSecond(mosquitto.child.pid, () => publishAndReceive(mosquitto.port, {}, load)),
    }
    await inTurn(1, sides)
    return inTurn(rounds, sides)
  }
  const single = await compare({ count: few(50_000, 500), subscribers: 1 })
  const fanOut = await compare({ count: few(5_000, 50), subscribers: few(100, 5) })
  await mosquitto.child.stop()
  await rm(folder, { recursive: true })
  return {
    rows: [
      makeRow(
        { name: 'Publish to deliver, QoS 0, beside Mosquitto with an ACL file', unit, target: 3, atLeast: true },
        single.ours,
        single.mosquitto,
      ),
      makeRow(
        { name: 'Fan-out to 100 subscribers, QoS 0, beside Mosquitto', unit, target: 5, atLeast: true },
        fanOut.ours,
        fanOut.mosquitto,
      ),
    ],
  }
}

export const publish = { name: 'publish', run: measure }
