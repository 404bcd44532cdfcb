import type { Kysely } from 'kysely'

/** Tags of users. A tag has at most some thousand users, so its users are sorted when they are listed. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('user_tags')
    .addColumn('user_id', 'text', (column) => column.notNull().references('users.id').onDelete('cascade'))
    .addColumn('tag', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('user_tags_key', ['user_id', 'tag'])
    .execute()
  await db.schema.createIndex('user_tags_by_tag').on('user_tags').columns(['tag', 'user_id']).execute()
}
