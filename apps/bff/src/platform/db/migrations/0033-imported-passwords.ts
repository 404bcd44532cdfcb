import { type Kysely, sql } from 'kysely'

/**
 * Passwords that were imported as hashes of another broker. The column is null for all others, so the partial index holds only
 * imported ones and finds the most expensive one at once.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('users').addColumn('imported_iterations', 'integer').execute()
  await sql`create index users_by_imported_iterations on users (imported_iterations)
    where imported_iterations is not null`.execute(db)
}
