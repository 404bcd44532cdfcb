import type { Kysely } from 'kysely'

/** Enforcers of brokers on other hosts: their own CA, enrolment tokens, and one enforcer per broker. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('enforcer_authorities')
    // One row: a process that starts at the same moment meets the primary key.
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('certificate', 'text', (c) => c.notNull())
    // Its private key, encrypted with the data key.
    .addColumn('key_box', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('enforcers')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('broker_id', 'text', (c) => c.notNull().unique().references('brokers.id').onDelete('cascade'))
    .addColumn('host', 'text', (c) => c.notNull())
    .addColumn('program_version', 'text', (c) => c.notNull())
    .addColumn('certificate', 'text', (c) => c.notNull())
    .addColumn('fingerprint', 'text', (c) => c.notNull().unique())
    // The renewed one. It replaces the other when it is first used, so a lost answer cannot lock the enforcer out.
    .addColumn('next_certificate', 'text')
    .addColumn('next_fingerprint', 'text', (c) => c.unique())
    .addColumn('enrolled_at', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'text')
    .addColumn('last_address', 'text')
    .addColumn('applied_sequence', 'bigint')
    .addColumn('applied_at', 'text')
    // JSON of the last report.
    .addColumn('report', 'text')
    .execute()
  await db.schema
    .createTable('enforcer_tokens')
    .addColumn('broker_id', 'text', (c) => c.primaryKey().notNull().references('brokers.id').onDelete('cascade'))
    .addColumn('secret_hash', 'text', (c) => c.notNull().unique())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('expires_at', 'text', (c) => c.notNull())
    .addColumn('used_at', 'text')
    // Of the key that it was used with: the same key may ask again when the answer was lost.
    .addColumn('key_hash', 'text')
    .execute()
}
