/** Signs in with a code over HTTP. Each code works once, and the password alone gives no access. */

import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Route } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, refused, startApp, type TestApp } from '../../../test/app.ts'
import {
  endsOf,
  enrol,
  freshAdmin,
  makeEnrolled,
  makeUser,
  signIn,
  stepMs,
  toNextStep,
} from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { ourHeaders, sendRaw, sendTo } from '../../../test/raw-request.ts'

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

const prove = ({ call }: Browser, code: string) => call(session.secondFactor, { body: { code } })
const stageOf = async ({ call }: Browser) => (await call(session.view, {})).stage
const isDead = async (cookie: string | null) =>
  (await sendRaw(app, { method: 'GET', path: '/api/session' }, { cookie: cookie ?? '' })).status === 401

describe('a sign-in with a second factor', () => {
  it('is complete with the code, under a new session id at each step, and the old ids stop working', async () => {
    const { id, username, phone } = await makeEnrolled(app, 'ada')
    const browser = app.browser()
    const begun = await browser.call(session.signIn, { body: { username, password: 'a perfectly good password' } })
    expect(begun).toEqual({ stage: 'mfa-required' })
    const half = browser.cookie()
    const answer = await prove(browser, phone.next())
    expect(answer).toMatchObject({ stage: 'full', user: { username: 'ada' } })
    expect(answer).not.toHaveProperty('backupCodesLeft')
    expect(browser.cookie()).not.toBe(half)
    expect(await isDead(half)).toBe(true)

    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'actor[eq]': 'ada', limit: 2 } })
    expect(items).toMatchObject([
      {
        action: 'session.signed-in',
        via: 'sign-in',
        target: { type: 'user', id },
        after: { secondFactor: 'code' },
      },
      { action: 'session.begun', via: 'sign-in' },
    ])
  })

  it('is refused on every route before the code, except the code, the session view and the sign-out', async () => {
    const admin = await freshAdmin(app)
    const [adminRole] = (await admin(roles.list, { search: { 'name[eq]': adminRoleName } })).items
    await makeUser(app, 'second-admin', { roles: [adminRole?.id ?? ''] })
    await enrol(app, await signIn(app, 'second-admin'))
    const half = (await signIn(app, 'second-admin')).cookie() ?? ''

    const open = new Set<Route>([session.secondFactor, session.view, session.signOut])
    for (const route of everyRoute.filter(({ access }) => access !== 'anyone')) {
      const before = await door.everything()
      const body = route.body && { body: '{"no such field":true}' }
      if (open.has(route) && route !== session.secondFactor) continue
      const { code } = await sendTo(app, route, { cookie: half, headers: ourHeaders, ...body })
      expect({ [route.id]: code }).toEqual({ [route.id]: open.has(route) ? 'invalid' : 'stage_not_allowed' })
      expect(await door.everything()).toBe(before)
    }
    const view = await sendTo(app, session.view, { cookie: half })
    expect(JSON.parse(view.text)).toEqual({ stage: 'mfa-required' })
    expect((await sendTo(app, session.signOut, { cookie: half, headers: ourHeaders })).status).toBe(200)
    expect(await isDead(half)).toBe(true)
  })

  it('takes a code in its step and one step before and after', async () => {
    const { username, phone } = await makeEnrolled(app, 'drifting')
    for (const [seconds, isAccepted] of [
      [29, true],
      [31, true],
      [61, false],
      [91, false],
    ] as const) {
      // Well away from the code before: otherwise its step would be used up already.
      for (let n = 0; n < 4; n++) toNextStep(app)
      const browser = await signIn(app, username)
      toNextStep(app)
      const code = phone.code()
      app.advance(seconds * 1_000)
      await (isAccepted ? prove(browser, code) : refused(prove(browser, code), 'wrong_code'))
      expect(await stageOf(browser)).toBe(isAccepted ? 'full' : 'mfa-required')
    }
  })
})

describe('a code is good once', () => {
  it('is rejected the second time in its step, in the drift step, and after a newer one', async () => {
    const { username, phone } = await makeEnrolled(app, 'once')
    const [first, again] = [await signIn(app, username), await signIn(app, username)]
    toNextStep(app)
    toNextStep(app)
    const [older, code] = [phone.code(-1), phone.code()]
    await prove(first, code)
    await refused(prove(again, code), 'wrong_code')
    await refused(prove(again, older), 'wrong_code')
    app.advance(stepMs + 1_000)
    await refused(prove(again, code), 'wrong_code')
    expect(await stageOf(again)).toBe('mfa-required')
    await prove(again, phone.next())
  })

  it('is rejected for signing in if it completed the enrolment', async () => {
    await makeUser(app, 'enroller')
    const { phone } = await enrol(app, await signIn(app, 'enroller'))
    const browser = await signIn(app, 'enroller')
    await refused(prove(browser, phone.code()), 'wrong_code')
    expect(await stageOf(browser)).toBe('mfa-required')
  })

  it('is rejected after a code of a later step, also from a clock that is ahead', async () => {
    const { username, phone } = await makeEnrolled(app, 'ahead')
    const [first, second] = [await signIn(app, username), await signIn(app, username)]
    toNextStep(app)
    toNextStep(app)
    await prove(first, phone.code(1))
    await refused(prove(second, phone.code()), 'wrong_code')
    expect(await stageOf(second)).toBe('mfa-required')
  })

  it('admits exactly one of several calls that show it at the same time, in one session or several', async () => {
    const { username, phone } = await makeEnrolled(app, 'racer')
    const browsers = [await signIn(app, username), await signIn(app, username), await signIn(app, username)]
    const code = phone.next()
    const ends = await endsOf(browsers.map((browser) => prove(browser, code)))
    expect(ends).toEqual(['admitted', 'wrong_code', 'wrong_code'])
    expect((await Promise.all(browsers.map(stageOf))).toSorted()).toEqual(['full', 'mfa-required', 'mfa-required'])

    const one = await signIn(app, username)
    const cookie = one.cookie() ?? ''
    const body = JSON.stringify({ code: phone.next() })
    const send = () => sendTo(app, session.secondFactor, { cookie, headers: ourHeaders, body })
    const answers = await Promise.all([send(), send(), send()])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ headers }) => headers.getSetCookie().length > 0)).toHaveLength(1)
  })

  it('works for its owner only', async () => {
    const [owner, other] = [await makeEnrolled(app, 'owner'), await makeEnrolled(app, 'other')]
    const browser = await signIn(app, other.username)
    await refused(prove(browser, owner.phone.next()), 'wrong_code')
    expect(await stageOf(browser)).toBe('mfa-required')
    await prove(await signIn(app, owner.username), owner.phone.code())
  })
})

describe('a text that is not exactly six digits', () => {
  const shapes: unknown[] = [
    ...[' {}', '{} ', '\t{}', '{}\n', '0{}', '{}0', '+{}', '{}\0'].map((frame) => ({ frame })),
    ...['', '12345', '１２３４５６', '١٢٣٤٥٦', '12 456', '1e5000', '0x1234'].map((code) => ({ code })),
    { code: 123456 },
    { code: null },
    { code: ['123456'] },
    { code: '123456', backupCode: 'A' },
    { code: '123456', more: 1 },
    { backupCode: '' },
    { backupCode: 'A'.repeat(41) },
    { password: 'x' },
    {},
  ]

  it('gets 400, is not counted, and uses nothing up', async () => {
    const { username, phone } = await makeEnrolled(app, 'shapes')
    const browser = await signIn(app, username)
    const code = phone.next()
    const before = await door.everything()
    for (const shape of shapes) {
      const { frame } = shape as { frame?: string }
      const body = JSON.stringify(frame === undefined ? shape : { code: frame.replace('{}', code) })
      const answer = await sendTo(app, session.secondFactor, {
        cookie: browser.cookie() ?? '',
        headers: ourHeaders,
        body,
      })
      expect({ body, status: answer.status, code: answer.code }).toEqual({ body, status: 400, code: 'invalid' })
    }
    expect(await door.everything()).toBe(before)
    await prove(browser, code)
  })

  it('is reported with its field and the reason', async () => {
    const { username } = await makeEnrolled(app, 'told')
    const browser = await signIn(app, username)
    expect((await refused(prove(browser, '12345'), 'invalid')).fields).toEqual({ code: 'code_format' })
  })
})

describe('a new second factor', () => {
  it('is not proved by a proof of the old one in any session', async () => {
    const { browser, username, phone } = await makeEnrolled(app, 'renewed')
    const other = await signIn(app, username)
    await prove(other, phone.next())
    await browser.call(mfa.disable, { body: { code: phone.next() } })
    const next = await enrol(app, browser)
    expect(await stageOf(other)).toBe('mfa-required')
    await refused(prove(other, phone.next()), 'wrong_code')
    await prove(other, next.phone.next())
  })
})
