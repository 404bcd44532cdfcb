/** The holders of a role as a change of the role would leave them. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { findRoles } from '../../access/roles/store.ts'
import type { Db } from '../../platform/db/open.ts'
import { type ForeseenUser, mostForeseen } from './context.ts'
import { factsWith } from './impact.ts'
import { roleHolders } from './role-holders-store.ts'
import { readUsers } from './store.ts'

/** `after` null: the role is deleted. Returns null for too many holders. */
export async function foreseeHolders(
  reader: Db,
  roleId: string,
  after: readonly Permission[] | null,
): Promise<ForeseenUser[] | null> {
  const ids = await roleHolders.listIds(reader, roleId, mostForeseen + 1)
  if (ids.length > mostForeseen) return null
  const holders = await readUsers(reader, ids)
  const roles = await findRoles(reader, [...new Set(holders.flatMap((user) => user.roles))])
  const permissionsOf = new Map(roles.map(({ id, permissions }) => [id, permissions]))
  permissionsOf.set(roleId, [...(after ?? [])])
  return holders.map((user) => ({
    userId: user.id,
    facts: factsWith(
      user,
      user.roles.flatMap((id) => permissionsOf.get(id) ?? []),
    ),
  }))
}
