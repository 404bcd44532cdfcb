/** The hourly retention job. The test fast-forwards the timer; the rest is the real application. */
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
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
  await vi.waitFor(async () => expect(await labels()).toEqual(['for ever', 'just ended']))
})
