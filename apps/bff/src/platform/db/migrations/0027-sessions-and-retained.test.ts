// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeDatabase, type TestDatabase } from '../../../../test/database.ts'
import type { OpenDatabase } from '../database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

let folder: string
let database: TestDatabase
let open: OpenDatabase
let ddl: Kysely<unknown>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-broker-permissions-'))
  database = await makeDatabase(folder, 'template0')
  open = await openDatabase(database.place)
  ddl = open.ddl as unknown as Kysely<unknown>
  await migrate(open, '0023-proofs')
  await sql`insert into roles (id, name, name_folded, built_in, created_at, version)
    values ('admin', 'gatehouse-admin', 'gatehouse-admin', 1, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await migrate(open, '0027-sessions-and-retained')
})
afterAll(async () => {
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})

const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows

it('migration 0027 gives the built-in roles the new permissions, with an audit event', async () => {
  const found = await rows(`select name, operation, resource from role_permissions join roles on roles.id = role_id
    where resource in ('/api/broker/retained', '/api/broker/sessions') order by name, resource, operation`)
  expect(found).toEqual([
    { name: 'gatehouse-operator', operation: 'read', resource: '/api/broker/retained' },
    { name: 'gatehouse-operator', operation: 'read', resource: '/api/broker/sessions' },
    { name: 'gatehouse-operator', operation: 'write', resource: '/api/broker/sessions' },
    { name: 'gatehouse-viewer', operation: 'read', resource: '/api/broker/retained' },
    { name: 'gatehouse-viewer', operation: 'read', resource: '/api/broker/sessions' },
  ])
  expect(await rows("select target_name from audit_events where action = 'role.updated' order by target_name")).toEqual(
    [{ target_name: 'gatehouse-operator' }, { target_name: 'gatehouse-viewer' }],
  )
})
