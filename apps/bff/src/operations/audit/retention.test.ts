// @postgres
/** Events older than the policy keeps are deleted in slices, and an event records it. The database refuses to delete younger ones. */
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { deleteEventsBefore, recordEvent } from '../../platform/audit/store.ts'
import { offsetClock, systemClock } from '../../platform/base/clock.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { deleteExpired } from '../../retention-job.ts'

const dayMs = 24 * 60 * 60_000
const actor = { userId: null, username: 'long ago', via: 'machine', address: null } as const

let app: TestApp
let database: OpenDatabase
beforeAll(async () => {
  app = await startApp()
  database = await openDatabase(app.database)
})
afterAll(async () => {
  await database.close()
  await app.stop()
})

async function writeEvents(daysAgo: number, count: number): Promise<void> {
  const clock = offsetClock(() => -daysAgo * dayMs)
  await database.db.transaction().execute(async (trx) => {
    for (let n = 0; n < count; n++) await recordEvent(trx, clock, { action: 'user.unlocked', actor })
  })
}

const clean = () => deleteExpired({ db: database.db, clock: systemClock })
const keep = async (keepDays: number | null) =>
  (await app.as('admin'))(settings.update, { body: { audit: { keepDays } } })
const list = async (search: object) => (await app.as('admin'))(audit.list, { search: { limit: 200, ...search } })
const old = { 'actor[eq]': 'long ago' }
const pruned = { 'action[eq]': 'audit.pruned' }

it('keeps events for ever by default', async () => {
  await writeEvents(3_000, 3)
  await clean()
  expect((await list(old)).total).toBe(3)
  expect((await list(pruned)).total).toBe(0)
})

it('deletes older events in slices and records their number in one event', async () => {
  await writeEvents(31, 1_200)
  await writeEvents(29, 4)
  await keep(30)
  await clean()
  const left = await list(old)
  expect(left.total).toBe(4)
  const { items, total } = await list(pruned)
  expect(total).toBe(1)
  expect(items[0]).toMatchObject({ actor: null, via: 'system', target: { type: 'audit' }, after: { deleted: 1_203 } })
  await clean()
  expect((await list(pruned)).total).toBe(1)
})

it('keeps the count when the server stops in the middle', async () => {
  await writeEvents(40, 10)
  const before = new Date(systemClock.now().getTime() - 30 * dayMs).toISOString()
  await database.db.transaction().execute((trx) => deleteEventsBefore(trx, before, 6))
  await keep(null)
  await clean()
  expect((await list(pruned)).items[0]).toMatchObject({ after: { deleted: 6 } })
  expect((await list(old)).total).toBe(4 + 4)
})

it('cannot delete a younger event in the database', async () => {
  await expect(
    sql`delete from audit_events where at >= (select max(kept_since) from audit_retention)`.execute(database.db),
  ).rejects.toThrow('audit events stay')
  expect((await list(old)).total).toBe(8)
})
