/** Measures what ten live views of the topics cost the broker beside 10,000 messages a second. */
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { maxViewsPerUser } from '@gatehouse/contract/brokers/topics'
import { users } from '@gatehouse/contract/identity/users'
import { publishPaced } from '../load/paced-messages.ts'
import type { Bench, Measured } from '../part.ts'
import { threadCpuSeconds } from '../process-figures.ts'
import { inTurn, makeRow } from '../row.ts'
import type { Ours } from '../sides/gatehouse.ts'

const perSecond = 10_000
const explained = 'decisions/0093-readers-of-live-topics-share-views.md'
const warmUps = 2
/** Short rounds in turn: the ratio is close to 1, so a slow phase of the machine must meet both sides. */
const shortRounds = 4
const tooManyRequests = 429

async function measure({ installations, rounds, few }: Bench): Promise<Measured> {
  const count = few(40_000, 2_000)
  const ours = await installations.start(few(1_000, 100))
  const { pid, mqttUrl } = ours.gatehouse
  const account = { username: 'bench-publisher', password: 'a long password for publishing' }
  const permissions = [{ context: 'mqtt' as const, resource: 'bench/#', operation: 'readWrite' as const }]
  await ours.call(users.create, { body: { ...account, kind: 'machine', permissions } })
  /** CPU of the broker's thread for 1,000 messages. */
  const cost = async (): Promise<number> => {
    const before = await threadCpuSeconds(pid, 'broker')
    await publishPaced(Number(new URL(mqttUrl).port), account, { count, perSecond })
    return ((await threadCpuSeconds(pid, 'broker')) - before) * (1_000_000 / count)
  }
  const sides = {
    watched: async () => {
      const views = await Promise.all(Array.from({ length: maxViewsPerUser }, () => openView(ours)))
      const used = await cost()
      for (const view of views) view.destroy()
      return used
    },
    alone: cost,
  }
  await inTurn(few(warmUps, 0), sides)
  const { watched, alone } = await inTurn(rounds * few(shortRounds, 1), sides)
  const name = '10,000 messages a second beside ten live views of them, beside none'
  return { rows: [makeRow({ name, unit: 'ms of CPU for 1,000 messages', target: 1.05, explained }, watched, alone)] }
}

export const topics = { name: 'topics', run: measure }

/** Reads the events as fast as they come. Waits until the server has closed the views of an earlier round. */
async function openView({ gatehouse, token }: Ours): Promise<IncomingMessage> {
  const url = new URL('/api/broker/topics?filter=bench/%23', gatehouse.url)
  for (let tries = 0; tries < 100; tries++) {
    const request = get(url, { headers: { Authorization: `Bearer ${token}` }, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.on('error', () => {}).resume()
    if (response.statusCode === 200) return response
    if (response.statusCode !== tooManyRequests) throw new Error(`The view was refused with ${response.statusCode}`)
    await wait(100)
  }
  throw new Error('The views of the round before did not end')
}
