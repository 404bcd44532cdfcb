/** The clock of the machine was a day ahead for a while, and was set right: what was stored meanwhile is bounded by the policies. */

import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from './app.ts'
import { freshAdmin, makeEnrolled, makeUser, signIn, signInWithCode, stepMs, toNextStep } from './authenticator.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'

const dayMs = 24 * 60 * 60_000

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function whileAhead<T>(work: () => Promise<T>, byMs = dayMs): Promise<T> {
  app.advance(byMs)
  try {
    return await work()
  } finally {
    app.advance(-byMs)
  }
}

describe('a session', () => {
  it('from the future has ended, is not listed, and a new one is opened', async () => {
    await makeUser(app, 'early')
    const ahead = await whileAhead(() => signIn(app, 'early'))
    await refused(ahead.call(session.view, {}), 'not_signed_in')
    const now = await signIn(app, 'early')
    expect((await now.call(sessions.list, {})).items).toHaveLength(1)
  })

  it('that was last used in the future has ended', async () => {
    await makeUser(app, 'used-early')
    const browser = await signIn(app, 'used-early')
    await whileAhead(() => browser.call(session.view, {}), 20 * 60_000)
    await refused(browser.call(session.view, {}), 'not_signed_in')
  })

  it('goes on when the clock is set back by less than five minutes', async () => {
    await makeUser(app, 'slightly')
    const browser = await whileAhead(() => signIn(app, 'slightly'), 4 * 60_000)
    expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('with a proof from the future has to prove again', async () => {
    const { call } = await signIn(app, 'admin')
    const { id } = await makeUser(app, 'to-be-removed')
    const tomorrow = new Date(app.now().getTime() + dayMs).toISOString()
    await door.run('update session_proofs set at = ?', tomorrow)
    await refused(call(users.remove, { params: { id } }), 'proof_required')
    await call(session.prove, { body: { password: goodPassword } })
    await call(users.remove, { params: { id } })
  })
})

describe('a code', () => {
  it('is right after the clock is set back, and right once only', async () => {
    const enrolled = await makeEnrolled(app, 'coded')
    await whileAhead(() => signInWithCode(app, enrolled))
    const code = enrolled.phone.next()
    const { call } = await signIn(app, 'coded')
    expect(await call(session.secondFactor, { body: { code } })).toMatchObject({ stage: 'full' })
    const again = await signIn(app, 'coded')
    await refused(again.call(session.secondFactor, { body: { code } }), 'wrong_code')
  })

  it('that was used stays used when the clock is set back by a few steps', async () => {
    const enrolled = await makeEnrolled(app, 'replayed')
    toNextStep(app)
    const code = enrolled.phone.code()
    const { call } = await signIn(app, 'replayed')
    await call(session.secondFactor, { body: { code } })
    for (let step = 0; step < 3; step++) app.advance(stepMs)
    await signInWithCode(app, enrolled)
    // Back to the step of the first code.
    app.advance(-4 * stepMs)
    expect(enrolled.phone.code()).toBe(code)
    const again = await signIn(app, 'replayed')
    await refused(again.call(session.secondFactor, { body: { code } }), 'wrong_code')
    app.advance(4 * stepMs)
  })
})

describe('a wait', () => {
  it('from the future lasts no longer than the longest wait of the policy, and runs out', async () => {
    await makeUser(app, 'waiting')
    await whileAhead(async () => {
      for (let n = 0; n < 5; n++) await refused(signIn(app, 'waiting', 'wrong'), 'wrong_credentials')
    })
    const { retryAfterSeconds } = await refused(signIn(app, 'waiting'), 'throttled')
    expect(retryAfterSeconds).toBeLessThanOrEqual(15 * 60)
    app.advance(60_000)
    const later = await refused(signIn(app, 'waiting'), 'throttled')
    expect(later.retryAfterSeconds).toBeLessThanOrEqual((retryAfterSeconds ?? 0) - 60)
    app.advance(15 * 60_000)
    await signIn(app, 'waiting')
  })

  it('of a ceiling from the future lasts no longer than its window', async () => {
    await makeUser(app, 'hunted')
    await whileAhead(async () => {
      await refused(signIn(app, 'hunted', 'wrong'), 'wrong_credentials')
      await door.run("update attempts set failures = 99 where pool = 'password|address|127.0.0.1'")
      await refused(signIn(app, 'hunted', 'wrong'), 'wrong_credentials')
    })
    const { retryAfterSeconds } = await refused(signIn(app, 'hunted'), 'throttled')
    expect(retryAfterSeconds).toBeLessThanOrEqual(15 * 60)
    app.advance(15 * 60_000 + 1_000)
    await signIn(app, 'hunted')
  })
})

it('the last use of a token and the last sign-in of a user follow the clock back', async () => {
  const { id } = await makeUser(app, 'shown')
  const { token } = await app.anyone(session.login, { body: { username: 'shown', password: goodPassword } })
  const use = () => fetch(`${app.url}/api/overview`, { headers: { Authorization: `Bearer ${token}` } })
  await whileAhead(use, dayMs / 2)
  await whileAhead(() => signIn(app, 'shown'))
  await use()
  const { call } = await signIn(app, 'shown')
  const soon = new Date(app.now().getTime() + 60_000).toISOString()
  expect((await call(tokens.list, {})).items.every(({ lastUsedAt }) => lastUsedAt !== null && lastUsedAt < soon)).toBe(
    true,
  )
  const { lastSignInAt } = await (await freshAdmin(app))(users.view, { params: { id } })
  expect(lastSignInAt).not.toBeNull()
  expect((lastSignInAt ?? '') < soon).toBe(true)
})
