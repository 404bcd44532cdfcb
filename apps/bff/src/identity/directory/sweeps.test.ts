// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, it } from 'vitest'
import { makeDatabase } from '../../../test/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import type { SweepContext } from './sweep.ts'
import { sweepDue } from './sweeps.ts'

it('one of several servers sweeps a directory, sooner again after a failure', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sweeps-'))
  const database = await makeDatabase(folder)
  const open = await openDatabase(database.place)
  const { db, reader } = open
  await sql`insert into identity_providers
      (id, kind, name, label, enabled, settings, mfa_for_new, position, created_at, version)
    values ('p', 'ldap', 'lab', 'Lab', 1, ${JSON.stringify({ bind: 'service', sweepEveryMinutes: 60 })}, 0, 0, '', 1)`.execute(
    db,
  )
  let now = new Date('2026-11-29T12:00:00Z')
  let begun = 0
  const load = () => {
    begun++
    return Promise.reject(new Error('The directory is not there'))
  }
  const context = { db, reader, clock: { now: () => now }, directories: { load } } as unknown as SweepContext
  const look = () => sweepDue(context, pino({ level: 'silent' }))
  await Promise.all([look(), look(), look()])
  expect(begun).toBe(1)
  now = new Date('2026-11-29T12:04:00Z')
  await look()
  expect(begun).toBe(1)
  now = new Date('2026-11-29T12:06:00Z')
  await look()
  expect(begun).toBe(2)
  await open.close()
  await database.remove()
  await rm(folder, { recursive: true })
})
