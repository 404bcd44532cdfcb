import { type Kysely, sql } from 'kysely'

/** Users whose display name begins with a letter, in the order of usernames, without reading rows. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('users_by_display_name').execute()
  await sql`create index users_by_display_name on users (display_name_folded, username_folded, id)
    where display_name_folded is not null`.execute(db)
}
