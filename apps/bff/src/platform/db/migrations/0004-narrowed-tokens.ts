import type { Kysely } from 'kysely'

/** A token may be limited to some of its user's permissions. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('permissions', 'text').execute()
}
