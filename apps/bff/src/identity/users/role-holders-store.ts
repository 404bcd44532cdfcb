/** The users who hold a role. There may be a million, so they are read in slices, and other requests run between two slices. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { createYielder } from '@gatehouse/pki/read/yielder'
import type { Holder, RoleHolders } from '../../access/roles/holders-port.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { permissionsOfEach } from './rights-store.ts'

const sliceSize = 500

export const roleHolders: RoleHolders = { listFirst, listIds, listPermissions, removeRoleFromAll }

function listFirst(reader: Db, roleId: string, most: number): Promise<Holder[]> {
  return reader
    .selectFrom('user_roles')
    .innerJoin('users', 'users.id', 'user_roles.user_id')
    .where('user_roles.role_id', '=', roleId)
    .orderBy('user_roles.username_folded')
    .select(['users.id', 'users.username'])
    .limit(most)
    .execute()
}

async function listIds(db: Db, roleId: string, most: number): Promise<string[]> {
  const rows = await db.selectFrom('user_roles').select('user_id').where('role_id', '=', roleId).limit(most).execute()
  return rows.map(({ user_id }) => user_id)
}

function listPermissions(trx: Trx, roleId: string): AsyncGenerator<Permission[]> {
  return permissionsOfEach(trx, holdersInSlices(trx, roleId))
}

async function removeRoleFromAll(trx: Trx, roleId: string): Promise<void> {
  for await (const userIds of holdersInSlices(trx, roleId)) {
    await trx.deleteFrom('user_roles').where('role_id', '=', roleId).where('user_id', 'in', userIds).execute()
  }
}

/** Those of these users who hold the role. */
export async function holdersAmong(db: Db, userIds: readonly string[], roleId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('user_roles')
    .select('user_id')
    .where('role_id', '=', roleId)
    .where('user_id', 'in', userIds)
    .execute()
  return new Set(rows.map(({ user_id }) => user_id))
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
      .limit(sliceSize)
      .execute()
    const last = rows.at(-1)
    if (!last) return
    yield rows.map(({ user_id }) => user_id)
    after = last.username_folded
    await yieldIfDue()
  }
}
