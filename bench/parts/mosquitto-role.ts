/** Measures how fast the console answers while a right is taken from 1,000 users on a Mosquitto that has 10,000. */
import { roles } from '@gatehouse/contract/access/roles'
import { mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { maxUsersChanged, userChanges } from '@gatehouse/contract/identity/user-changes'
import { users } from '@gatehouse/contract/identity/users'
import type { Bench, Measured } from '../part.ts'
import { makeRow, percentile } from '../row.ts'
import { admin, type Ours } from '../sides/gatehouse.ts'
import { isApplied, loadFirst, makeMosquittoSide } from '../sides/mosquitto-here.ts'

/** The change itself takes longer: Mosquitto writes its whole file after each of its commands. */
const watchedMs = 120_000

export const mosquittoRole = { name: 'mosquitto-role', run: measure }

async function measure({ installations, few, say }: Bench): Promise<Measured> {
  const { ours, broker } = await makeMosquittoSide(installations, few(10_000, 200))
  try {
    const roleId = await makeRole(ours, few(1_000, 20))
    const { id } = await loadFirst(ours, broker)
    const body = { permissions: [permission('bench/a/#')] }
    const startedAt = performance.now()
    await ours.call(roles.update, { params: { id: roleId }, body })
    const seconds: number[] = []
    let isDone = false
    while (!isDone && performance.now() - startedAt < watchedMs) {
      const askedAt = performance.now()
      await ours.call(users.list, { search: {} })
      seconds.push((performance.now() - askedAt) / 1_000)
      isDone = await isApplied(ours.call, id)
    }
    const { progress, toEnd } = await ours.call(mosquitto.view, { params: { id } })
    const far = progress === null ? 'all' : `${progress.done} of ${progress.total}`
    say(`${far} commands after ${Math.round((performance.now() - startedAt) / 1_000)} s, ${toEnd} users to disconnect`)
    const name =
      'p95 of a page of users in the console while a role with 1,000 holders is changed on a Mosquitto with 10,000 users'
    return { rows: [makeRow({ name, unit: 's', target: 0.25 }, [percentile(seconds, 0.95)], null)] }
  } finally {
    await broker.remove()
  }
}

/** Two permissions, of which one is taken. Returns the id of the role. */
async function makeRole({ call }: Ours, holders: number): Promise<string> {
  const permissions = [permission('bench/a/#'), permission('bench/b/#')]
  const { id } = await call(roles.create, { body: { name: 'bench-line', permissions } })
  let cursor: string | undefined
  for (let done = 0; done < holders; ) {
    const limit = Math.min(maxUsersChanged, holders - done)
    const page = await call(users.list, { search: { limit, ...(cursor !== undefined && { cursor }) } })
    // The caller may not change the own user.
    const given = page.items.filter(({ username }) => username !== admin.username).map((user) => user.id)
    await call(userChanges.apply, { body: { users: given, change: { addRoles: [id] } } })
    done += given.length
    cursor = page.nextCursor ?? undefined
    if (cursor === undefined && done < holders) throw new Error('There are not enough users')
  }
  return id
}

function permission(resource: string) {
  return { context: 'mqtt' as const, resource, operation: 'readWrite' as const }
}
