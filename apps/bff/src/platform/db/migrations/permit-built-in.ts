import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

interface Given {
  context: 'edge' | 'http' | 'mqtt'
  resource: string
  operation: 'read' | 'write' | 'readWrite'
}

/** Reads these parts of the API. */
export function reads(...resources: string[]): Given[] {
  return resources.map((resource) => ({ context: 'http', resource, operation: 'read' }))
}

/** Adds permissions to a built-in role, with an audit event. Does nothing if the role does not exist. Migrations before 0030 do it themselves. */
export async function permitBuiltIn(db: Kysely<unknown>, name: string, permissions: readonly Given[]): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from roles where name_folded = ${name} and built_in = 1`.execute(db)
  for (const { id } of rows) {
    for (const { context, resource, operation } of permissions) {
      await sql`insert into role_permissions (role_id, context, resource, operation)
        values (${id}, ${context}, ${resource}, ${operation})`.execute(db)
    }
    await sql`update roles set version = version + 1 where id = ${id}`.execute(db)
    await sql`insert into audit_events (id, at, action, via, target_type, target_id, target_name, before, after)
      values (${newId(systemClock.now())}, ${timestamp(systemClock)}, 'role.updated', 'system', 'role', ${id}, ${name},
        null, ${JSON.stringify({ permissions })})`.execute(db)
  }
}
