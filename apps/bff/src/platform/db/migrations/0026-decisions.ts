import type { Kysely } from 'kysely'

/** The broker's decisions of the last days. Equal decisions within an hour are one row, found by `equality_key`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('decisions')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('equality_key', 'text', (c) => c.notNull().unique())
    .addColumn('first_at', 'text', (c) => c.notNull())
    .addColumn('last_at', 'text', (c) => c.notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .addColumn('outcome', 'text', (c) => c.notNull())
    .addColumn('reason', 'text')
    .addColumn('listener', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('username', 'text')
    .addColumn('unknown_username_length', 'integer')
    // Without a foreign key: the decisions stay when the user is deleted.
    .addColumn('user_id', 'text')
    .addColumn('client_id', 'text')
    .addColumn('method', 'text')
    .addColumn('certificate', 'text')
    .addColumn('topic', 'text')
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('decisions_by_time').on('decisions').columns(['last_at', 'id']).execute()
  for (const column of ['outcome', 'reason', 'username', 'address']) {
    await db.schema.createIndex(`decisions_by_${column}`).on('decisions').columns([column, 'last_at', 'id']).execute()
  }
  await db.schema
    .createTable('decision_totals')
    .addColumn('outcome', 'text', (c) => c.primaryKey().notNull())
    .addColumn('rows', 'integer', (c) => c.notNull())
    .addColumn('bytes', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('decisions_left_out')
    .addColumn('at', 'text', (c) => c.primaryKey().notNull())
    .addColumn('count', 'integer', (c) => c.notNull())
    .execute()
}
