/** Computes rights from the database and compares them, independently of the code under test. */
import { halves, type Permission } from '@gatehouse/contract/access/permission'
import { covers } from '@gatehouse/contract/access/topic'
import type { BackDoor } from './back-door.ts'

/** The rights by `user <id>` and `role <id>`. A disabled user has none. */
export type Rights = Map<string, Permission[]>

export async function readRights(door: Pick<BackDoor, 'rows'>): Promise<Rights> {
  type Row = Permission & { holder: string }
  const rows = await door.rows<Row>(`
    select 'role ' || role_id as holder, context, resource, operation from role_permissions
    union all select 'user ' || p.user_id, context, resource, operation
      from user_permissions p join users on users.id = p.user_id where disabled_at is null
    union all select 'user ' || r.user_id, context, resource, operation
      from user_roles r join users on users.id = r.user_id
      join role_permissions p on p.role_id = r.role_id where disabled_at is null`)
  return Map.groupBy(rows, ({ holder }) => holder)
}

/** Checks read and write separately: the same rule, written differently. */
export function isWithin(held: readonly Permission[], wanted: Permission): boolean {
  return halves(wanted.operation).every((half) =>
    held.some(
      ({ context, operation, resource }) =>
        context === wanted.context &&
        (operation === half || operation === 'readWrite') &&
        covers(resource, wanted.resource),
    ),
  )
}
