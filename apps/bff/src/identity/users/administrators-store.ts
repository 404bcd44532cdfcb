/** Whether the installation still has an administrator. */
import { sql } from 'kysely'
import type { Trx } from '../../platform/db/open.ts'
import { maySignInSql } from './may-sign-in-store.ts'

/**
 * True if a local user who has a password that the console takes and may sign in to the console has `http` permissions that cover `/#`. Call it inside the
 * writing transaction, after the change. Only two resources cover `/#`, so SQL can decide it. The statement starts from the
 * few holders of these two, not from the users.
 */
export async function hasAdministrator(trx: Trx): Promise<boolean> {
  const { rows } = await sql`
    with everywhere as (
      select user_id, operation from user_permissions where context = 'http' and resource in ('/#', '/+/#')
      union all
      select user_roles.user_id, role_permissions.operation from role_permissions
      join user_roles on user_roles.role_id = role_permissions.role_id
      where role_permissions.context = 'http' and role_permissions.resource in ('/#', '/+/#')
    ), holders as (
      select user_id from everywhere group by user_id
      having sum(case when operation in ('read', 'readWrite') then 1 else 0 end) > 0
        and sum(case when operation in ('write', 'readWrite') then 1 else 0 end) > 0
    )
    select 1 from holders
    join users on users.id = holders.user_id
    where ${maySignInSql} and users.identity_provider = 'local' and users.password_hash is not null and users.imported_iterations is null
    limit 1`.execute(trx)
  return rows.length > 0
}
