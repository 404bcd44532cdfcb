// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0033 leaves the passwords that exist as passwords of the console', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-imported-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  await migrate(open, '0029-listener-origins')
  await sql`insert into users (id, username, username_folded, identity_provider, kind, methods, password_hash, created_at, version)
    values ('u', 'maria', 'maria', 'local', 'person', 1, '$argon2id$', '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await migrate(open, '0033-imported-passwords')
  const { rows } = await sql`select username, password_hash, imported_iterations from users`.execute(ddl)
  expect(rows).toEqual([{ username: 'maria', password_hash: '$argon2id$', imported_iterations: null }])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
