import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

const read = ['/api/broker/retained', '/api/broker/sessions'].map((resource) => [resource, 'read'] as const)

const added = [
  { name: 'gatehouse-viewer', permissions: read },
  { name: 'gatehouse-operator', permissions: [...read, ['/api/broker/sessions', 'write'] as const] },
]

/** The built-in roles get the permissions for the sessions and retained messages of the broker. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const { name, permissions } of added) {
    const { rows } = await sql<{ id: string }>`
      select id from roles where name_folded = ${name} and built_in = 1`.execute(db)
    for (const { id } of rows) await add(db, { id, name, permissions })
  }
}

interface Added {
  id: string
  name: string
  permissions: (typeof added)[number]['permissions']
}

async function add(db: Kysely<unknown>, { id, name, permissions }: Added): Promise<void> {
  for (const [resource, operation] of permissions) {
    await sql`insert into role_permissions (role_id, context, resource, operation)
      values (${id}, 'http', ${resource}, ${operation})`.execute(db)
  }
  await sql`update roles set version = version + 1 where id = ${id}`.execute(db)
  const facts = permissions.map(([resource, operation]) => ({ context: 'http', resource, operation }))
  await sql`insert into audit_events (id, at, action, via, target_type, target_id, target_name, before, after)
    values (${newId(systemClock.now())}, ${timestamp(systemClock)}, 'role.updated', 'system', 'role', ${id}, ${name},
      null, ${JSON.stringify({ permissions: facts })})`.execute(db)
}
