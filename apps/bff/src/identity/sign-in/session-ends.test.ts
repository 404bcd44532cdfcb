import { type Session, session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp()))
afterAll(() => app.stop())

const minute = 60_000
const hour = 60 * minute
const otherPassword = 'quite another password'

async function signIn(username: string, password = goodPassword): Promise<Browser> {
  const browser = app.browser()
  await browser.call(session.signIn, { body: { username, password } })
  return browser
}

async function makeUser(username: string) {
  const { call } = await signIn('admin')
  return call(users.create, { body: { username, password: goodPassword, mustChangePassword: false } })
}

const isOpen = (browser: Browser) =>
  browser.call(session.view, {}).then(
    () => true,
    () => false,
  )

const change = (browser: Browser, newPassword: string) =>
  browser.call(session.changePassword, { body: { currentPassword: goodPassword, newPassword } })

describe('a session expires', () => {
  it('after 30 minutes without use, and not before', async () => {
    const browser = await signIn('admin')
    for (const minutes of [29, 29, 29]) {
      app.advance(minutes * minute)
      expect(await isOpen(browser)).toBe(true)
    }
    app.advance(30 * minute)
    await refused(browser.call(session.view, {}), 'not_signed_in')
  })

  it('after 30 minutes in which the console only refreshed a page by itself', async () => {
    const browser = await signIn('admin')
    const headers = { 'X-Gatehouse-Unattended': '1' }
    app.advance(20 * minute)
    const refreshed = await browser.fetch(`${app.url}/api/session`, { headers })
    const { lifetime } = (await refreshed.json()) as Session
    expect(lifetime?.idleSeconds).toBe(30 * 60)
    // Twelve hours without these twenty minutes, and without the time that this test took.
    expect((lifetime?.remainingSeconds ?? 0) / 60).toBeCloseTo(700, -1)
    app.advance(10 * minute)
    await refused(browser.call(session.view, {}), 'not_signed_in')
  })

  it('after twelve hours in spite of use', async () => {
    const browser = await signIn('admin')
    for (let n = 0; n < 35; n++) {
      app.advance(20 * minute)
      expect(await isOpen(browser)).toBe(true)
    }
    app.advance(20 * minute)
    await refused(browser.call(session.view, {}), 'not_signed_in')
  })

  it('at the same time after a new password, because a renewed session keeps its end', async () => {
    await makeUser('renewer')
    const browser = await signIn('renewer')
    app.advance(29 * minute)
    await change(browser, otherPassword)
    for (let n = 0; n < 23; n++) {
      app.advance(29 * minute)
      expect(await isOpen(browser)).toBe(true)
    }
    app.advance(25 * minute)
    expect(await isOpen(browser)).toBe(false)
  })
})

describe('a recent proof', () => {
  it('lasts ten minutes, and only the password renews it', async () => {
    const { id } = await makeUser('subject')
    const browser = await signIn('admin')
    const cookie = browser.cookie()
    const setPassword = () => browser.call(users.setPassword, { params: { id }, body: {} })
    await setPassword()
    app.advance(10 * minute)
    await refused(setPassword(), 'proof_required')
    const problem = await refused(browser.call(session.prove, { body: { password: 'wrong' } }), 'wrong_password')
    expect(problem.fields).toEqual({ password: 'wrong_password' })
    await refused(setPassword(), 'proof_required')
    const events = await browser.call(audit.list, { search: { limit: 1 } })
    expect(events.items).toMatchObject([
      { action: 'session.refused', actor: { username: 'admin' }, via: 'session', reason: 'wrong_password' },
    ])

    await browser.call(session.prove, { body: { password: goodPassword } })
    expect(browser.cookie()).toBe(cookie)
    expect((await setPassword()).password).toMatch(/^\w{5}(-\w{5}){3}$/)
    const { items } = await browser.call(audit.list, { search: { 'action[eq]': 'session.proved' } })
    expect(items).toMatchObject([{ actor: { username: 'admin' } }])
  })
})

describe('a session is ended', () => {
  it('by signing out: its cookie stops working and other sessions stay', async () => {
    const [one, other] = [await signIn('admin'), await signIn('admin')]
    const cookie = one.cookie() ?? ''
    await one.call(session.signOut, {})
    expect(one.cookie()).toBeNull()
    const replayed = await fetch(`${app.url}/api/session`, { headers: { Cookie: cookie } })
    expect(replayed.status).toBe(401)
    expect(await isOpen(other)).toBe(true)
    const { items } = await other.call(audit.list, { search: { 'action[eq]': 'session.signed-out' } })
    expect(items[0]).toMatchObject({ actor: { username: 'admin' }, target: { type: 'session' } })
  })

  it('by changing the password in another browser', async () => {
    await makeUser('changer')
    const [here, there] = [await signIn('changer'), await signIn('changer')]
    await change(here, otherPassword)
    expect([await isOpen(here), await isOpen(there)]).toEqual([true, false])
  })

  it('once when two browsers change the password at the same time', async () => {
    await makeUser('racer')
    const [here, there] = [await signIn('racer'), await signIn('racer')]
    const outcomes = await Promise.allSettled([change(here, 'the first new password'), change(there, otherPassword)])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    expect([await isOpen(here), await isOpen(there)].filter(Boolean)).toEqual([true])
  })

  it.each([
    [
      'a password that an administrator sets',
      async (admin: Browser, id: string) => {
        await admin.call(users.setPassword, { params: { id }, body: { newPassword: otherPassword, mustChange: false } })
      },
    ],
    [
      'taking the password grant away',
      async (admin: Browser, id: string) => {
        const grantTypes = [{ method: 'certificate' as const }]
        await admin.call(users.update, { params: { id }, body: { grantTypes } })
        await admin.call(users.update, { params: { id }, body: { grantTypes: [{ method: 'password' }] } })
      },
    ],
    [
      'disabling',
      async (admin: Browser, id: string) => {
        await admin.call(users.update, { params: { id }, body: { disabled: true } })
        await admin.call(users.update, { params: { id }, body: { disabled: false } })
      },
    ],
    [
      'deleting',
      async (admin: Browser, id: string) => {
        await admin.call(users.remove, { params: { id } })
      },
    ],
  ])('by %s, for good', async (what, end) => {
    const username = `ended-by-${what.split(' ').at(-1)}`
    const { id } = await makeUser(username)
    const browser = await signIn(username)
    const stranger = await signIn('admin')
    await end(await signIn('admin'), id)
    expect([await isOpen(browser), await isOpen(stranger)]).toEqual([false, true])
  })

  it('but not by a restart', async () => {
    const browser = await signIn('admin')
    app.advance(hour / 4)
    await app.restart()
    expect(await isOpen(browser)).toBe(true)
  })
})
