import { type Kysely, sql } from 'kysely'
import { textSearchOf } from '../text-search.ts'

/**
 * Lists of a million users. The filter columns are in one index in the order of names, so that finding a page reads no
 * row. A role lists its users in that order. Text is found through trigrams.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('display_name_folded', 'text').execute()
  await db.schema
    .alterTable('users')
    .addColumn('methods', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  await db.schema
    .alterTable('user_roles')
    .addColumn('username_folded', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await fill(db)
  await db.schema
    .createIndex('users_by_facets')
    .on('users')
    .columns([
      'username_folded',
      'id',
      'display_name_folded',
      'kind',
      'methods',
      'disabled_at',
      'mfa_enrolled_at',
      'mfa_required_at',
    ])
    .execute()
  await sql`create index users_by_display_name on users (display_name_folded) where display_name_folded is not null`.execute(
    db,
  )
  await sql`create index users_disabled on users (username_folded) where disabled_at is not null`.execute(db)
  await sql`create index users_enrolled on users (username_folded) where mfa_enrolled_at is not null`.execute(db)
  await db.schema.dropIndex('user_roles_by_role').execute()
  await db.schema
    .createIndex('user_roles_by_name')
    .on('user_roles')
    .columns(['role_id', 'username_folded', 'user_id'])
    .execute()
  await textSearchOf(db).make(db)
}

/**
 * SQLite folds only ASCII letters. A display name with other letters is found only in its original case until it is
 * changed.
 */
async function fill(db: Kysely<unknown>): Promise<void> {
  await sql`update users set display_name_folded = lower(display_name) where display_name is not null`.execute(db)
  await sql`update users set methods = coalesce((
    select sum(case method when 'password' then 1 when 'certificate' then 2 else 4 end)
    from user_grants where user_id = users.id), 0)`.execute(db)
  await sql`update user_roles set username_folded = (select username_folded from users where id = user_roles.user_id)`.execute(
    db,
  )
}
