// @postgres
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { systemClock as clock } from '../../platform/base/clock.ts'
import { type Db, openDatabase } from '../../platform/db/open.ts'
import { type Attempt, countAttempt } from './attempts.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

const attempt: Attempt = {
  secret: 'password',
  username: 'guessed',
  userId: null,
  source: { address: '192.0.2.7', devices: [] },
}

/** How the server commits this work: the texts of its pragmas and settings. `failures`: what is counted afterwards in all pools. */
async function commitsOf(work: (db: Db) => Promise<unknown>): Promise<{ texts: string[]; failures: number }> {
  const { db, reader, close } = await openDatabase(app.database)
  const texts: string[] = []
  const listening = db.withPlugin({
    transformQuery: ({ node }) => {
      if (node.kind === 'RawNode') texts.push(node.sqlFragments.join(''))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await work(listening)
  const counts = await reader.selectFrom('attempts').select('failures').execute()
  await close()
  return { texts, failures: counts.reduce((sum, { failures }) => sum + failures, 0) }
}

const relaxed = expect.stringMatching(/synchronous = normal|synchronous_commit = off/)

test('writes an attempt to the disk before checking it, unless the caller commits before the response anyway', async () => {
  const alone = await commitsOf((db) => countAttempt({ db, clock }, attempt))
  expect(alone.failures).toBeGreaterThan(0)
  expect(alone.texts).not.toContainEqual(relaxed)
  const followed = await commitsOf((db) => countAttempt({ db, clock, commitFollows: true }, attempt))
  expect(followed.failures).toBe(2 * alone.failures)
  expect(followed.texts).toContainEqual(relaxed)
})
