import type { Kysely } from 'kysely'

/** Client certificates issued by this installation: which user has which, and which expires next. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('client_certificates')
    .addColumn('fingerprint', 'text', (c) => c.primaryKey().notNull())
    .addColumn('issuer_key', 'text', (c) => c.notNull())
    .addColumn('own_key', 'text', (c) => c.notNull())
    .addColumn('serial_number', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('subject_folded', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('key_algorithm', 'text', (c) => c.notNull())
    .addColumn('not_before', 'text', (c) => c.notNull())
    .addColumn('not_after', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.references('users.id').onDelete('set null'))
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('pem', 'text', (c) => c.notNull())
    .addColumn('issued_at', 'text', (c) => c.notNull())
    .addColumn('issued_by', 'text', (c) => c.notNull())
    .addColumn('renewed_by', 'text')
    .execute()
  for (const column of ['not_after', 'issued_at', 'subject_folded', 'user_id', 'own_key']) {
    await db.schema
      .createIndex(`client_certificates_by_${column}`)
      .on('client_certificates')
      .columns([column, 'fingerprint'])
      .execute()
  }
  await db.schema
    .createIndex('client_certificates_by_number')
    .on('client_certificates')
    .columns(['issuer_key', 'serial_number'])
    .execute()
}
