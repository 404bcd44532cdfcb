import { type Kysely, sql } from 'kysely'

/** The log of changes that brokers must enforce, and the sequence up to which it was pruned. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('access_changes')
    .addColumn('sequence', 'integer', (c) => c.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('ids', 'text')
    .addColumn('at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('access_changes_by_time').on('access_changes').column('at').execute()
  await db.schema
    .createTable('access_changes_pruned')
    .addColumn('through', 'integer', (c) => c.notNull())
    .execute()
  await sql`insert into access_changes_pruned (through) values (0)`.execute(db)
}
