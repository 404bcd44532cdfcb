import type { Kysely } from 'kysely'

/** A wait remembers whether the audit has heard of it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('refused_at', 'text').execute()
}
