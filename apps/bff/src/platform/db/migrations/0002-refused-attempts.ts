import type { Kysely } from 'kysely'

/** Remembers whether a wait was already reported in the audit. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('attempts').addColumn('refused_at', 'text').execute()
}
