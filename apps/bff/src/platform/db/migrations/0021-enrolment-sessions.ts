import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

/**
 * An enrolment belongs to a session (decision 50). An enrolment that was pending before the upgrade must be started
 * again; it would have expired after ten minutes.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const text = sql.raw(isPostgres(db) ? 'text collate "C"' : 'text')
  await db.schema.dropTable('enrolments').execute()
  await sql`create table enrolments (
    session_id ${text} not null primary key references sessions (id) on delete cascade,
    user_id ${text} not null references users (id) on delete cascade,
    secret_box ${text} not null,
    started_at ${text} not null
  )`.execute(db)
  await db.schema.createIndex('enrolments_by_user').on('enrolments').column('user_id').execute()
}
