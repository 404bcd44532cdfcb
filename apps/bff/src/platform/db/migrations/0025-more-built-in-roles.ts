import { type Kysely, sql } from 'kysely'
import { systemClock, timestamp } from '../../base/clock.ts'
import { newId } from '../../base/id.ts'

const read = [
  '/api/audit/#',
  '/api/authorities/#',
  '/api/broker',
  '/api/broker/connections/#',
  '/api/broker/decisions/#',
  '/api/certificates/check',
  '/api/client-certificates/#',
  '/api/permissions/#',
  '/api/revocations/#',
  '/api/roles/#',
  '/api/settings',
  '/api/users.csv',
  '/api/users/#',
].map((resource) => ['http', resource, 'read'] as const)

const write = [
  '/api/authorities/+/crl',
  '/api/broker/connections/+',
  '/api/client-certificates/#',
  '/api/revocations',
  '/api/revocations/+',
  '/api/users/#',
].map((resource) => ['http', resource, 'write'] as const)

const added = [
  {
    name: 'gatehouse-viewer',
    description: 'Reads everything in the console that is not secret',
    permissions: read,
  },
  {
    name: 'gatehouse-operator',
    description: 'Runs users, devices and certificates',
    permissions: [...read, ...write, ['mqtt', '#', 'readWrite'] as const],
  },
]

/**
 * Two more built-in roles (decision 69). A role that already has one of the names keeps its holders and permissions and
 * gets another name. A new installation has no built-in role yet and gets all of them with its first administrator.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  if (!(await isNamed(db, 'gatehouse-admin'))) return
  for (const role of added) {
    await freeName(db, role.name)
    await insert(db, role)
  }
}

async function isNamed(db: Kysely<unknown>, name: string): Promise<boolean> {
  const { rows } = await sql`select 1 from roles where name_folded = ${name}`.execute(db)
  return rows.length > 0
}

async function freeName(db: Kysely<unknown>, taken: string): Promise<void> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from roles where name_folded = ${taken}`.execute(db)
  const [role] = rows
  if (!role) return
  let name = `${role.name}-custom`
  for (let n = 2; await isNamed(db, name.toLowerCase()); n++) name = `${role.name}-custom-${n}`
  await sql`update roles set name = ${name}, name_folded = ${name.toLowerCase()}, version = version + 1
    where id = ${role.id}`.execute(db)
  await record(db, { action: 'role.updated', id: role.id, name, before: { name: role.name }, after: { name } })
}

async function insert(db: Kysely<unknown>, { name, description, permissions }: (typeof added)[number]): Promise<void> {
  const id = newId(systemClock.now())
  await sql`insert into roles (id, name, name_folded, description, built_in, created_at, version)
    values (${id}, ${name}, ${name}, ${description}, 1, ${timestamp(systemClock)}, 1)`.execute(db)
  for (const [context, resource, operation] of permissions) {
    await sql`insert into role_permissions (role_id, context, resource, operation)
      values (${id}, ${context}, ${resource}, ${operation})`.execute(db)
  }
  const facts = permissions.map(([context, resource, operation]) => ({ context, resource, operation }))
  await record(db, { action: 'role.created', id, name, after: { name, description, permissions: facts } })
}

interface Entry {
  action: string
  id: string
  name: string
  before?: object
  after: object
}

async function record(db: Kysely<unknown>, { action, id, name, before, after }: Entry): Promise<void> {
  await sql`insert into audit_events (id, at, action, via, target_type, target_id, target_name, before, after)
    values (${newId(systemClock.now())}, ${timestamp(systemClock)}, ${action}, 'system', 'role', ${id}, ${name},
      ${before ? JSON.stringify(before) : null}, ${JSON.stringify(after)})`.execute(db)
}
