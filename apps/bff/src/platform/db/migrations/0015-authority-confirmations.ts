import { type Kysely, sql } from 'kysely'

/**
 * Who limited an authority, and for which users it was confirmed although their permissions exceed that person's.
 * `limited_by` has no foreign key: after that person was deleted, the authority vouches for no user with permissions
 * until it is confirmed.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('authorities').addColumn('limited_by', 'text').execute()
  await db.schema
    .createTable('authority_confirmations')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('fingerprint', 'text', (c) => c.notNull().references('authorities.fingerprint').onDelete('cascade'))
    .addColumn('permissions', 'text', (c) => c.notNull())
    .addColumn('confirmed_by', 'text', (c) => c.notNull())
    .addColumn('confirmed_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('authority_confirmations_key', ['user_id', 'fingerprint'])
    .execute()
  await db.schema
    .createIndex('authority_confirmations_by_authority')
    .on('authority_confirmations')
    .column('fingerprint')
    .execute()
  // An administrator's limit needs no confirmation. What a deleted user could do is unknown, so older limits stay as
  // they are.
  await sql`update authorities set limited_by = (
      select u.id from users u where u.username = authorities.uploaded_by and not exists (
        select 1 from user_roles r join roles on roles.id = r.role_id
        where r.user_id = u.id and roles.built_in = 1 and roles.name = 'gatehouse-admin'))
    where exists (select 1 from authority_usernames n where n.fingerprint = authorities.fingerprint)`.execute(db)
}
