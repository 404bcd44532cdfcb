import { type Kysely, sql } from 'kysely'

/**
 * What a session keeps of the OpenID provider that it began at, and which states and logout tokens were used. Sessions that are
 * open began before there were providers.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // The hash of the session's id there, by which the provider ends it.
  await db.schema.alterTable('sessions').addColumn('sid_hash', 'text').execute()
  // The ID token and where to return to, encrypted with the data key, for signing out there.
  await db.schema.alterTable('sessions').addColumn('sign_out_box', 'text').execute()
  await sql`create index sessions_by_sid on sessions (sid_hash) where sid_hash is not null`.execute(db)
  await db.schema
    .createTable('single_sign_on_used')
    .addColumn('hash', 'text', (c) => c.primaryKey().notNull())
    .addColumn('until', 'text', (c) => c.notNull())
    .execute()
}
