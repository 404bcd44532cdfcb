import type { Kysely } from 'kysely'

/** Counts of events per slot of ten minutes: small enough to keep, and to draw without counting again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('activity')
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('value', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('activity_pk', ['kind', 'at'])
    .execute()
}
