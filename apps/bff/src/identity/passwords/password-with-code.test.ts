/** While strangers have closed a user's pool, the owner signs in with password and code together. No answer says which was wrong. */
import { session } from '@gatehouse/contract/identity/sign-in'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused } from '../../../test/app.ts'
import { type Enrolled, enrol } from '../../../test/authenticator.ts'
import { poolOf, type Strangers, signIn, startStrangers, wrongPassword } from '../../../test/strangers.ts'

let world: Strangers
beforeAll(async () => void (world = await startStrangers()))
afterAll(() => world.stop())

const home = '198.51.100.1'

const together = (browser: Browser, password: string, code: string, username = 'guarded') =>
  signIn(browser, username, password, code)

describe('password and code together', () => {
  let enrolled: Enrolled
  beforeAll(async () => {
    const { id } = await world.makeUser('guarded')
    const browser = world.browserAt(home)
    await signIn(browser, 'guarded')
    enrolled = { id, username: 'guarded', browser, ...(await enrol(world.app, browser)) }
    await world.makeUser('factorless')
    for (const username of ['guarded', 'factorless', 'no-such-user']) await world.hunt(username)
  })

  it('are requested by the same answer for every username', async () => {
    for (const username of ['guarded', 'factorless', 'no-such-user']) {
      for (const password of [goodPassword, wrongPassword]) {
        const { problem, retryAfterSeconds } = await refused(signIn(world.stranger(), username, password), 'throttled')
        expect(problem.facts).toEqual({ takesCode: true })
        expect(retryAfterSeconds).toBeGreaterThan(0)
      }
    }
  })

  it('are refused by the same answer unless both are right', async () => {
    const { phone } = enrolled
    const cases: [string, string, string][] = [
      ['guarded', wrongPassword, phone.next()],
      ['guarded', goodPassword, phone.wrong()],
      ['guarded', wrongPassword, phone.wrong()],
      ['factorless', goodPassword, phone.code()],
      ['factorless', wrongPassword, phone.code()],
      ['no-such-user', goodPassword, phone.code()],
    ]
    for (const [username, password, code] of cases) {
      const { problem } = await refused(together(world.stranger(), password, code, username), 'wrong_credentials')
      expect(problem).toEqual({
        ...problem,
        code: 'wrong_credentials',
        status: 401,
        title: 'Wrong username or password',
      })
      expect(problem.fields ?? problem.facts).toBeUndefined()
    }
  })

  it('count the same for a right and a wrong password', async () => {
    for (const password of [goodPassword, wrongPassword]) {
      const browser = world.stranger()
      for (let n = 0; n < 5; n++) {
        await refused(together(browser, password, enrolled.phone.wrong()), 'wrong_credentials')
      }
      const { problem } = await refused(together(browser, goodPassword, enrolled.phone.next()), 'throttled')
      expect(problem.facts).toBeUndefined()
    }
  })

  it('sign the owner in from an unknown address, once for each code, and make that address known', async () => {
    const browser = world.stranger()
    const code = enrolled.phone.next()
    expect(await together(browser, goodPassword, code)).toMatchObject({ stage: 'full' })
    await refused(together(world.stranger(), goodPassword, code), 'wrong_credentials')
    expect(await signIn(browser, 'guarded')).toMatchObject({ stage: 'mfa-required' })
    const body = { username: 'guarded', password: goodPassword, code: enrolled.phone.next() }
    const address = '10.3.0.1'
    expect(await world.script(address)(session.login, { body })).toHaveProperty('token')
  })

  it('allow a thief of the password at most 100 codes in an hour', async () => {
    world.app.advance(61 * 60_000)
    await world.hunt('guarded')
    const guess = () => together(world.stranger(), goodPassword, enrolled.phone.wrong())
    await world.reachCeiling(poolOf('factor', 'guarded'), guess)
    await refused(together(world.stranger(), goodPassword, enrolled.phone.next()), 'wrong_credentials')
    // The owner's browser is known, and its codes have their own pool.
    expect(await signIn(enrolled.browser, 'guarded')).toMatchObject({ stage: 'mfa-required' })
    await enrolled.browser.call(session.secondFactor, { body: { code: enrolled.phone.next() } })
  })

  it('replace the second step while the pool is open', async () => {
    await world.makeUser('one-step')
    const browser = world.browserAt(home)
    await signIn(browser, 'one-step')
    const { phone } = await enrol(world.app, browser)
    await refused(signIn(world.stranger(), 'one-step', goodPassword, phone.wrong()), 'wrong_code')
    await refused(signIn(world.stranger(), 'one-step', wrongPassword, phone.next()), 'wrong_credentials')
    expect(await signIn(world.stranger(), 'one-step', goodPassword, phone.code())).toMatchObject({ stage: 'full' })
  })
})
