// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0034 lets the built-in roles that read the console read hand-overs and deployments, with an audit event', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-kubernetes-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows
  await migrate(open, '0030-brokers')
  for (const name of ['gatehouse-viewer', 'gatehouse-operator', 'gatehouse-admin']) {
    await sql`insert into roles (id, name, name_folded, built_in, created_at, version)
      values (${name}, ${name}, ${name}, 1, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  }
  await migrate(open, '0034-kubernetes-and-deployments')
  expect(
    await rows(
      `select role_id, operation from role_permissions where resource in ('/api/kubernetes/#', '/api/deployments/#')
       and role_id <> 'gatehouse-admin' order by role_id, resource`,
    ),
  ).toEqual([
    { role_id: 'gatehouse-operator', operation: 'read' },
    { role_id: 'gatehouse-operator', operation: 'read' },
    { role_id: 'gatehouse-viewer', operation: 'read' },
    { role_id: 'gatehouse-viewer', operation: 'read' },
  ])
  const events = "select target_name from audit_events where after like '%kubernetes%' order by target_name"
  expect(await rows(events)).toEqual([{ target_name: 'gatehouse-operator' }, { target_name: 'gatehouse-viewer' }])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
