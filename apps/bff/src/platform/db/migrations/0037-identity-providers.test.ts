// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0037 keeps users, roles and sessions: roles were given by hand, and sessions began without a provider', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-identities-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows
  await migrate(open, '0036-edge')
  for (const name of ['gatehouse-viewer', 'gatehouse-operator', 'gatehouse-admin', 'own']) {
    await sql`insert into roles (id, name, name_folded, built_in, created_at, version)
      values (${name}, ${name}, ${name}, ${name === 'own' ? 0 : 1}, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  }
  await sql`insert into users (id, username, username_folded, identity_provider, kind, methods, created_at, version)
    values ('u', 'Alice', 'alice', 'local', 'person', 1, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await sql`insert into user_roles (user_id, role_id, username_folded) values ('u', 'own', 'alice')`.execute(ddl)
  await sql`insert into sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address)
    values ('s', 'hash', 'u', '2026-11-01T10:00:00.000Z', '2026-11-01T10:00:00.000Z', '2026-11-01T22:00:00.000Z',
      '127.0.0.1')`.execute(ddl)
  await sql`insert into session_proofs (session_id, kind, at) values ('s', 'password', '2026-11-01T10:00:00.000Z')`.execute(
    ddl,
  )
  await migrate(open, '0037-identity-providers')
  expect(await rows('select user_id, role_id, by_hand, mapped from user_roles')).toEqual([
    { user_id: 'u', role_id: 'own', by_hand: 1, mapped: 0 },
  ])
  expect(await rows('select identity_id from sessions')).toEqual([{ identity_id: null }])
  expect(await rows('select kind from session_proofs')).toEqual([{ kind: 'password' }])
  expect(
    await rows(
      "select role_id, operation from role_permissions where resource = '/api/identity-providers/#' order by role_id",
    ),
  ).toEqual([
    { role_id: 'gatehouse-operator', operation: 'read' },
    { role_id: 'gatehouse-viewer', operation: 'read' },
  ])
  // A session that began with an identity ends with it; a session of the password stays.
  await sql`insert into identity_providers (id, kind, name, label, enabled, settings, mfa_for_new, role_required, position, created_at, version)
    values ('p', 'ldap', 'corp', 'Corp', 1, '{}', 0, 0, 0, '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await sql`insert into user_identities (id, user_id, provider_id, subject, is_origin, linked_at)
    values ('i', 'u', 'p', 'e1', 0, '2026-11-01T10:00:00.000Z')`.execute(ddl)
  await sql`insert into sessions (id, secret_hash, user_id, created_at, last_seen_at, expires_at, address, identity_id)
    values ('t', 'other', 'u', '2026-11-01T10:00:00.000Z', '2026-11-01T10:00:00.000Z', '2026-11-01T22:00:00.000Z',
      '127.0.0.1', 'i')`.execute(ddl)
  await sql`delete from identity_providers`.execute(ddl)
  expect(await rows('select id from sessions')).toEqual([{ id: 's' }])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
