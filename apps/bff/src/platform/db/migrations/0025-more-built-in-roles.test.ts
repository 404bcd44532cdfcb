// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../../test/database.ts'
import type { OpenDatabase } from '../database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

let folder: string
let database: TestDatabase
let open: OpenDatabase
let ddl: Kysely<unknown>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-built-in-roles-'))
  database = await makeDatabase(folder, 'template0')
  open = await openDatabase(database.place)
  ddl = open.ddl as unknown as Kysely<unknown>
  await migrate(open, '0023-proofs')
  await fill()
  await migrate(open, '0025-more-built-in-roles')
})
afterAll(async () => {
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows

describe('migration 0025', () => {
  it('adds the two roles and renames the roles that had their names', async () => {
    expect(await rows('select name, name_folded, built_in, version from roles order by name_folded')).toEqual(
      [
        { name: 'gatehouse-admin', name_folded: 'gatehouse-admin', built_in: 1, version: 1 },
        { name: 'gatehouse-operator', name_folded: 'gatehouse-operator', built_in: 1, version: 1 },
        { name: 'Gatehouse-Viewer-custom-2', name_folded: 'gatehouse-viewer-custom-2', built_in: 0, version: 5 },
        { name: 'gatehouse-viewer', name_folded: 'gatehouse-viewer', built_in: 1, version: 1 },
        { name: 'gatehouse-viewer-custom', name_folded: 'gatehouse-viewer-custom', built_in: 0, version: 1 },
      ].toSorted((a, b) => (a.name_folded < b.name_folded ? -1 : 1)),
    )
  })

  it('leaves the permissions and the holders of a renamed role', async () => {
    expect(await rows("select resource from role_permissions where role_id = 'taken'")).toEqual([{ resource: 'a/#' }])
    expect(await rows('select role_id from user_roles')).toEqual([{ role_id: 'taken' }])
  })

  it('records what it did in the audit', async () => {
    const events = await rows('select action, via, target_name, before from audit_events order by seq')
    expect(events).toEqual([
      {
        action: 'role.updated',
        via: 'system',
        target_name: 'Gatehouse-Viewer-custom-2',
        before: '{"name":"Gatehouse-Viewer"}',
      },
      { action: 'role.created', via: 'system', target_name: 'gatehouse-viewer', before: null },
      { action: 'role.created', via: 'system', target_name: 'gatehouse-operator', before: null },
    ])
  })
})

const role = (id: string, name: string, { builtIn = 0, version = 1 }) => sql`
  insert into roles (id, name, name_folded, built_in, created_at, version)
  values (${id}, ${name}, ${name.toLowerCase()}, ${builtIn}, '2026-11-01T10:00:00.000Z', ${version})`

/** An administrators' role, and a role of the name that becomes built in, held by one user. */
async function fill(): Promise<void> {
  const statements = [
    role('admin', 'gatehouse-admin', { builtIn: 1 }),
    role('taken', 'Gatehouse-Viewer', { version: 4 }),
    role('also', 'gatehouse-viewer-custom', {}),
    sql`insert into role_permissions (role_id, context, resource, operation) values ('taken', 'mqtt', 'a/#', 'read')`,
    sql`insert into users (id, username, username_folded, kind, identity_provider, created_at, version)
      values ('ada', 'ada', 'ada', 'person', 'local', '2026-11-01T10:00:00.000Z', 1)`,
    sql`insert into user_roles (user_id, role_id, username_folded) values ('ada', 'taken', 'ada')`,
  ]
  for (const statement of statements) await statement.execute(ddl)
}
