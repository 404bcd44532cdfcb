import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

/** The listeners of the broker. The built-in roles that read the console may read them. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('listeners')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_folded', 'text', (c) => c.notNull().unique())
    // The environment's own listener: `mqtt` or `mqtts`.
    .addColumn('seed', 'text', (c) => c.unique())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('address', 'text', (c) => c.notNull())
    .addColumn('port', 'integer', (c) => c.notNull())
    .addColumn('tls', 'integer', (c) => c.notNull())
    .addColumn('client_certificate', 'text', (c) => c.notNull())
    .addColumn('minimum_tls_version', 'text', (c) => c.notNull())
    // JSON of fingerprints. Null: all. Without a foreign key: a deleted CA must leave the list shorter in effect, never empty of meaning.
    .addColumn('trusted_authorities', 'text')
    .addColumn('identity', 'text', (c) => c.notNull())
    .addColumn('proxy_versions', 'text', (c) => c.notNull())
    .addColumn('proxy_from', 'text', (c) => c.notNull())
    .addColumn('max_connections', 'integer')
    .addColumn('certificate', 'text')
    // The private key of `certificate`, encrypted with the data key.
    .addColumn('key_box', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  for (const name of ['gatehouse-viewer', 'gatehouse-operator']) await permit(db, name)
}

const resource = '/api/listeners/#'

async function permit(db: Kysely<unknown>, name: string): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from roles where name_folded = ${name} and built_in = 1`.execute(db)
  for (const { id } of rows) {
    await sql`insert into role_permissions (role_id, context, resource, operation)
      values (${id}, 'http', ${resource}, 'read')`.execute(db)
    await sql`update roles set version = version + 1 where id = ${id}`.execute(db)
    const after = JSON.stringify({ permissions: [{ context: 'http', resource, operation: 'read' }] })
    await sql`insert into audit_events (id, at, action, via, target_type, target_id, target_name, before, after)
      values (${newId(systemClock.now())}, ${timestamp(systemClock)}, 'role.updated', 'system', 'role', ${id}, ${name},
        null, ${after})`.execute(db)
  }
}
