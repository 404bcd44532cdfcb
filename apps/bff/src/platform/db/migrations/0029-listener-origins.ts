import type { Kysely } from 'kysely'

/** The origins of web pages that may connect to a WebSocket listener. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('listeners')
    .addColumn('allowed_origins', 'text', (c) => c.notNull().defaultTo('[]'))
    .execute()
}
