/** Other ways to sign in than the page: step-up, tokens for scripts, and MQTT, which has no second factor. */

import { roles } from '@gatehouse/contract/access/roles'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import {
  enrol,
  freshAdmin,
  makeEnrolled,
  makePhone,
  makeUser,
  signIn,
  signInWithCode,
} from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { sendTo } from '../../../test/raw-request.ts'

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

const minute = 60_000
const tokensOf = (id: string) => door.value<number>('select count(*) from tokens where user_id = ?', id)

const login = (username: string, more: { code?: string; password?: string } = {}) =>
  app.anyone(session.login, { body: { username, password: goodPassword, ...more } })

const change = (currentPassword: string, newPassword: string) => ({ body: { currentPassword, newPassword } })

describe('step-up with a second factor', () => {
  it('takes a fresh code, keeps the session, and rejects the password and a used code', async () => {
    const everything = [{ context: 'http', resource: '/#', operation: 'readWrite' }] as const
    const { id: subject } = await makeUser(app, 'subject')
    await makeUser(app, 'ada', { permissions: [...everything] })
    const browser = await signIn(app, 'ada')
    const { phone } = await enrol(app, browser)
    const setPassword = () => browser.call(users.setPassword, { params: { id: subject }, body: {} })
    await setPassword()
    app.advance(10 * minute)
    const cookie = browser.cookie()
    await refused(setPassword(), 'proof_required')
    const problem = await refused(browser.call(session.prove, { body: { password: goodPassword } }), 'code_required')
    expect(problem.fields).toEqual({ code: 'required' })
    await refused(setPassword(), 'proof_required')
    await refused(browser.call(session.prove, { body: { code: phone.wrong() } }), 'wrong_code')
    await refused(setPassword(), 'proof_required')

    const code = phone.next()
    await browser.call(session.prove, { body: { code } })
    expect(browser.cookie()).toBe(cookie)
    await setPassword()
    await refused(browser.call(session.prove, { body: { code } }), 'wrong_code')
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'actor[eq]': 'ada', limit: 3 } })
    expect(items.map(({ action }) => action)).toEqual(['session.refused', 'password.set', 'session.proved'])
  })

  it('rejects a code of a user without a factor, and every backup code', async () => {
    await makeUser(app, 'plain')
    const plain = await signIn(app, 'plain')
    await refused(plain.call(session.prove, { body: { code: '123456' } }), 'mfa_not_enabled')
    const { browser, backupCodes } = await makeEnrolled(app, 'with-codes')
    const body = { backupCode: backupCodes[0] ?? '' } as unknown as { code: string }
    await refused(browser.call(session.prove, { body }), 'invalid')
    expect(await browser.call(mfa.view, {})).toMatchObject({ backupCodesLeft: 10 })
  })

  it('uses the code up for the sign-in too', async () => {
    const { username, browser, phone } = await makeEnrolled(app, 'frugal')
    const code = phone.next()
    await browser.call(session.prove, { body: { code } })
    const half = await signIn(app, username)
    await refused(half.call(session.secondFactor, { body: { code } }), 'wrong_code')
    expect(await half.call(session.view, {})).toEqual({ stage: 'mfa-required' })
  })
})

describe('a token for a script', () => {
  it('takes the code with the password, once', async () => {
    const { id, username, phone } = await makeEnrolled(app, 'script')
    await refused(login(username), 'code_required')
    expect((await refused(login(username, { code: phone.wrong() }), 'wrong_code')).fields).toEqual({
      code: 'wrong_code',
    })
    await refused(login(username, { code: phone.next(), password: 'wrong' }), 'wrong_credentials')
    expect(await tokensOf(id)).toBe(0)

    const code = phone.next()
    const { token } = await login(username, { code })
    await refused(login(username, { code }), 'wrong_code')
    app.advance(31_000)
    await refused(login(username, { code }), 'wrong_code')
    expect(await tokensOf(id)).toBe(1)
    expect((await sendTo(app, users.list, { token })).code).toBe('not_permitted')
    const search = { 'target[eq]': id, 'action[eq]': 'token.refused' } as const
    const { items } = await (await freshAdmin(app))(audit.list, { search })
    expect(items.map(({ reason }) => reason)).toEqual([
      'wrong_code',
      'wrong_code',
      'wrong_credentials',
      'wrong_code',
      'code_required',
    ])
  })

  it('is given once for a code that several routes get at the same time', async () => {
    const { id, username, phone } = await makeEnrolled(app, 'script-racer')
    const half = await signIn(app, username)
    const code = phone.next()
    const outcomes = await Promise.allSettled([
      login(username, { code }),
      login(username, { code }),
      half.call(session.secondFactor, { body: { code } }),
    ])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const { stage } = await half.call(session.view, {})
    expect((await tokensOf(id)) + (stage === 'full' ? 1 : 0)).toBe(1)
  })

  it('rejects a code of a user without a factor, and ends when that user enrols', async () => {
    const { id } = await makeUser(app, 'has-token', {
      permissions: [{ context: 'http', resource: '/api/roles', operation: 'read' }],
    })
    const { token } = await login('has-token', { code: '000000' })
    expect((await sendTo(app, roles.list, { token })).status).toBe(200)
    const { phone } = await enrol(app, await signIn(app, 'has-token'))
    expect(await sendTo(app, roles.list, { token })).toMatchObject({ status: 401, code: 'not_signed_in' })
    await login('has-token', { code: phone.next() })
    expect(await tokensOf(id)).toBe(1)
  })

  it('is refused to a user who enrolled while the password was checked, because the code was not', async () => {
    const { id } = await makeUser(app, 'hasty')
    const browser = await signIn(app, 'hasty')
    const phone = makePhone(app, await browser.call(mfa.enrol, {}))
    const code = phone.next()
    const signIns = Array.from({ length: 8 }, () => login('hasty', { code: phone.wrong() }))
    await Promise.allSettled([...signIns, browser.call(mfa.verify, { body: { code } })])
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true })
    const order = await door.column(
      "select action from audit_events where actor_id = ? and action in ('token.created', 'mfa.enabled') order by seq",
      id,
    )
    expect(order.at(-1)).toBe('mfa.enabled')
  })

  it('neither counts nor uses up the right code of a user whom it refuses anyway', async () => {
    const user = await makeEnrolled(app, 'must-change')
    const admin = await freshAdmin(app)
    const params = { id: user.id }
    await admin(users.setPassword, { params, body: { newPassword: goodPassword, mustChange: true } })
    for (let n = 0; n < 6; n++) {
      await refused(login('must-change', { code: user.phone.next() }), 'login_incomplete')
    }
    expect(await tokensOf(user.id)).toBe(0)
    const browser = await signIn(app, 'must-change')
    const { stage } = await browser.call(session.secondFactor, { body: { code: user.phone.code() } })
    expect(stage).toBe('password-change-required')
  })
})

describe('MQTT', () => {
  it('takes the password of a user with a second factor or a demand without a code', async () => {
    const { id } = await makeUser(app, 'line-3', { mfaRequired: true })
    await makeEnrolled(app, 'line-4')
    for (const username of ['line-3', 'line-4']) {
      const client = await connectAsync(app.started.mqttUrl ?? '', { username, password: goodPassword })
      expect(client.connected).toBe(true)
      await client.endAsync()
    }
    expect((await (await freshAdmin(app))(users.view, { params: { id } })).mfa.demanded).toBe(true)
    const wrong = connectAsync(app.started.mqttUrl ?? '', { username: 'line-4', password: 'wrong', reconnectPeriod: 0 })
    await expect(wrong).rejects.toMatchObject({ code: 4 })
  })
})

describe('the password of a user with a second factor', () => {
  it('may be shorter than others', async () => {
    const user = await makeEnrolled(app, 'short')
    await makeUser(app, 'long')
    const plain = await signIn(app, 'long')
    const short = 'twelve-chars'
    const problem = await refused(plain.call(session.changePassword, change(goodPassword, short)), 'password_refused')
    expect(problem.fields).toEqual({ newPassword: 'password_too_short' })
    const { call } = await signInWithCode(app, user)
    await refused(call(session.changePassword, change(goodPassword, 'eleven-char')), 'password_refused')
    await call(session.changePassword, change(goodPassword, short))
    expect(await call(session.view, {})).toMatchObject({ stage: 'full' })
    expect(await app.anyone(session.passwordPolicy, {})).toMatchObject({ min: 15, minWithFactor: 12 })
  })
})
