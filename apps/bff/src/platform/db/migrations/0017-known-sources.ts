import type { Kysely } from 'kysely'

/** Where each user has signed in from. Such a device or address has its own counter of wrong attempts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('known_sources')
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('last_right_at', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('known_sources_key', ['user_id', 'kind', 'source'])
    .execute()
  await db.schema.createIndex('known_sources_by_age').on('known_sources').column('last_right_at').execute()
}
