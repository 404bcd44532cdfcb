/** Measures what other clients notice of one attacker: the answer to their PINGREQ, and how fast a revocation ends a connection. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { type User, users } from '@gatehouse/contract/identity/users'
import { type Attack, type AttackOrder, attacks } from '../load/attacker.ts'
import { type Account, join } from '../load/messages.ts'
import { ping } from '../load/pings.ts'
import type { Bench, Measured } from '../part.ts'
import { makeRow, type Row } from '../row.ts'
import type { Ours } from '../sides/gatehouse.ts'

const password = 'a long password for publishing'

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  const create = (username: string) =>
    ours.call(users.create, { body: { username, password, kind: 'machine', permissions } })
  await create('bench-attacker')
  const victim = await create('bench-victim')
  const rows: Row[] = []
  for (const attack of [undefined, ...attacks]) {
    say(`${attack ?? 'no attacker'} …`)
    const beside = attack === undefined ? 'without an attacker' : `beside one attacker: ${attack}`
    const pings: number[] = []
    const revocations: number[] = []
    for (let round = 0; round < rounds; round++) {
      const attacker = attack && (await begin(ours, attack, few(50_000, 200)))
      pings.push(await ping(victimAt(ours), few(200, 5)))
      revocations.push(await revoke(ours, victim))
      await attacker?.terminate()
    }
    rows.push(
      makeRow({ name: `p95 of PING ${beside}`, unit: 's', target: 0.05 }, pings, null),
      makeRow({ name: `Revocation ${beside}`, unit: 's', target: 1 }, revocations, null),
    )
  }
  return { rows }
}

export const attackers = { name: 'attackers', run: measure }

async function begin({ gatehouse }: Ours, attack: Attack, retained: number): Promise<Worker> {
  const account = { username: 'bench-attacker', password }
  const order: AttackOrder = { port: portOf(gatehouse), account, attack, retained }
  const worker = new Worker(new URL('../load/attacker.ts', import.meta.url), { workerData: order })
  await once(worker, 'message')
  return worker
}

/** @returns the seconds from the request to the end of the connection. */
async function revoke(ours: Ours, { id }: Pick<User, 'id'>): Promise<number> {
  const { port, account } = victimAt(ours)
  const { socket } = await join(port, account, { clientId: 'bench-victim' })
  const closed = once(socket, 'close')
  const startedAt = performance.now()
  const changed = ours.call(users.update, { params: { id }, body: { disabled: true } })
  await closed
  const seconds = (performance.now() - startedAt) / 1_000
  await changed
  await ours.call(users.update, { params: { id }, body: { disabled: false } })
  return seconds
}

function victimAt({ gatehouse }: Ours): { port: number; account: Account } {
  return { port: portOf(gatehouse), account: { username: 'bench-victim', password } }
}

function portOf({ mqttUrl }: Ours['gatehouse']): number {
  return Number(new URL(mqttUrl).port)
}
