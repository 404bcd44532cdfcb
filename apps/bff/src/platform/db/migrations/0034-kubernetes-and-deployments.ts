import type { Kysely } from 'kysely'
import { permitBuiltIn, reads } from './permit-built-in.ts'

/** What was handed over to Kubernetes, and which CA is on which Cedalo listener. The built-in roles that read the console may read both. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('kubernetes_hand_overs')
    .addColumn('target_kind', 'text', (c) => c.notNull())
    // Without a foreign key: it is a broker or a listener. The list leaves out those that are deleted.
    .addColumn('target_id', 'text', (c) => c.notNull())
    .addColumn('settings', 'text', (c) => c.notNull())
    .addColumn('authorities', 'text', (c) => c.notNull())
    .addColumn('server_certificate', 'text')
    .addColumn('content_hash', 'text', (c) => c.notNull())
    .addColumn('sequence', 'bigint', (c) => c.notNull())
    .addColumn('applied_at', 'text', (c) => c.notNull())
    .addColumn('applied_by', 'text')
    .addPrimaryKeyConstraint('kubernetes_hand_overs_key', ['target_kind', 'target_id'])
    .execute()
  await db.schema
    .createTable('authority_deployments')
    .addColumn('broker_id', 'text', (c) => c.notNull().references('brokers.id').onDelete('cascade'))
    .addColumn('listener_id', 'integer', (c) => c.notNull())
    .addColumn('listener_port', 'integer', (c) => c.notNull())
    // Without a foreign key: what is on the broker stays there when the CA is deleted here, until the broker confirms its removal.
    .addColumn('fingerprint', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('is_wanted', 'integer', (c) => c.notNull())
    .addColumn('presence', 'text', (c) => c.notNull())
    .addColumn('error', 'text')
    .addColumn('changed_at', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('authority_deployments_key', ['broker_id', 'listener_id', 'fingerprint'])
    .execute()
  for (const name of ['gatehouse-viewer', 'gatehouse-operator'])
    await permitBuiltIn(db, name, reads('/api/deployments/#', '/api/kubernetes/#'))
}
