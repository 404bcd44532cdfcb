// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Kysely, sql } from 'kysely'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../../test/database.ts'
import { migrate } from '../migrate.ts'
import { openDatabase } from '../open.ts'

it('migration 0031 remembers the last change of a broker that is there, and forgets it together with the broker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-progress-'))
  const database = await makeDatabase(folder, 'template0')
  const open = await openDatabase(database.place)
  const ddl = open.ddl as unknown as Kysely<unknown>
  const rows = async (text: string) => (await sql.raw(text).execute(ddl)).rows
  await migrate(open, '0030-brokers')
  await rows(`insert into brokers (id, name, name_folded, kind, host, port, tls, settings, created_at, version)
    values ('a', 'hall-2', 'hall-2', 'mosquitto', '127.0.0.1', 1884, 0, '{}', '2026-11-29T06:00:00.000Z', 1)`)
  await migrate(open, '0031-broker-progress')
  await rows("insert into broker_progress (broker_id, applied, at) values ('a', 17, '2026-11-29T06:00:00.000Z')")
  expect(await rows('select broker_id from broker_progress')).toEqual([{ broker_id: 'a' }])
  await rows("delete from brokers where id = 'a'")
  expect(await rows('select broker_id from broker_progress')).toEqual([])
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
