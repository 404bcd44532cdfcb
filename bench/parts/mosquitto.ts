/** Measures how fast a change in the console is effective on a Mosquitto on the same machine, and how long its first load takes. */
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { users } from '@gatehouse/contract/identity/users'
import { makePlant, type Plant } from '../identities.ts'
import { connectAndStay } from '../load/connections.ts'
import type { Bench, Measured } from '../part.ts'
import { makeRow, percentile, type Row } from '../row.ts'
import { admit } from '../sides/gatehouse.ts'
import { crlOf } from '../sides/mosquitto-agent.ts'
import { isApplied, type LoadedMosquitto, loadFirst, makeMosquittoSide } from '../sides/mosquitto-here.ts'

async function measure(bench: Bench): Promise<Measured> {
  const loaded = await measureFirstLoad(bench)
  await bench.installations.stopAll()
  return { rows: [...loaded, await measureChanges(bench)] }
}

export const mosquitto = { name: 'mosquitto', run: measure }

async function measureFirstLoad({ installations, few, say }: Bench): Promise<Row[]> {
  const { ours, broker } = await makeMosquittoSide(installations, few(10_000, 100))
  try {
    const load = await loadFirst(ours, broker)
    say(`${load.users} users in the first load`)
    const of = 'Mosquitto on the same machine with 10,000 users'
    const list = `p95 of a page of users in the console during the first load of a ${of}`
    return [
      makeRow({ name: `First load of a ${of}`, unit: 's', target: 60 }, [load.seconds], null),
      makeRow({ name: list, unit: 's', target: 0.25 }, [load.listSeconds], null),
    ]
  } finally {
    await broker.remove()
  }
}

async function measureChanges({ installations, rounds, few, say }: Bench): Promise<Row> {
  const { ours, broker } = await makeMosquittoSide(installations, few(1_000, 100))
  try {
    const plant = await makePlant(1)
    const fingerprint = await admit(ours.call, plant.authority.certificatePem, plant.machines)
    await ours.call(revocationLists.create, { params: { fingerprint }, body: { crl: crlOf(plant) } })
    const { id, users: count } = await loadFirst(ours, broker)
    say(`grants are taken, with ${count} users there …`)
    const seconds: number[] = []
    for (let round = 0; round < rounds; round++) {
      seconds.push(await withdrawRights({ ours, broker, id }, plant, few(50, 2)))
    }
    const name =
      'p95 of a right withdrawn, until a Mosquitto on the same machine with 1,000 users has ended the connection and the console says so'
    return makeRow({ name, unit: 's', target: 0.2 }, seconds, null)
  } finally {
    await broker.remove()
  }
}

/** p95, in seconds. */
async function withdrawRights(side: LoadedMosquitto, { machines }: Plant, count: number): Promise<number> {
  const { ours, broker, id } = side
  const target = { host: '127.0.0.1', port: broker.ports.certificate, speaks: 'mqtt' as const }
  const { items } = await ours.call(users.list, { search: { 'username[eq]': machines[0]?.username } })
  const [machine] = items
  if (!machine) throw new Error('The machine is missing')
  const update = (roles: string[]) => ours.call(users.update, { params: { id: machine.id }, body: { roles } })
  const seconds: number[] = []
  for (let done = 0; done < count; done++) {
    await update(machine.roles)
    while (!(await isApplied(ours.call, id))) await wait(20)
    const [socket] = await connectAndStay(target, machines, { count: 1, atOnce: 1, prefix: 'here-' })
    if (!socket) throw new Error('Not connected')
    const ended = once(socket.resume(), 'close')
    const startedAt = performance.now()
    await Promise.all([update([]), ended])
    seconds.push((performance.now() - startedAt) / 1_000)
  }
  // As before the measurement.
  await update(machine.roles)
  return percentile(seconds, 0.95)
}
