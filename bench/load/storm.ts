/** A storm of devices while an administrator works in the console. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type User, users } from '@gatehouse/contract/identity/users'
import type { Ours } from '../sides/gatehouse.ts'
import type { StormOrder, StormOutcome } from './storm-clients.ts'

/** Ends when all devices have an answer. `clicks`: milliseconds of each. */
export async function storm(ours: Ours, order: StormOrder): Promise<{ clicks: number[]; outcome: StormOutcome }> {
  const worker = new Worker(new URL('../load/storm-clients.ts', import.meta.url), { workerData: order })
  const [clicks, outcome] = await clickUntil(ours, once(worker, 'message') as Promise<[StormOutcome]>)
  worker.postMessage('leave')
  await once(worker, 'exit')
  return { clicks, outcome }
}

/** Reads lists and changes a user in a loop. Returns the milliseconds of each request. */
async function clickUntil({ call }: Ours, end: Promise<[StormOutcome]>): Promise<[number[], StormOutcome]> {
  const clicks: number[] = []
  // A token does not change its own user: take another one than the administrator.
  const { items } = await call(users.list, { search: { limit: 2 } })
  const user = items.find(({ username }) => username !== 'admin')
  if (!user) throw new Error('No user')
  const over = new AbortController()
  const ended = end.finally(() => over.abort())
  for (let at = 0; !over.signal.aborted; at++) {
    const startedAt = performance.now()
    await click(call, user, at)
    clicks.push(performance.now() - startedAt)
  }
  const [outcome] = await ended
  return [clicks, outcome]
}

async function click(call: Ours['call'], { id }: User, at: number): Promise<void> {
  if (at % 4 === 0) await call(users.update, { params: { id }, body: { displayName: `Clicked ${at}` } })
  else if (at % 4 === 1) await call(users.list, { search: { limit: 50 } })
  else if (at % 4 === 2) await call(authorities.list, {})
  else await call(users.view, { params: { id } })
}
