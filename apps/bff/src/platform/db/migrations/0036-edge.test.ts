// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0036 gives administrators and operators the edge, and leaves other roles and listeners as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-edge-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows
  await migrate(open, '0030-brokers')
  for (const name of ['gatehouse-viewer', 'gatehouse-operator', 'gatehouse-admin', 'own']) {
    await sql`insert into roles (id, name, name_folded, built_in, created_at, version)
      values (${name}, ${name}, ${name}, ${name === 'own' ? 0 : 1}, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  }
  await sql`insert into role_permissions (role_id, context, resource, operation)
    values ('own', 'http', '/#', 'readWrite')`.execute(ddl)
  await sql`insert into listeners (id, name, name_folded, purpose, address, port, tls, client_certificate,
      minimum_tls_version, identity, proxy_versions, proxy_from, allowed_origins, created_at, version)
    values ('l', 'mqtts', 'mqtts', 'mqtt', '::', 8883, 1, 'required', '1.2', 'certificate', 'off', '[]', '[]',
      '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await migrate(open, '0036-edge')
  expect(await rows("select role_id, operation from role_permissions where context = 'edge' order by role_id")).toEqual(
    [
      { role_id: 'gatehouse-admin', operation: 'readWrite' },
      { role_id: 'gatehouse-operator', operation: 'readWrite' },
    ],
  )
  expect(await rows("select context, resource from role_permissions where role_id = 'own'")).toEqual([
    { context: 'http', resource: '/#' },
  ])
  expect(await rows('select upstream_id from listeners')).toEqual([{ upstream_id: null }])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
