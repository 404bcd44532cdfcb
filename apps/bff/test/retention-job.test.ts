/** The hourly retention job. The test fast-forwards the timer; the rest is the real application. */
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { addDecisions } from '../src/brokers/decisions/history-store.ts'
import { newId } from '../src/platform/base/id.ts'
import { openDatabase } from '../src/platform/db/open.ts'
import { goodPassword, startApp, type TestApp } from './app.ts'

let app: TestApp
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  app = await startApp()
})
afterAll(async () => {
  await app.stop()
  vi.useRealTimers()
})

const day = 24 * 60 * 60_000

async function labels(): Promise<string[]> {
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  return (await call(tokens.list, {})).items.map(({ label }) => label)
}

it('deletes a token a week after it expired, and keeps the others', async () => {
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  const inDays = (days: number) => new Date(app.now().getTime() + days * day).toISOString()
  for (const [label, expiresAt] of [
    ['ended', inDays(1)],
    ['just ended', inDays(3)],
    ['for ever', null],
  ] as const) {
    await call(tokens.create, { body: { label, expiresAt } })
  }
  app.advance(7 * day)
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  expect(await labels()).toEqual(['for ever', 'just ended', 'ended'])
  app.advance(2 * day)
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  await vi.waitFor(async () => expect(await labels()).toEqual(['for ever', 'just ended']), { timeout: 15_000 })
})

it('deletes decisions that are older than the policy keeps', async () => {
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  const { db, close } = await openDatabase(app.database)
  const decidedAt = (daysAgo: number) => {
    const at = new Date(app.now().getTime() - daysAgo * day).toISOString()
    const unknown = { username: null, unknown_username_length: null, user_id: null, client_id: null, method: null }
    const fixed = { outcome: 'refused', reason: 'unknown_user', listener: 'mqtt', address: '::1' } as const
    const id = newId(app.now())
    const own = {
      id,
      equality_key: id,
      first_at: at,
      last_at: at,
      count: 1,
      certificate: null,
      topic: null,
      admission_rule: null,
      bytes: 600,
    }
    return { ...unknown, ...fixed, ...own }
  }
  await db.transaction().execute((trx) => addDecisions(trx, 'refused', [decidedAt(13), decidedAt(15)]))
  await close()
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  await vi.waitFor(async () => expect((await call(decisions.list, {})).total).toBe(1))
})
