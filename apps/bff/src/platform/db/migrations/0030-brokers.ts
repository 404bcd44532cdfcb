import type { Kysely } from 'kysely'
import { permitBuiltIn, reads } from './permit-built-in.ts'

/** Brokers beside the embedded one. The built-in roles that read the console may read them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('brokers')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    // Null for an agent, which pulls.
    .addColumn('host', 'text')
    .addColumn('port', 'integer')
    .addColumn('tls', 'integer', (c) => c.notNull())
    .addColumn('authorities', 'text')
    .addColumn('username', 'text')
    // The password of `username`, encrypted with the data key.
    .addColumn('password_box', 'text')
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  for (const name of ['gatehouse-viewer', 'gatehouse-operator']) await permitBuiltIn(db, name, reads('/api/brokers/#'))
}
