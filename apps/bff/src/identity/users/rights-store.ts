/** The rights of users: the permissions of their roles together with their own. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { sql } from 'kysely'
import { permissionsOfRoles } from '../../access/roles/store.ts'
import type { Db } from '../../platform/db/open.ts'
import { userRights } from './rights-sql-store.ts'

/** The permissions of a user, through roles and individually. */
export async function permissionsOf(db: Db, userId: string): Promise<Permission[]> {
  const rights = sql.raw(userRights('(select id from asked)'))
  const { rows } = await sql<Permission>`with asked(id) as (values (${userId})) ${rights}`.execute(db)
  return rows
}

/** The permissions of each of these users, a few hundred at most. A permission may appear more than once. */
export async function permissionsOfUsers(db: Db, userIds: readonly string[]): Promise<Map<string, Permission[]>> {
  const held = await db
    .selectFrom('user_roles')
    .select(['user_id', 'role_id'])
    .where('user_id', 'in', userIds)
    .execute()
  const roleIds = [...new Set(held.map(({ role_id }) => role_id))]
  const ofRoles = roleIds.length > 0 ? await permissionsOfRoles(db, roleIds) : new Map<string, Permission[]>()
  const own = await db.selectFrom('user_permissions').selectAll().where('user_id', 'in', userIds).execute()
  const byUser = new Map<string, Permission[]>(userIds.map((id) => [id, []]))
  for (const { user_id, role_id } of held) byUser.get(user_id)?.push(...(ofRoles.get(role_id) ?? []))
  for (const { user_id, ...permission } of own) byUser.get(user_id)?.push(permission)
  return byUser
}

/** The permissions of the users in all slices. The permissions of a role come once, however many of the users hold it. */
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
