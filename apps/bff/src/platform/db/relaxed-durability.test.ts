// @postgres
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import type { OpenDatabase } from './database.ts'
import { isPostgres } from './dialect.ts'
import { type Db, openDatabase } from './open.ts'
import { withRelaxedDurability } from './relaxed-durability.ts'

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

/** Does a commit wait for the disk? */
async function waits(db: Db): Promise<boolean> {
  const question = isPostgres(db) ? sql`show synchronous_commit` : sql`pragma synchronous`
  const [answer] = (await question.execute(db)).rows
  return ['on', 2].includes(Object.values(answer as object)[0])
}

const countPools = async () => (await database.reader.selectFrom('attempts').selectAll().execute()).length

async function writePool(db: Db): Promise<void> {
  const row = { pool: 'x', failures: 1, window_started_at: '', blocked_until: null, refused_at: null }
  await db.insertInto('attempts').values(row).execute()
}

test('commits visibly to all, and only this one transaction does not wait for the disk', async () => {
  const { db } = database
  expect(await waits(db)).toBe(true)
  const before = await countPools()
  const within = await withRelaxedDurability(db, async (trx) => {
    await writePool(trx)
    return waits(trx)
  })
  expect(within).toBe(false)
  expect(await countPools()).toBe(before + 1)
  expect(await waits(db)).toBe(true)
})

test('rolls back a failing transaction, and the next one waits for the disk', async () => {
  const { db } = database
  const before = await countPools()
  const failing = withRelaxedDurability(db, async (trx) => {
    await trx.deleteFrom('attempts').execute()
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await countPools()).toBe(before)
  expect(await waits(db)).toBe(true)
})
