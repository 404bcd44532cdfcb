// @postgres
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { compileOnce, type Take } from './compile-once.ts'
import type { OpenDatabase } from './database.ts'
import { openDatabase } from './open.ts'

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

test('builds a statement once, and runs it with the values of each call', async () => {
  let builds = 0
  const join = compileOnce((_, take: Take<{ left: string; right: string | null }>) => {
    builds++
    const [left, right] = [take((values) => values.left), take((values) => values.right)]
    return sql<{ joined: string }>`select ${left} || coalesce(${right}, '-') || ${left} as joined`
  })
  expect(await join(database.db, { left: 'a', right: 'b' })).toEqual([{ joined: 'aba' }])
  expect(await join(database.reader, { left: 'c', right: null })).toEqual([{ joined: 'c-c' }])
  expect(builds).toBe(1)
})

test('inserts the row of each call, in its transaction', async () => {
  const insert = compileOnce((db, take: Take<string>) =>
    db.insertInto('attempts').values({
      pool: take((pool) => pool),
      failures: 1,
      window_started_at: '',
      blocked_until: null,
      refused_at: null,
    }),
  )
  await database.db.transaction().execute(async (trx) => {
    await insert(trx, 'first')
    await insert(trx, 'second')
  })
  const undone = database.db.transaction().execute(async (trx) => {
    await insert(trx, 'third')
    throw new Error('Rolled back')
  })
  await expect(undone).rejects.toThrow('Rolled back')
  const rows = await database.reader.selectFrom('attempts').select('pool').orderBy('pool').execute()
  expect(rows.map(({ pool }) => pool)).toEqual(['first', 'second'])
})
