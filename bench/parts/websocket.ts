/** Measures messages of QoS 0 to one subscriber over WebSocket, beside plain TCP. */
import { type ListenerCreate, listeners } from '@gatehouse/contract/brokers/listeners'
import { users } from '@gatehouse/contract/identity/users'
import { type Carrier, webSocket as overWebSocket, tcp } from '../load/carriers.ts'
import { publishAndReceive } from '../load/messages.ts'
import type { Bench, Measured } from '../part.ts'
import { cpuMsPer } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'

/** Node compiles hot code only after some thousand runs, and a broker runs for weeks. */
const warmUps = 4

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const count = few(100_000, 500)
  const { call, gatehouse } = await installations.start(few(1_000, 100))
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await call(users.create, { body: { ...account, kind: 'machine', permissions } })
  const body: ListenerCreate = {
    name: 'bench-websocket',
    purpose: 'websocket',
    address: '127.0.0.1',
    port: 0,
    tls: false,
  }
  const { status } = await call(listeners.create, { body })
  if (status.boundPort === null) throw new Error(`The listener is not open: ${status.error}`)
  const cost = (port: number, carrier: Carrier) => () =>
    cpuMsPer(gatehouse.pid, count / 1_000, () => publishAndReceive(port, account, { count, carrier }))
  const sides = {
    webSocket: cost(status.boundPort, overWebSocket),
    tcp: cost(Number(new URL(gatehouse.mqttUrl).port), tcp),
  }
  await inTurn(few(warmUps, 1), sides)
  const measured = await inTurn(rounds, sides)
  const name = 'Publish to deliver, QoS 0, over WebSocket, beside plain TCP'
  const goal = { name, unit: 'ms of CPU for 1,000 messages', target: 1.5 }
  return { rows: [makeRow(goal, measured.webSocket, measured.tcp)] }
}

export const webSocket = { name: 'websocket', run: measure }
