/** Security rule 2 for codes: every route counts them before it checks them, apart from passwords. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type Enrolled, endsOf, freshAdmin, makeEnrolled, signIn } from '../../../test/authenticator.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp()))
afterAll(() => app.stop())

const prove = ({ call }: Browser, code: string) => call(session.secondFactor, { body: { code } })
const stageOf = async ({ call }: Browser) => (await call(session.view, {})).stage

async function failFive(browser: Browser, { phone }: Enrolled): Promise<void> {
  for (let n = 0; n < 5; n++) await refused(prove(browser, phone.wrong()), 'wrong_code')
}

async function reasonsOf(id: string, action: 'session.refused' | 'token.refused'): Promise<(string | null)[]> {
  const search = { 'target[eq]': id, 'action[eq]': action }
  const { items } = await (await freshAdmin(app))(audit.list, { search })
  return items.map(({ reason }) => reason).toReversed()
}

describe('wrong codes', () => {
  it('cause a wait after the fifth, in which the right code is refused too', async () => {
    const ada = await makeEnrolled(app, 'ada')
    const browser = await signIn(app, 'ada')
    await failFive(browser, ada)
    await refused(prove(browser, ada.phone.wrong()), 'throttled')
    const problem = await refused(prove(browser, ada.phone.next()), 'throttled')
    expect(problem.retryAfterSeconds).toBeLessThanOrEqual(30)
    await refused(browser.call(session.secondFactor, { body: { backupCode: ada.backupCodes[0] ?? '' } }), 'throttled')
    expect(await stageOf(browser)).toBe('mfa-required')
    expect(await reasonsOf(ada.id, 'session.refused')).toEqual([...Array(5).fill('wrong_code'), 'throttled'])

    app.advance(30_000)
    await prove(browser, ada.phone.next())
    expect((await browser.call(mfa.view, {})).backupCodesLeft).toBe(10)
  })

  it('cause longer waits each time, until a right code resets the count', async () => {
    const user = await makeEnrolled(app, 'growing')
    const browser = await signIn(app, 'growing')
    await failFive(browser, user)
    for (const seconds of [30, 60]) {
      app.advance(seconds * 1_000)
      await refused(prove(browser, user.phone.wrong()), 'wrong_code')
    }
    app.advance(120_000)
    await prove(browser, user.phone.next())
    const again = await signIn(app, 'growing')
    for (let n = 0; n < 4; n++) await refused(prove(again, user.phone.wrong()), 'wrong_code')
    await prove(again, user.phone.next())
  })

  it('are all counted when they come at the same time in several sessions', async () => {
    const user = await makeEnrolled(app, 'stormed')
    const browsers = [await signIn(app, 'stormed'), await signIn(app, 'stormed')]
    const code = user.phone.wrong()
    const attempts = Array.from({ length: 20 }, (_, n) => prove(browsers[n % 2] as Browser, code))
    expect(await endsOf(attempts)).toEqual([...Array(15).fill('throttled'), ...Array(5).fill('wrong_code')])
  })

  it('share one count with used codes and wrong backup codes on every route', async () => {
    const { id, username, browser, phone } = await makeEnrolled(app, 'everywhere')
    const half = await signIn(app, username)
    const login = (code: string) => app.anyone(session.login, { body: { username, password: goodPassword, code } })
    await refused(prove(half, phone.code()), 'wrong_code')
    await refused(browser.call(session.prove, { body: { code: phone.wrong() } }), 'wrong_code')
    await refused(browser.call(mfa.regenerate, { body: { code: phone.wrong() } }), 'wrong_code')
    await refused(browser.call(mfa.disable, { body: { backupCode: 'no such code' } }), 'wrong_code')
    await refused(login(phone.wrong()), 'wrong_code')

    // A right and unused code without moving the clock, which would end the wait.
    const code = phone.code(1)
    await refused(prove(half, code), 'throttled')
    // The browser is known, and has its own pool.
    for (let n = 0; n < 2; n++) {
      await refused(browser.call(session.prove, { body: { code: phone.wrong() } }), 'wrong_code')
    }
    await refused(browser.call(session.prove, { body: { code } }), 'throttled')
    await refused(browser.call(mfa.regenerate, { body: { code } }), 'throttled')
    await refused(browser.call(mfa.disable, { body: { code } }), 'throttled')
    await refused(browser.call(mfa.verify, { body: { code } }), 'throttled')
    expect((await refused(login(code), 'throttled')).retryAfterSeconds).toBeGreaterThan(0)
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true, backupCodesLeft: 10 })
    expect(await stageOf(half)).toBe('mfa-required')
    const reasons = [...Array(4).fill('wrong_code'), 'throttled', 'wrong_code', 'wrong_code']
    expect(await reasonsOf(id, 'session.refused')).toEqual(reasons)
    expect(await reasonsOf(id, 'token.refused')).toEqual(['wrong_code'])
  })

  it('cause a wait that survives a restart', async () => {
    const user = await makeEnrolled(app, 'patient')
    const browser = await signIn(app, 'patient')
    await failFive(browser, user)
    await app.restart()
    await refused(prove(browser, user.phone.next()), 'throttled')
    app.advance(30_000)
    await prove(browser, user.phone.next())
  })

  it('of a script are recorded once during a wait', async () => {
    const { id, phone } = await makeEnrolled(app, 'script')
    const login = () =>
      app.anyone(session.login, { body: { username: 'script', password: goodPassword, code: phone.wrong() } })
    for (let n = 0; n < 5; n++) await refused(login(), 'wrong_code')
    for (let n = 0; n < 3; n++) await refused(login(), 'throttled')
    expect(await reasonsOf(id, 'token.refused')).toEqual([...Array(5).fill('wrong_code'), 'throttled'])
  })
})

describe('the two pools', () => {
  it('wrong passwords do not delay codes', async () => {
    const user = await makeEnrolled(app, 'pools-one')
    const half = await signIn(app, 'pools-one')
    for (let n = 0; n < 5; n++) await refused(signIn(app, 'pools-one', 'wrong'), 'wrong_credentials')
    await refused(signIn(app, 'pools-one'), 'throttled')
    await prove(half, user.phone.next())
    expect(await stageOf(half)).toBe('full')
  })

  it('wrong codes do not delay passwords, and a right password does not reset the count of codes', async () => {
    const user = await makeEnrolled(app, 'pools-two')
    await failFive(await signIn(app, 'pools-two'), user)
    const half = await signIn(app, 'pools-two')
    await refused(prove(half, user.phone.next()), 'throttled')
    expect(await stageOf(half)).toBe('mfa-required')
  })
})
