import type { Kysely } from 'kysely'

interface Rows {
  authorities: { fingerprint: string; description: string; issuer: string }
}

/** Issuers are looked up by name, and authorities have a note. */
export async function up(db: Kysely<Rows>): Promise<void> {
  await db.schema
    .alterTable('authorities')
    .addColumn('issuer', 'text', (c) => c.notNull().defaultTo(''))
    .execute()
  await db.schema.alterTable('authorities').addColumn('notes', 'text').execute()
  const rows = await db.selectFrom('authorities').select(['fingerprint', 'description']).execute()
  for (const { fingerprint, description } of rows) {
    const { issuer } = JSON.parse(description) as { issuer: string }
    await db.updateTable('authorities').set({ issuer }).where('fingerprint', '=', fingerprint).execute()
  }
  await db.schema.createIndex('authorities_by_issuer').on('authorities').column('issuer').execute()
}
