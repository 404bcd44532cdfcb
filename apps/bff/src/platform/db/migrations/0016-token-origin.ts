import type { Kysely } from 'kysely'

/**
 * How a token was made: `login` or `console`. Tokens from before have none: what made them is not known, so they end with the
 * password like those of `/login`.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('tokens').addColumn('origin', 'text').execute()
}
