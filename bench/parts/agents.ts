/** Measures how fast a change in the console is effective on a Mosquitto on another host: a right is withdrawn, and the connection ends. */
import { once } from 'node:events'
import { users } from '@gatehouse/contract/identity/users'
import { makePlant } from '../identities.ts'
import { connectAndStay } from '../load/connections.ts'
import type { Bench, Measured } from '../part.ts'
import { makeRow, percentile } from '../row.ts'
import { admit } from '../sides/gatehouse.ts'
import { startAgentSide } from '../sides/mosquitto-agent.ts'

async function measure({ installations, rounds, few, say }: Bench): Promise<Measured> {
  const ours = await installations.start(few(1_000, 100))
  const plant = await makePlant(1)
  const fingerprint = await admit(ours.call, plant.authority.certificatePem, plant.machines)
  say('enrol the agent …')
  const side = await startAgentSide(ours.call, { plant, fingerprint })
  const { items } = await ours.call(users.list, { search: { 'username[eq]': plant.machines[0]?.username } })
  const [machine] = items
  if (!machine) throw new Error('The machine is missing')
  const { id, roles } = machine
  const seconds: number[] = []
  for (let round = 0; round < rounds; round++) {
    const inRound: number[] = []
    for (let count = 0; count < few(50, 2); count++) {
      await ours.call(users.update, { params: { id }, body: { roles } })
      const [socket] = await connectAndStay(side.target, plant.machines, { count: 1, atOnce: 1, prefix: 'agent-' })
      if (!socket) throw new Error('Not connected')
      const ended = once(socket.resume(), 'close')
      const startedAt = performance.now()
      await Promise.all([ours.call(users.update, { params: { id }, body: { roles: [] } }), ended])
      inRound.push((performance.now() - startedAt) / 1_000)
    }
    seconds.push(percentile(inRound, 0.95))
  }
  await side.stop()
  const name =
    'p95 of a right withdrawn, until a Mosquitto with an agent has ended the connection and the console says so'
  return { rows: [makeRow({ name, unit: 's', target: 2 }, seconds, null)] }
}

export const agents = { name: 'agents', run: measure }
