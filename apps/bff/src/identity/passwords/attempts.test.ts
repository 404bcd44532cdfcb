// @postgres
import type { RootOperationNode } from 'kysely'
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

/** The statements of the server: pragmas and transactions as text, all others by their kind. */
async function questionsOf(work: (db: Db) => Promise<unknown>): Promise<string[]> {
  const { db, close } = await openDatabase(app.database)
  const asked: string[] = []
  const note = (node: RootOperationNode) => asked.push(node.kind === 'RawNode' ? node.sqlFragments.join('') : node.kind)
  const listening = db.withPlugin({
    transformQuery: ({ node }) => {
      note(node)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  await work(listening)
  await close()
  return asked
}

const relaxed = expect.stringMatching(/synchronous = normal|synchronous_commit = off/)

test('writes an attempt to the disk before checking it, unless the caller commits before the response anyway', async () => {
  const alone = await questionsOf((db) => countAttempt({ db, clock }, attempt))
  expect(alone).toContain('InsertQueryNode')
  expect(alone).not.toContainEqual(relaxed)
  const followed = await questionsOf((db) => countAttempt({ db, clock, commitFollows: true }, attempt))
  expect(followed).toEqual(expect.arrayContaining(['InsertQueryNode', relaxed]))
})
