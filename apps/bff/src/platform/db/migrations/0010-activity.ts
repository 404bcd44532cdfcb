import type { Kysely } from 'kysely'

/** What happened how often, in slots of ten minutes: small enough to be kept, and to be drawn without counting anything again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('activity')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('value', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('activity_pk', ['kind', 'at'])
    .execute()
}
