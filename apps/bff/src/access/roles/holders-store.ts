/** Those who hold a role. There may be a million of them: read in slices, between which other requests go on. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { createYielder } from '@gatehouse/pki/read/slices'
import type { Db, Trx } from '../../platform/db/open.ts'
import { permissionsOfRoles } from './store.ts'

const atOnce = 500

export interface Holder {
  id: string
  username: string
}

/** The first of them by name. */
export function firstHolders(reader: Db, roleId: string, most: number): Promise<Holder[]> {
  return reader
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .where('user_roles.role_id', '=', roleId)
    .orderBy('user_roles.username_folded')
    .select(['users.id', 'users.username'])
    .limit(most)
    .execute()
}

/** Their ids, in no particular order; never more than `most`. */
export async function holdersOf(db: Db, roleId: string, most: number): Promise<string[]> {
  const rows = await db.selectFrom('user_roles').select('user_id').where('role_id', '=', roleId).limit(most).execute()
  return rows.map(({ user_id }) => user_id)
}

/** All that the holders of a role may do, slice by slice. */
export function permissionsOfHolders(trx: Trx, roleId: string): AsyncGenerator<Permission[]> {
  return permissionsOfEach(trx, holdersInSlices(trx, roleId))
}

/** All that these users may do; what comes through a role comes once. */
export async function* permissionsOfEach(
  db: Db,
  slices: AsyncIterable<readonly string[]>,
): AsyncGenerator<Permission[]> {
  const known = new Set<string>()
  for await (const userIds of slices) {
    const held = await db
      .selectFrom('user_roles')
      .select('role_id')
      .distinct()
      .where('user_id', 'in', userIds)
      .execute()
    const unknown = held.map(({ role_id }) => role_id).filter((id) => !known.has(id))
    for (const id of unknown) known.add(id)
    if (unknown.length > 0) yield [...(await permissionsOfRoles(db, unknown)).values()].flat()
    yield await db
      .selectFrom('user_permissions')
      .select(['context', 'resource', 'operation'])
      .distinct()
      .where('user_id', 'in', userIds)
      .execute()
  }
}

export async function takeFromAll(trx: Trx, roleId: string): Promise<void> {
  for await (const userIds of holdersInSlices(trx, roleId)) {
    await trx.deleteFrom('user_roles').where('role_id', '=', roleId).where('user_id', 'in', userIds).execute()
  }
}

async function* holdersInSlices(trx: Trx, roleId: string): AsyncGenerator<string[]> {
  const yieldIfDue = createYielder()
  let after = ''
  for (;;) {
    const rows = await trx
      .selectFrom('user_roles')
      .select(['user_id', 'username_folded'])
      .where('role_id', '=', roleId)
      .where('username_folded', '>', after)
      .orderBy('username_folded')
      .limit(atOnce)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(({ user_id }) => user_id)
    after = last.username_folded
    await yieldIfDue()
  }
}
