import type { Kysely } from 'kysely'

/** The permissions that exist and their holders are read from these tables, independent of the number of users. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('user_permissions_by_resource').execute()
  const permission = ['context', 'resource', 'operation'] as const
  await db.schema
    .createIndex('user_permissions_by_permission')
    .on('user_permissions')
    .columns([...permission, 'user_id'])
    .execute()
  await db.schema
    .createIndex('role_permissions_by_permission')
    .on('role_permissions')
    .columns([...permission, 'role_id'])
    .execute()
}
