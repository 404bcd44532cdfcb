/** The first schema. A released migration is never changed; a change gets the next number. */
import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await makeUsers(db)
  await makeRoles(db)
  await makeSessions(db)
  await makeAuthorities(db)
  await makeAudit(db)
  if (isPostgres(db)) await makeTurns(db)
}

async function makeUsers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('users')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('username_folded', 'text', (c) => c.notNull().unique())
    .addColumn('display_name', 'text')
    .addColumn('kind', 'text', (c) => c.notNull().check(sql`kind in ('person', 'machine')`))
    .addColumn('identity_provider', 'text', (c) => c.notNull())
    .addColumn('mqtt_publish_prefix', 'text')
    .addColumn('password_hash', 'text')
    .addColumn('password_change_required_at', 'text')
    .addColumn('mfa_enrolled_at', 'text')
    .addColumn('mfa_required_at', 'text')
    .addColumn('disabled_at', 'text')
    .addColumn('last_sign_in_at', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('users_by_created_at').on('users').columns(['created_at', 'id']).execute()
  // Indexes on expressions, because keyset paging compares them: a user who never signed in sorts first.
  await sql`create index users_by_last_sign_in_at on users (coalesce(last_sign_in_at, ''), id)`.execute(db)
  await db.schema
    .createTable('user_grants')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('method', 'text', (c) => c.notNull().check(sql`method in ('password', 'certificate', 'token')`))
    .addColumn('is_required', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('user_grants_pk', ['user_id', 'method'])
    .execute()
  await db.schema.createIndex('user_grants_by_method').on('user_grants').columns(['method', 'user_id']).execute()
  await db.schema
    .createTable('user_permissions')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('context', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('user_permissions_pk', ['user_id', 'context', 'resource', 'operation'])
    .execute()
  await db.schema
    .createIndex('user_permissions_by_resource')
    .on('user_permissions')
    .columns(['context', 'resource', 'user_id'])
    .execute()
  await db.schema
    .createTable('totals')
    .addColumn('name', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'integer', (c) => c.notNull())
    .execute()
  await sql`insert into totals (name, value) values ('users', 0)`.execute(db)
  await db.schema
    .createTable('installation')
    .addColumn('key', 'text', (c) => c.primaryKey().notNull())
    .addColumn('value', 'text', (c) => c.notNull())
    .execute()
}

async function makeRoles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('roles')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    .addColumn('description', 'text')
    .addColumn('built_in', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('roles_by_created_at').on('roles').columns(['created_at', 'id']).execute()
  await db.schema
    .createTable('role_permissions')
    .addColumn('role_id', 'text', (c) => c.notNull().references('roles.id').onDelete('cascade'))
    .addColumn('context', 'text', (c) => c.notNull())
    .addColumn('resource', 'text', (c) => c.notNull())
    .addColumn('operation', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('role_permissions_pk', ['role_id', 'context', 'resource', 'operation'])
    .execute()
  await db.schema
    .createTable('user_roles')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    // No cascade on purpose: a role can be deleted only after it was removed from all users.
    .addColumn('role_id', 'text', (c) => c.notNull().references('roles.id'))
    .addPrimaryKeyConstraint('user_roles_pk', ['user_id', 'role_id'])
    .execute()
  await db.schema.createIndex('user_roles_by_role').on('user_roles').columns(['role_id', 'user_id']).execute()
}

async function makeSessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('password_proved_at', 'text', (c) => c.notNull())
    .addColumn('factor_proved_at', 'text')
    .addColumn('last_seen_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('user_agent', 'text')
    .execute()
  await db.schema.createIndex('sessions_by_user').on('sessions').columns(['user_id', 'created_at']).execute()
  await db.schema.createIndex('sessions_by_expiry').on('sessions').column('expires_at').execute()
  await db.schema
    .createTable('tokens')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text')
    .addColumn('last_used_at', 'text')
    .execute()
  await db.schema.createIndex('tokens_by_user').on('tokens').columns(['user_id', 'created_at']).execute()
  await db.schema
    .createTable('attempts')
    .addColumn('pool', 'text', (c) => c.primaryKey().notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('window_started_at', 'text', (c) => c.notNull())
    .addColumn('blocked_until', 'text')
    .execute()
  await db.schema.createIndex('attempts_by_window').on('attempts').column('window_started_at').execute()
}

async function makeAuthorities(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('authorities')
    .addColumn('fingerprint', 'text', (c) => c.primaryKey().notNull())
    .addColumn('key_fingerprint', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull())
    .addColumn('der', 'blob', (c) => c.notNull())
    .addColumn('not_after', 'text', (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('built_in', 'integer', (c) => c.notNull())
    .addColumn('uploaded_by', 'text')
    .addColumn('uploaded_at', 'text', (c) => c.notNull())
    .addColumn('withdrawn_at', 'text')
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('authorities_by_name').on('authorities').columns(['name_folded', 'fingerprint']).execute()
  await db.schema.createIndex('authorities_by_expiry').on('authorities').columns(['not_after', 'fingerprint']).execute()
  await db.schema
    .createIndex('authorities_by_upload')
    .on('authorities')
    .columns(['uploaded_at', 'fingerprint'])
    .execute()
  await db.schema.createIndex('authorities_by_subject').on('authorities').column('subject').execute()
  await db.schema
    .createTable('authority_usernames')
    .addColumn('fingerprint', 'text', (c) => c.notNull().references('authorities.fingerprint').onDelete('cascade'))
    .addColumn('glob', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('authority_usernames_pk', ['fingerprint', 'glob'])
    .execute()
}

async function makeAudit(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit_events')
    .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('id', 'text', (c) => c.notNull().unique())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('actor_id', 'text')
    .addColumn('actor_username', 'text')
    .addColumn('via', 'text', (c) => c.notNull())
    .addColumn('target_type', 'text')
    .addColumn('target_id', 'text')
    .addColumn('target_name', 'text')
    .addColumn('address', 'text')
    .addColumn('before', 'text')
    .addColumn('after', 'text')
    .addColumn('reason', 'text')
    .execute()
  await db.schema.createIndex('audit_by_at').on('audit_events').columns(['at', 'id']).execute()
  await db.schema.createIndex('audit_by_actor').on('audit_events').columns(['actor_username', 'at', 'id']).execute()
  await db.schema.createIndex('audit_by_action').on('audit_events').columns(['action', 'at', 'id']).execute()
  await db.schema.createIndex('audit_by_target').on('audit_events').columns(['target_id', 'at', 'id']).execute()
  // Append only for the application: it cannot change or delete a row.
  if (isPostgres(db)) return makeFinalOnPostgres(db)
  await sql`create trigger audit_events_are_final before update on audit_events
    begin select raise(abort, 'audit events are final'); end`.execute(db)
  await sql`create trigger audit_events_stay before delete on audit_events
    begin select raise(abort, 'audit events stay'); end`.execute(db)
}

async function makeFinalOnPostgres(db: Kysely<unknown>): Promise<void> {
  await sql`create function refuse_change() returns trigger language plpgsql
    as 'begin raise exception ''%'', tg_argv[0]; end'`.execute(db)
  await sql`create trigger audit_events_are_final before update on audit_events
    for each row execute function refuse_change('audit events are final')`.execute(db)
  await sql`create trigger audit_events_stay before delete on audit_events
    for each row execute function refuse_change('audit events stay')`.execute(db)
  await sql`create trigger audit_events_all_stay before truncate on audit_events
    execute function refuse_change('audit events stay')`.execute(db)
}

/** PostgreSQL only: the writers' turn and their count. SQLite has both built in. */
async function makeTurns(db: Kysely<unknown>): Promise<void> {
  await sql`create table data_version (value bigint not null)`.execute(db)
  await sql`insert into data_version (value) values (0)`.execute(db)
}
