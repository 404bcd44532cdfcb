import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

/** The second factor, what sessions need for it, and the policies. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isPostgres(db) ? 'text collate "C"' : 'text')
  const ofUser = sql`user_id ${text} not null primary key references users (id) on delete cascade`
  await sql`create table second_factors (${ofUser}, secret_box ${text} not null, last_used_step integer not null)`.execute(
    db,
  )
  await sql`create table enrolments (${ofUser}, secret_box ${text} not null, started_at ${text} not null)`.execute(db)
  await db.schema
    .createTable('backup_codes')
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('digest', 'text', (c) => c.notNull())
    .addColumn('used_at', 'text')
    .addPrimaryKeyConstraint('backup_codes_pk', ['user_id', 'digest'])
    .execute()
  // An administrator turned the factor off; the next sign-in tells the user once.
  await db.schema.alterTable('users').addColumn('mfa_reset_at', 'text').execute()
  await db.schema.alterTable('sessions').addColumn('notice', 'text').execute()
  await db.schema
    .createTable('settings')
    .addColumn('id', 'integer', (c) => c.primaryKey().notNull())
    .addColumn('policies', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
}
