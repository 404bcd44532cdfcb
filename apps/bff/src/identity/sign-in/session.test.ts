// @postgres
import { session } from '@gatehouse/contract/identity/sign-in'
import { type GrantType, users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { ourHeaders, sendRaw } from '../../../test/raw-request.ts'

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

const signInAs = (browser: Browser, username: string, password = goodPassword) =>
  browser.call(session.signIn, { body: { username, password } })

async function makeUser(username: string, grantTypes: { method: GrantType['method']; isRequired?: boolean }[]) {
  const admin = await app.as('admin')
  return admin(users.create, { body: { username, password: goodPassword, mustChangePassword: false, grantTypes } })
}

async function lastEvent() {
  const { items } = await (await app.as('admin'))(audit.list, { search: { limit: 1 } })
  return items[0]
}

const sessionCount = () => door.value('select count(*) from sessions')

describe('signing in', () => {
  it('answers with the user, sets an HttpOnly cookie, stores only its hash, and is recorded', async () => {
    const admin = await app.as('admin')
    const user = await makeUser('ada', [{ method: 'password' }])
    expect(user.lastSignInAt).toBeNull()
    const body = JSON.stringify({ username: 'ada', password: goodPassword })
    const answer = await sendRaw(app, { method: 'POST', path: '/api/session' }, { headers: ourHeaders, body })

    expect(JSON.parse(answer.text)).toMatchObject({ stage: 'full', user: { username: 'ada' }, permissions: [] })
    const [cookie = ''] = answer.headers.getSetCookie()
    expect(cookie).toMatch(/^gatehouse=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(await door.everything()).not.toContain(/=([\w-]+)/.exec(cookie)?.[1])
    expect(await lastEvent()).toMatchObject({
      action: 'session.signed-in',
      actor: { username: 'ada' },
      via: 'sign-in',
      address: '127.0.0.1',
    })
    expect((await admin(users.view, { params: { id: user.id } })).lastSignInAt).not.toBeNull()
  })

  it('gives the same answer for an unknown user, a wrong password and a user without one, and no session', async () => {
    await (await app.as('admin'))(users.create, {
      body: { username: 'no-password', grantTypes: [{ method: 'password' }] },
    })
    const sessions = await sessionCount()
    const answers = []
    for (const username of ['admin', 'nobody-knows', 'no-password', 'ADMIN', 'admin ', 'admin\0', "' or 1=1 --"]) {
      const body = JSON.stringify({ username, password: 'not the password at all' })
      const { status, headers, text } = await sendRaw(
        app,
        { method: 'POST', path: '/api/session' },
        { headers: ourHeaders, body },
      )
      const { requestId: _id, ...problem } = JSON.parse(text)
      answers.push({ status, problem, headerNames: [...headers.keys()], cookies: headers.getSetCookie() })
    }
    expect(answers[0]).toMatchObject({ status: 401, problem: { code: 'wrong_credentials' }, cookies: [] })
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(await sessionCount()).toBe(sessions)
  })

  it('records a refusal with an existing username only, because another text may be a password', async () => {
    await refused(signInAs(app.browser(), 'admin', 'wrong'), 'wrong_credentials')
    expect(await lastEvent()).toMatchObject({
      action: 'session.refused',
      actor: null,
      target: { type: 'user', name: 'admin' },
      reason: 'wrong_credentials',
    })
    await refused(signInAs(app.browser(), 'my-secret-typed-into-the-wrong-field'), 'wrong_credentials')
    expect(await lastEvent()).toMatchObject({ action: 'session.refused', actor: null, target: null })
    const events = JSON.stringify(await door.rows('select * from audit_events'))
    expect(events).not.toContain('wrong-field')
  })

  it.each([
    ['disabled', [{ method: 'password' as const }]],
    ['ungranted', [{ method: 'certificate' as const }]],
    ['certified', [{ method: 'password' as const }, { method: 'certificate' as const, isRequired: true }]],
  ])('reveals that a user is %s only for the right password', async (username, grantTypes) => {
    const { id } = await makeUser(username, grantTypes)
    if (username === 'disabled')
      await (await app.as('admin'))(users.update, { params: { id }, body: { disabled: true } })
    const sessions = await sessionCount()
    await refused(signInAs(app.browser(), username, 'not the password'), 'wrong_credentials')
    await refused(signInAs(app.browser(), username), 'sign_in_refused')
    expect(await lastEvent()).toMatchObject({ action: 'session.refused', reason: 'sign_in_refused' })
    expect(await sessionCount()).toBe(sessions)
  })

  it('gives a new session each time and ends the previous one of the browser', async () => {
    const browser = app.browser()
    await signInAs(browser, 'ada')
    const first = browser.cookie() ?? ''
    await signInAs(browser, 'ada')
    expect(browser.cookie()).not.toBe(first)
    expect(await sendRaw(app, { method: 'GET', path: '/api/session' }, { cookie: first })).toMatchObject({
      status: 401,
    })
    expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('does not reuse a session that the cookie names already', async () => {
    const planted = `gatehouse=${'B'.repeat(43)}`
    const body = JSON.stringify({ username: 'ada', password: goodPassword })
    const headers = ourHeaders
    const answer = await sendRaw(app, { method: 'POST', path: '/api/session' }, { cookie: planted, headers, body })
    expect(answer.headers.getSetCookie()[0]).not.toContain('BBBBBBBB')
    expect(await sendRaw(app, { method: 'GET', path: '/api/session' }, { cookie: planted })).toMatchObject({
      status: 401,
    })
  })

  it('refuses a user who is disabled while the password is checked', async () => {
    const admin = await app.as('admin')
    const { id } = await makeUser('just-now', [{ method: 'password' }, { method: 'token' }])
    const browser = app.browser()
    const body = { username: 'just-now', password: goodPassword }
    const attempts = [browser.call(session.signIn, { body }), app.anyone(session.login, { body })]
    const disabling = admin(users.update, { params: { id }, body: { disabled: true } })
    const outcomes = await Promise.allSettled([...attempts, disabling])
    await admin(users.update, { params: { id }, body: { disabled: false } })

    expect(outcomes[2]).toMatchObject({ status: 'fulfilled' })
    await refused(browser.call(session.view, {}), 'not_signed_in')
    expect(await door.value('select count(*) from sessions where user_id = ?', id)).toBe(0)
    expect(await door.value('select count(*) from tokens where user_id = ?', id)).toBe(0)
  })
})

describe('a password that must be changed', () => {
  it('allows only its own change, which gives a new session', async () => {
    const admin = await app.as('admin')
    const { id } = await makeUser('newcomer', [{ method: 'password' }])
    const { password } = await admin(users.setPassword, { params: { id }, body: {} })
    const browser = app.browser()
    expect(await signInAs(browser, 'newcomer', password ?? '')).toEqual({ stage: 'password-change-required' })
    const first = browser.cookie() ?? ''
    await refused(browser.call(session.prove, { body: { password: password ?? '' } }), 'stage_not_allowed')

    const change = (currentPassword: string, newPassword: string) =>
      browser.call(session.changePassword, { body: { currentPassword, newPassword } })
    const refusals = [
      await refused(change('not the one', 'quite another password'), 'wrong_password'),
      await refused(change(password ?? '', 'short'), 'password_refused'),
      await refused(change(password ?? '', password ?? ''), 'password_refused'),
      await refused(change(password ?? '', 'newcomernewcomer'), 'password_refused'),
    ]
    expect(refusals.map(({ fields }) => fields)).toEqual([
      { currentPassword: 'wrong_password' },
      { newPassword: 'password_too_short' },
      { newPassword: 'password_same' },
      { newPassword: 'password_is_username' },
    ])
    expect(await browser.call(session.view, {})).toEqual({ stage: 'password-change-required' })
    expect(browser.cookie()).toBe(first)

    expect(await change(password ?? '', 'quite another password')).toMatchObject({ stage: 'full' })
    expect(browser.cookie()).not.toBe(first)
    expect(await sendRaw(app, { method: 'GET', path: '/api/session' }, { cookie: first })).toMatchObject({
      status: 401,
    })
    expect(await lastEvent()).toMatchObject({ action: 'password.changed', actor: { username: 'newcomer' } })
    await refused(signInAs(app.browser(), 'newcomer', password ?? ''), 'wrong_credentials')
    await signInAs(app.browser(), 'newcomer', 'quite another password')
  })
})

describe('a stage', () => {
  it('follows the facts at each request, also in open sessions', async () => {
    await makeUser('staged', [{ method: 'password' }])
    const browser = app.browser()
    const stage = async () => (await browser.call(session.view, {})).stage
    await signInAs(browser, 'staged')
    expect(await stage()).toBe('full')
    const now = new Date().toISOString()
    await door.setFacts('staged', { mfa_required_at: now })
    expect(await stage()).toBe('mfa-enrolment-required')
    await door.setFacts('staged', { password_change_required_at: now })
    expect(await stage()).toBe('password-change-required')
    await door.setFacts('staged', { mfa_enrolled_at: now })
    expect(await browser.call(session.view, {})).toEqual({ stage: 'mfa-required' })
    const body = { currentPassword: goodPassword, newPassword: 'quite another password' }
    await refused(browser.call(session.changePassword, { body }), 'stage_not_allowed')
    await browser.call(session.signOut, {})
    await refused(browser.call(session.view, {}), 'not_signed_in')
  })
})
