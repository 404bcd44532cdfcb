/** Security rule 2 over HTTP. A trusted proxy tells the server the address of each attempt. */

import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp({ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' })))
afterAll(() => app.stop())

const minute = 60_000
const wrong = 'not the password'

async function makeUser(username: string) {
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
  return call(users.create, { body: { username, password: goodPassword, mustChangePassword: false, grantTypes } })
}

/** Calls from this address. */
const from = (address: string) => createClient({ baseUrl: app.url, headers: { 'X-Forwarded-For': address } })

const signIn = (address: string, username: string, password = wrong) =>
  from(address)(session.signIn, { body: { username, password } })

async function codesOf(attempts: Promise<unknown>[]): Promise<Record<string, number>> {
  const codes = await Promise.all(
    attempts.map((attempt) =>
      attempt.then(
        () => 'admitted',
        ({ code }) => String(code),
      ),
    ),
  )
  return Object.fromEntries([...Map.groupBy(codes, (code) => code)].map(([code, some]) => [code, some.length]))
}

async function failFive(address: string, username: string): Promise<void> {
  for (let n = 0; n < 5; n++) await refused(signIn(address, username), 'wrong_credentials')
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

describe('attempts for one user from one address', () => {
  it('wait longer after each failure from the fifth on, from 30 seconds to 15 minutes', async () => {
    await makeUser('growing')
    await failFive('198.51.100.1', 'growing')
    for (const seconds of [30, 60, 120, 240, 480, 900, 900]) {
      const problem = await refused(signIn('198.51.100.1', 'growing', goodPassword), 'throttled')
      expect(problem.retryAfterSeconds).toBeGreaterThan(seconds - 5)
      expect(problem.retryAfterSeconds).toBeLessThanOrEqual(seconds)
      app.advance(seconds * 1_000)
      await refused(signIn('198.51.100.1', 'growing'), 'wrong_credentials')
    }
  })

  it('are refused during the wait even with the right password, and accepted after it', async () => {
    await makeUser('waiting')
    await failFive('198.51.100.2', 'waiting')
    await refused(signIn('198.51.100.2', 'waiting', goodPassword), 'throttled')
    app.advance(25_000)
    await refused(signIn('198.51.100.2', 'waiting', goodPassword), 'throttled')
    app.advance(5_000)
    await signIn('198.51.100.2', 'waiting', goodPassword)
  })

  it('do not delay another address or another user', async () => {
    await makeUser('shared')
    await makeUser('neighbour')
    await failFive('198.51.100.3', 'shared')
    await signIn('198.51.100.4', 'shared', goodPassword)
    await signIn('198.51.100.3', 'neighbour', goodPassword)
    await refused(signIn('198.51.100.3', 'shared', goodPassword), 'throttled')
  })

  it('are counted anew after a success', async () => {
    await makeUser('forgetful')
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 4; n++) await refused(signIn('198.51.100.5', 'forgetful'), 'wrong_credentials')
      await signIn('198.51.100.5', 'forgetful', goodPassword)
    }
  })

  it('share one count for all spellings of a username, also of one that does not exist', async () => {
    for (const name of ['Ghost', 'gHost', 'ghOst', 'ghoSt', 'ghosT']) {
      await refused(signIn('198.51.100.6', name), 'wrong_credentials')
    }
    const problem = await refused(signIn('198.51.100.6', 'ghost'), 'throttled')
    expect(problem.retryAfterSeconds).toBeLessThanOrEqual(30)
  })

  it('are all counted when they come at the same time', async () => {
    await makeUser('stormed')
    const attempts = times(25, () => signIn('198.51.100.7', 'stormed'))
    expect(await codesOf(attempts)).toEqual({ wrong_credentials: 5, throttled: 20 })
    await refused(signIn('198.51.100.7', 'stormed', goodPassword), 'throttled')
  })

  it('share one count in the browser, for a token, at step-up and at a password change', async () => {
    await makeUser('everywhere')
    const browser = app.browser()
    await browser.call(session.signIn, { body: { username: 'everywhere', password: goodPassword } })
    const login = (password: string) => app.anyone(session.login, { body: { username: 'everywhere', password } })
    const change = (currentPassword: string) =>
      browser.call(session.changePassword, { body: { currentPassword, newPassword: 'quite another password' } })
    const prove = (password: string) => browser.call(session.prove, { body: { password } })
    await refused(login(wrong), 'wrong_credentials')
    await refused(change(wrong), 'wrong_password')
    await refused(prove(wrong), 'wrong_password')
    await refused(
      app.anyone(session.signIn, { body: { username: 'everywhere', password: wrong } }),
      'wrong_credentials',
    )
    await refused(login(wrong), 'wrong_credentials')

    await refused(login(goodPassword), 'throttled')
    // The browser is known, and has its own pool.
    for (let n = 0; n < 3; n++) await refused(prove(wrong), 'wrong_password')
    await refused(change(goodPassword), 'throttled')
    await refused(prove(goodPassword), 'throttled')
    await refused(app.anyone(session.signIn, { body: { username: 'everywhere', password: goodPassword } }), 'throttled')
    expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('still wait after a restart', async () => {
    await makeUser('patient')
    await failFive('198.51.100.8', 'patient')
    await app.restart()
    await refused(signIn('198.51.100.8', 'patient', goodPassword), 'throttled')
    app.advance(30_000)
    await signIn('198.51.100.8', 'patient', goodPassword)
  })
})

describe('an IPv6 network', () => {
  it('counts as one address by its /64', async () => {
    await makeUser('six')
    for (const host of ['::1', '::2', ':1::3', ':ffff:0:0:4', '::5']) {
      await refused(signIn(`2001:db8:0:64${host}`, 'six'), 'wrong_credentials')
    }
    await refused(signIn('2001:db8::64:0:0:0:6', 'six', goodPassword), 'throttled')
    await signIn('2001:db8:0:65::1', 'six', goodPassword)
  })
})

describe('the wide pools', () => {
  it('refuse a user at every unknown address after 100 failures in an hour from any number of addresses', async () => {
    await makeUser('hunted')
    await signIn('203.0.113.200', 'hunted', goodPassword)
    const attempts = times(99, (n) => signIn(`203.0.113.${Math.floor(n / 5)}`, 'hunted'))
    expect(await codesOf(attempts)).toEqual({ wrong_credentials: 99 })
    // A success is not a failure, and takes no other failure back.
    await signIn('203.0.113.200', 'hunted', goodPassword)
    await signIn('203.0.113.200', 'hunted', goodPassword)
    await refused(signIn('203.0.113.201', 'hunted'), 'wrong_credentials')
    const problem = await refused(signIn('203.0.113.202', 'hunted', goodPassword), 'throttled')
    expect(problem.retryAfterSeconds).toBeGreaterThan(55 * 60)
    // A source where the password was right before is not refused.
    await signIn('203.0.113.200', 'hunted', goodPassword)
    app.advance(60 * minute)
    await signIn('203.0.113.202', 'hunted', goodPassword)
  })

  it('refuse an address for all users after 100 failures in 15 minutes, also when they come at the same time', async () => {
    await makeUser('bystander')
    const attempts = times(110, (n) => signIn('192.0.2.1', `guess-${n}`))
    expect(await codesOf(attempts)).toEqual({ wrong_credentials: 100, throttled: 10 })
    const problem = await refused(signIn('192.0.2.1', 'bystander', goodPassword), 'throttled')
    expect(problem.retryAfterSeconds).toBeLessThanOrEqual(15 * 60)
    await signIn('192.0.2.2', 'bystander', goodPassword)
    app.advance(15 * minute)
    await signIn('192.0.2.1', 'bystander', goodPassword)
  })
})

describe('the audit', () => {
  it('records one event for all attempts that are refused during a wait', async () => {
    const { id } = await makeUser('noisy')
    const door = openBackDoor(app)
    await failFive('198.51.100.9', 'noisy')
    await refused(signIn('198.51.100.9', 'noisy', goodPassword), 'throttled')
    const before = await door.everything()
    expect(await codesOf(times(50, () => signIn('198.51.100.9', 'noisy', goodPassword)))).toEqual({ throttled: 50 })
    expect(await door.everything()).toBe(before)
    await door.close()

    const reasons = async () => {
      const { call } = app.browser()
      await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
      const { items } = await call(audit.list, { search: { 'target[eq]': id, 'action[eq]': 'session.refused' } })
      return items.map(({ reason }) => reason).toReversed()
    }
    const first = [...times(5, () => 'wrong_credentials'), 'throttled']
    expect(await reasons()).toEqual(first)
    app.advance(30_000)
    await refused(signIn('198.51.100.9', 'noisy'), 'wrong_credentials')
    await refused(signIn('198.51.100.9', 'noisy'), 'throttled')
    await refused(signIn('198.51.100.9', 'noisy'), 'throttled')
    expect(await reasons()).toEqual([...first, 'wrong_credentials', 'throttled'])
  })
})
