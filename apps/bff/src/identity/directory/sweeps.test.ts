// @postgres
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { pino } from 'pino'
import { expect, it, onTestFinished } from 'vitest'
import { makeDatabase } from '../../../test/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { DirectoryFault } from './faults.ts'
import type { SweepContext } from './sweep.ts'
import { sweepDue, sweepNow } from './sweeps.ts'

/** A database with a directory, and a context in which the LDAP client cannot be loaded because of `error`. */
async function failing(error: Error) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-sweeps-'))
  const database = await makeDatabase(folder)
  const open = await openDatabase(database.place)
  const { db, reader } = open
  await sql`insert into identity_providers
      (id, kind, name, label, settings, mfa_for_new, position, created_at, version)
    values ('p', 'ldap', 'lab', 'Lab', ${JSON.stringify({ bind: 'service', sweepEveryMinutes: 60 })}, 0, 0, '', 1)`.execute(
    db,
  )
  const found = { now: new Date('2026-11-29T12:00:00Z'), begun: 0 }
  const load = () => {
    found.begun++
    return Promise.reject(error)
  }
  const context = { db, reader, clock: { now: () => found.now }, directories: { load } } as unknown as SweepContext
  onTestFinished(async () => {
    await open.close()
    await database.remove()
    await rm(folder, { recursive: true })
  })
  return { context, found }
}

it('one of several servers sweeps a directory, sooner again after a failure', async () => {
  const { context, found } = await failing(new Error('The LDAP client cannot be loaded'))
  const look = () => sweepDue(context, pino({ level: 'silent' }))
  await Promise.all([look(), look(), look()])
  expect(found.begun).toBe(1)
  found.now = new Date('2026-11-29T12:04:00Z')
  await look()
  expect(found.begun).toBe(1)
  found.now = new Date('2026-11-29T12:06:00Z')
  await look()
  expect(found.begun).toBe(2)
})

it('names every fault of the directory to the administrator as a provider that cannot be used', async () => {
  const { context } = await failing(new DirectoryFault('unexpected_answer'))
  await expect(sweepNow(context, 'p')).rejects.toMatchObject({ code: 'provider_unavailable' })
})
