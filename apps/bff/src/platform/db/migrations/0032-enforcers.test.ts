// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0032 gives a broker at most one enforcer and one token, which are deleted with it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-enforcers-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const count = async (table: string) => (await sql.raw(`select id from ${table}`).execute(ddl)).rows.length
  await migrate(open, '0030-brokers')
  await sql`insert into brokers (id, name, name_folded, kind, tls, settings, created_at, version)
    values ('hall-2', 'hall-2', 'hall-2', 'mosquitto-agent', 0, '{}', '2026-11-01T10:00:00.000Z', 1)`.execute(ddl)
  await migrate(open, '0032-enforcers')
  const enforcer = (id: string) =>
    sql`insert into enforcers (id, broker_id, host, program_version, certificate, fingerprint, enrolled_at)
      values (${id}, 'hall-2', 'x', 'x', 'x', ${id}, '2026-11-01T10:00:00.000Z')`.execute(ddl)
  await enforcer('first')
  await expect(enforcer('second')).rejects.toThrow(/unique/i)
  await sql`insert into enforcer_tokens (broker_id, secret_hash, created_at, created_by, expires_at)
    values ('hall-2', 'x', 'x', 'x', 'x')`.execute(ddl)
  await sql`delete from brokers`.execute(ddl)
  expect(await count('enforcers')).toBe(0)
  expect((await sql`select * from enforcer_tokens`.execute(ddl)).rows).toEqual([])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
