import type { Kysely } from 'kysely'

/**
 * Client certificates that were used to connect: which expires next, and which users depend on an authority. Separate
 * from those issued by this installation.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('seen_certificates')
    .addColumn('fingerprint', 'text', (c) => c.primaryKey().notNull())
    .addColumn('issuer_key', 'text', (c) => c.notNull())
    .addColumn('serial_number', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('subject_folded', 'text', (c) => c.notNull())
    .addColumn('issuer', 'text', (c) => c.notNull())
    .addColumn('key_algorithm', 'text', (c) => c.notNull())
    .addColumn('not_before', 'text', (c) => c.notNull())
    .addColumn('not_after', 'text', (c) => c.notNull())
    // Without a foreign key to users: a batch must not fail because a user was deleted meanwhile.
    .addColumn('user_id', 'text', (c) => c.notNull())
    .addColumn('username', 'text', (c) => c.notNull())
    .addColumn('authority', 'text', (c) => c.notNull())
    .addColumn('chain', 'text', (c) => c.notNull())
    .addColumn('pem', 'text', (c) => c.notNull())
    .addColumn('first_seen_at', 'text', (c) => c.notNull())
    .addColumn('last_seen_at', 'text', (c) => c.notNull())
    .execute()
  for (const column of ['not_after', 'last_seen_at', 'subject_folded']) {
    await db.schema
      .createIndex(`seen_certificates_by_${column}`)
      .on('seen_certificates')
      .columns([column, 'fingerprint'])
      .execute()
  }
  await db.schema
    .createIndex('seen_certificates_by_user')
    .on('seen_certificates')
    .columns(['user_id', 'first_seen_at', 'last_seen_at'])
    .execute()
  await db.schema
    .createIndex('seen_certificates_by_authority')
    .on('seen_certificates')
    .columns(['authority', 'chain'])
    .execute()
  // Many clients send the same intermediates.
  await db.schema
    .createTable('seen_chains')
    .addColumn('chain', 'text', (c) => c.primaryKey().notNull())
    .addColumn('pem', 'text', (c) => c.notNull())
    .execute()
}
