import type { Kysely } from 'kysely'

/** When each directory was swept, by which settings, and what came of it. Several servers share the rows, so that one of them sweeps. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('directory_sweeps')
    .addColumn('provider_id', 'text', (c) =>
      c.primaryKey().notNull().references('identity_providers.id').onDelete('cascade'),
    )
    .addColumn('next_at', 'text', (c) => c.notNull())
    // A server is sweeping until then, unless it has stopped.
    .addColumn('claimed_until', 'text')
    // Of the last sweep that saw the whole directory.
    .addColumn('finished_at', 'text')
    .addColumn('provider_version', 'integer')
    .addColumn('people', 'integer')
    .addColumn('changed', 'integer')
    .addColumn('disabled', 'integer')
    // Why the last one failed. Null: it did not.
    .addColumn('problem', 'text')
    .execute()
}
