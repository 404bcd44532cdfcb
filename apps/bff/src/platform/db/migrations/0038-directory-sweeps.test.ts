// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0038 keeps providers, which were never swept, and forgets sweeps with their provider', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sweeps-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const at = '2026-11-01T10:00:00.000Z'
  const sweeps = sql`select provider_id from directory_sweeps`
  await migrate(open, '0037-identity-providers')
  await sql`insert into identity_providers (id, kind, name, label, enabled, settings, mfa_for_new, position, created_at, version)
    values ('p', 'ldap', 'lab', 'Lab', 1, '{}', 0, 0, ${at}, 1)`.execute(ddl)
  await migrate(open, '0038-directory-sweeps')
  expect((await sweeps.execute(ddl)).rows).toEqual([])
  await sql`insert into directory_sweeps (provider_id, next_at) values ('p', ${at})`.execute(ddl)
  await sql`delete from identity_providers`.execute(ddl)
  expect((await sweeps.execute(ddl)).rows).toEqual([])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
