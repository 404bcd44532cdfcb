// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0035 lets the roles that read the console read rules, adds no rule, and keeps the decisions', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-admission-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows
  await migrate(open, '0029-listener-origins')
  for (const name of ['gatehouse-viewer', 'gatehouse-operator', 'gatehouse-admin']) {
    await sql`insert into roles (id, name, name_folded, built_in, created_at, version)
      values (${name}, ${name}, ${name}, 1, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  }
  await sql`insert into decisions (id, equality_key, first_at, last_at, count, outcome, reason, listener, address, bytes)
    values ('d1', 'd1', '2026-11-01T10:00:00.000Z', '2026-11-01T10:00:00.000Z', 1, 'refused', 'unknown_user', 'mqtts', '::1', 600)`.execute(
    ddl,
  )
  await migrate(open, '0035-admission-rules')
  expect(
    await rows(
      "select role_id, resource, operation from role_permissions where resource in ('/api/admission-rules/#', '/api/denied-devices/#') order by role_id, resource",
    ),
  ).toEqual(
    ['gatehouse-operator', 'gatehouse-viewer'].flatMap((role_id) =>
      ['/api/admission-rules/#', '/api/denied-devices/#'].map((resource) => ({ role_id, resource, operation: 'read' })),
    ),
  )
  const events = "select target_name from audit_events where after like '%admission-rules%' order by target_name"
  expect(await rows(events)).toEqual([{ target_name: 'gatehouse-operator' }, { target_name: 'gatehouse-viewer' }])
  expect(await rows('select id from admission_rules')).toEqual([])
  expect(await rows('select id, admission_rule from decisions')).toEqual([{ id: 'd1', admission_rule: null }])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
