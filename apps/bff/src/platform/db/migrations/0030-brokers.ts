import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

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
  for (const name of ['gatehouse-viewer', 'gatehouse-operator']) await permit(db, name)
}

const resource = '/api/brokers/#'

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
