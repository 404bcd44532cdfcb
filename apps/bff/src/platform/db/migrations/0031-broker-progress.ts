import type { Kysely } from 'kysely'

/** Up to which change of the log each broker was brought. Deleted together with the broker. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('broker_progress')
    .addColumn('broker_id', 'text', (c) => c.primaryKey().notNull().references('brokers.id').onDelete('cascade'))
    .addColumn('applied', 'integer', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .execute()
}
