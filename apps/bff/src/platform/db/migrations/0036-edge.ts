import type { Kysely } from 'kysely'
import { permitBuiltIn, reads } from './permit-built-in.ts'

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
  const onEdge = { context: 'edge', resource: '/#', operation: 'readWrite' } as const
  const upstreams = reads('/api/upstreams/#')
  await permitBuiltIn(db, 'gatehouse-admin', [onEdge])
  await permitBuiltIn(db, 'gatehouse-operator', [onEdge, ...upstreams])
  await permitBuiltIn(db, 'gatehouse-viewer', upstreams)
}
