import type { Kysely } from 'kysely'

/**
 * How a token was made: `login` or `console`. Older tokens have none; their origin is unknown, so they end with the
 * password like those of `/login`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('origin', 'text').execute()
}
