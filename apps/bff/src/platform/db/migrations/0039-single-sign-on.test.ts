// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0039 keeps open sessions, which no provider can end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sso-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const at = '2026-11-01T10:00:00.000Z'
  await migrate(open, '0037-identity-providers')
  await sql`insert into users (id, username, username_folded, identity_provider, kind, methods, created_at, version)
    values ('u', 'Alice', 'alice', 'local', 'person', 1, ${at}, 1)`.execute(ddl)
  await sql`insert into sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address)
    values ('s', 'hash', 'u', ${at}, ${at}, '2026-11-01T22:00:00.000Z', '127.0.0.1')`.execute(ddl)
  await migrate(open, '0039-single-sign-on')
  const { rows } = await sql`select id, identity_id, sid_hash, sign_out_box from sessions`.execute(ddl)
  expect(rows).toEqual([{ id: 's', identity_id: null, sid_hash: null, sign_out_box: null }])
  const once = sql`insert into single_sign_on_used (hash, until) values ('h', ${at})`
  await once.execute(ddl)
  await expect(once.execute(ddl)).rejects.toThrow(/unique/i)
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
