import { type Kysely, sql } from 'kysely'
import { permitBuiltIn, reads } from './permit-built-in.ts'

/**
 * Directories and OpenID providers, the identities of users there, and roles with a source. All roles that users have were
 * given by hand. The built-in roles that read the console may read identity providers.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('identity_providers')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('label', 'text', (c) => c.notNull())
    .addColumn('enabled', 'integer', (c) => c.notNull())
    // JSON, as the contract defines it for the kind.
    .addColumn('settings', 'text', (c) => c.notNull())
    // The bind password or the client secret, encrypted with the data key.
    .addColumn('secret_box', 'text')
    .addColumn('mfa_for_new', 'integer', (c) => c.notNull())
    .addColumn('role_required', 'integer', (c) => c.notNull().defaultTo(0))
    .addColumn('position', 'integer', (c) => c.notNull())
    .addColumn('password_url', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('role_mappings')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('provider_id', 'text', (c) => c.notNull().references('identity_providers.id').onDelete('cascade'))
    .addColumn('place', 'integer', (c) => c.notNull())
    .addColumn('source', 'text', (c) => c.notNull())
    .addColumn('role_id', 'text', (c) => c.notNull().references('roles.id'))
    // The administrator who held all permissions of the role. Null: that user was deleted.
    .addColumn('author_id', 'text', (c) => c.references('users.id').onDelete('set null'))
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('role_mappings_place', ['provider_id', 'place'])
    .execute()
  await db.schema.createIndex('role_mappings_by_role').on('role_mappings').column('role_id').execute()
  await db.schema.createIndex('role_mappings_by_author').on('role_mappings').column('author_id').execute()
  await db.schema
    .createTable('user_identities')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('provider_id', 'text', (c) => c.notNull().references('identity_providers.id').onDelete('cascade'))
    // What identifies the person there for good: never a name or an address.
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('label', 'text')
    .addColumn('is_origin', 'integer', (c) => c.notNull())
    // JSON: the groups that the provider named last. Null: it did not name them all.
    .addColumn('source_groups', 'text')
    // When the user was disabled because of the provider. The provider enables only such a user again.
    .addColumn('disabled_at', 'text')
    .addColumn('linked_at', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'text')
    .addColumn('last_provider_sign_in_at', 'text')
    .addUniqueConstraint('user_identities_subject', ['provider_id', 'subject'])
    .addUniqueConstraint('user_identities_user', ['user_id', 'provider_id'])
    .execute()
  await db.schema
    .alterTable('user_roles')
    .addColumn('by_hand', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  await db.schema
    .alterTable('user_roles')
    .addColumn('mapped', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  // The identity that the session began with. Without it the session ends.
  await db.schema
    .alterTable('sessions')
    .addColumn('identity_id', 'text', (c) => c.references('user_identities.id').onDelete('cascade'))
    .execute()
  await sql`create index sessions_by_identity on sessions (identity_id) where identity_id is not null`.execute(db)
  await sql`create index users_by_origin on users (identity_provider, username_folded, id)
    where identity_provider <> 'local'`.execute(db)
  const providers = reads('/api/identity-providers/#')
  await permitBuiltIn(db, 'gatehouse-operator', providers)
  await permitBuiltIn(db, 'gatehouse-viewer', providers)
}
