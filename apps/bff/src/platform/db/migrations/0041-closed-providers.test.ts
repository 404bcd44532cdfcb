// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0041 keeps which providers are disabled, and gives directories without a service account 30 days', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-closed-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const at = '2026-11-01T10:00:00.000Z'
  await migrate(open, '0039-single-sign-on')
  const insert = (id: string, enabled: 0 | 1, settings: object) =>
    sql`insert into identity_providers (id, kind, name, label, enabled, settings, mfa_for_new, role_required, position, created_at, version)
      values (${id}, ${'bind' in settings ? 'ldap' : 'oidc'}, ${id}, ${id}, ${enabled}, ${JSON.stringify(settings)}, 0, 0, 0, ${at}, 1)`.execute(
      ddl,
    )
  await insert('direct', 1, { bind: 'direct', mqttPasswords: true })
  await insert('service', 0, { bind: 'service', mqttPasswords: false })
  await insert('sso', 1, { issuer: 'https://login.example', lastSignInDays: 7 })
  await migrate(open, '0041-closed-providers')
  const { rows } = await sql<{
    settings: string
  }>`select id, disabled_at, keeps_certificates, mqtt_passwords, sign_in_days, settings
    from identity_providers order by id`.execute(ddl)
  expect(rows.map(({ settings, ...row }) => ({ ...row, settings: JSON.parse(settings) as object }))).toEqual([
    {
      id: 'direct',
      disabled_at: null,
      keeps_certificates: 0,
      mqtt_passwords: 1,
      sign_in_days: 30,
      settings: { bind: 'direct', mqttPasswords: true, lastSignInDays: 30 },
    },
    {
      id: 'service',
      disabled_at: at,
      keeps_certificates: 0,
      mqtt_passwords: 0,
      sign_in_days: null,
      settings: { bind: 'service', mqttPasswords: false, lastSignInDays: 30 },
    },
    {
      id: 'sso',
      disabled_at: null,
      keeps_certificates: 0,
      mqtt_passwords: 0,
      sign_in_days: 7,
      settings: { issuer: 'https://login.example', lastSignInDays: 7 },
    },
  ])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
