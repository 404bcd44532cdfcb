import { type Kysely, sql } from 'kysely'
import { isPostgres } from '../dialect.ts'

/**
 * How a user signed in becomes a list of proofs with times, and second factors become rows of any kind (decision 54). Boxed TOTP
 * secrets are copied unchanged: their additional data is the user id, which stays.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await makeAuthenticators(db)
  await makeProofs(db)
  await rebuildEnrolments(db)
}

async function makeAuthenticators(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('authenticators')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('counter', 'integer')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('last_used_at', 'text')
    .execute()
  await db.schema
    .createIndex('authenticators_by_user')
    .on('authenticators')
    .columns(['user_id', 'kind', 'data'])
    .unique()
    .execute()
  const id = isPostgres(db) ? sql`gen_random_uuid()::text` : randomUuidOnSqlite
  // When each backup code was made is not known; the enrolment is the earliest moment.
  await sql`insert into authenticators (id, user_id, kind, data, counter, created_at, last_used_at)
    select ${id}, user_id, 'totp', secret_box, last_used_step, coalesce(users.mfa_enrolled_at, users.created_at), null
    from second_factors join users on users.id = second_factors.user_id`.execute(db)
  await sql`insert into authenticators (id, user_id, kind, data, counter, created_at, last_used_at)
    select ${id}, user_id, 'backup-code', digest, null, coalesce(users.mfa_enrolled_at, users.created_at), used_at
    from backup_codes join users on users.id = backup_codes.user_id`.execute(db)
  await db.schema.dropTable('second_factors').execute()
  await db.schema.dropTable('backup_codes').execute()
}

const randomUuidOnSqlite = sql`lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
  || '-8' || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`

/** Which kind proved the second factor was not kept. TOTP is the common one, and the two count alike. */
async function makeProofs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('session_proofs')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('session_proofs_pk', ['session_id', 'kind'])
    .execute()
  await sql`insert into session_proofs (session_id, kind, at)
    select id, 'password', password_proved_at from sessions
    union all
    select id, 'totp', factor_proved_at from sessions where factor_proved_at is not null`.execute(db)
  await db.schema.alterTable('sessions').dropColumn('password_proved_at').execute()
  await db.schema.alterTable('sessions').dropColumn('factor_proved_at').execute()
}

async function rebuildEnrolments(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('enrolments_by_user').execute()
  await db.schema.alterTable('enrolments').renameTo('enrolments_of_totp').execute()
  await db.schema
    .createTable('enrolments')
    .addColumn('session_id', 'text', (c) => c.notNull().references('sessions.id').onDelete('cascade'))
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('started_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('enrolments_pk', ['session_id', 'kind'])
    .execute()
  await sql`insert into enrolments (session_id, kind, user_id, data, started_at)
    select session_id, 'totp', user_id, secret_box, started_at from enrolments_of_totp`.execute(db)
  await db.schema.dropTable('enrolments_of_totp').execute()
  await db.schema.createIndex('enrolments_by_user').on('enrolments').column('user_id').execute()
}
