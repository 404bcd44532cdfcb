import type { Kysely } from 'kysely'

/** Who holds a permission, and which there are, is asked of these alone, however many users there are. */
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
