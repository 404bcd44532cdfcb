import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

/**
 * The HTTP edge: upstreams, and listeners that serve them. Administrators and operators may do everything on the edge,
 * because callers change only users whose permissions they cover. The built-in roles that read the console may read upstreams.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('upstreams')
    .addColumn('id', 'text', (c) => c.primaryKey().notNull())
    .addColumn('name', 'text', (c) => c.notNull().unique())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('ca_certificates', 'text')
    .addColumn('authentication', 'text', (c) => c.notNull())
    .addColumn('username', 'text')
    // The password or the token, encrypted with the data key.
    .addColumn('secret_box', 'text')
    .addColumn('connect_timeout_ms', 'integer', (c) => c.notNull())
    .addColumn('response_timeout_ms', 'integer', (c) => c.notNull())
    .addColumn('idle_timeout_ms', 'integer', (c) => c.notNull())
    .addColumn('max_request_bytes', 'integer')
    .addColumn('identity_attribute', 'text')
    .addColumn('created_at', 'text', (c) => c.notNull())
    .addColumn('version', 'integer', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('edge_identities')
    .addColumn('upstream_id', 'text', (c) => c.notNull().references('upstreams.id').onDelete('cascade'))
    .addColumn('identity_hash', 'text', (c) => c.notNull())
    .addColumn('user_id', 'text', (c) => c.notNull().references('users.id').onDelete('cascade'))
    .addColumn('claimed_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('edge_identities_key', ['upstream_id', 'identity_hash'])
    .addUniqueConstraint('edge_identities_user', ['upstream_id', 'user_id'])
    .execute()
  // Null: the first segment of the path names the upstream.
  await db.schema
    .alterTable('listeners')
    .addColumn('upstream_id', 'text', (c) => c.references('upstreams.id'))
    .execute()
  const onEdge: Given = ['edge', '/#', 'readWrite']
  const readUpstreams: Given = ['http', '/api/upstreams/#', 'read']
  await permit(db, 'gatehouse-admin', [onEdge])
  await permit(db, 'gatehouse-operator', [onEdge, readUpstreams])
  await permit(db, 'gatehouse-viewer', [readUpstreams])
}

type Given = readonly [context: string, resource: string, operation: string]

async function permit(db: Kysely<unknown>, name: string, given: readonly Given[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from roles where name_folded = ${name} and built_in = 1`.execute(db)
  for (const { id } of rows) {
    for (const [context, resource, operation] of given) {
      await sql`insert into role_permissions (role_id, context, resource, operation)
        values (${id}, ${context}, ${resource}, ${operation})`.execute(db)
    }
    await sql`update roles set version = version + 1 where id = ${id}`.execute(db)
    const permissions = given.map(([context, resource, operation]) => ({ context, resource, operation }))
    await sql`insert into audit_events (id, at, action, via, target_type, target_id, target_name, before, after)
      values (${newId(systemClock.now())}, ${timestamp(systemClock)}, 'role.updated', 'system', 'role', ${id}, ${name},
        null, ${JSON.stringify({ permissions })})`.execute(db)
  }
}
