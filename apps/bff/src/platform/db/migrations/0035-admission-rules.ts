import type { Kysely } from 'kysely'
import { permitBuiltIn, reads } from './permit-built-in.ts'

/** Admission rules, what they admitted, and the names that they do not admit. The built-in roles that read the console may read them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('admission_rules')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    // Without foreign keys: a rule whose CA, role or author was deleted must refuse, and not give less than it says.
    .addColumn('authority', 'text', (c) => c.notNull())
    .addColumn('usernames', 'text', (c) => c.notNull())
    .addColumn('roles', 'text', (c) => c.notNull())
    .addColumn('author_id', 'text', (c) => c.notNull())
    .addColumn('max_per_hour', 'integer', (c) => c.notNull())
    .addColumn('max_total', 'integer', (c) => c.notNull())
    .addColumn('enabled_at', 'text')
    .addColumn('admitted', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('admissions')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('rule_id', 'text', (c) => c.notNull().references('admission_rules.id').onDelete('cascade'))
    // Without a foreign key: a deleted user still counts for the limit of the hour.
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('admissions_by_rule').on('admissions').columns(['rule_id', 'at']).execute()
  await db.schema.createIndex('admissions_by_time').on('admissions').column('at').execute()
  await db.schema
    .createTable('denied_devices')
    .addColumn('username_folded', 'text', (c) => c.primaryKey().notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('cause', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addColumn('by', 'text')
    .execute()
  await db.schema
    .createIndex('denied_devices_by_time')
    .on('denied_devices')
    .columns(['at', 'username_folded'])
    .execute()
  await db.schema.alterTable('decisions').addColumn('admission_rule', 'text').execute()
  for (const name of ['gatehouse-viewer', 'gatehouse-operator'])
    await permitBuiltIn(db, name, reads('/api/admission-rules/#', '/api/denied-devices/#'))
}
