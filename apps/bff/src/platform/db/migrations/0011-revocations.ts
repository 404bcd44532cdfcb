import type { Kysely } from 'kysely'

/**
 * Revoked certificates and CRLs. They are bound to keys and not to authorities, because they outlive an authority's
 * certificate.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('revocations')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('issuer_key', 'text', (c) => c.notNull())
    .addColumn('serial_number', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('subject', 'text')
    .addColumn('subject_folded', 'text', (c) => c.notNull())
    .addColumn('username', 'text')
    .addColumn('fingerprint', 'text')
    .addColumn('not_after', 'text')
    .addColumn('reason', 'text', (c) => c.notNull())
    .addColumn('note', 'text')
    .addColumn('revoked_by', 'text')
    .addColumn('revoked_at', 'text', (c) => c.notNull())
    .addUniqueConstraint('revocations_number', ['issuer_key', 'serial_number'])
    .execute()
  await db.schema.createIndex('revocations_by_time').on('revocations').columns(['revoked_at', 'id']).execute()
  await db.schema.createIndex('revocations_by_subject').on('revocations').columns(['subject_folded', 'id']).execute()
  await db.schema.createIndex('authorities_by_key').on('authorities').column('key_fingerprint').execute()
  await db.schema
    .createTable('revocation_lists')
    .addColumn('fingerprint', 'text', (c) => c.primaryKey().notNull())
    .addColumn('issuer_key', 'text', (c) => c.notNull())
    .addColumn('scope', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('number', 'text')
    .addColumn('this_update', 'text', (c) => c.notNull())
    .addColumn('next_update', 'text')
    .addColumn('entry_count', 'integer', (c) => c.notNull())
    .addColumn('signature_algorithm', 'text', (c) => c.notNull())
    .addColumn('uploaded_by', 'text')
    .addColumn('uploaded_at', 'text', (c) => c.notNull())
    // The last column, read separately: up to ten megabytes.
    .addColumn('der', 'blob', (c) => c.notNull())
    .addUniqueConstraint('revocation_lists_scope', ['issuer_key', 'scope'])
    .execute()
}
