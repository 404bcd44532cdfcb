/** Begins and completes enrolments. An incomplete one has no effect. */

import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import {
  endsOf,
  enrol,
  freshAdmin,
  makeEnrolled,
  makePhone,
  makeUser,
  signIn,
  signInWithCode,
  toNextStep,
} from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

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

async function eventsOf(id: string) {
  const { items } = await (await freshAdmin(app))(audit.list, { search: { 'target[eq]': id } })
  return items
}

describe('an enrolment', () => {
  it('completes with the first right code, shows ten backup codes once, and is recorded', async () => {
    const { id } = await makeUser(app, 'ada')
    const browser = await signIn(app, 'ada')
    expect(await browser.call(mfa.view, {})).toEqual({
      enabled: false,
      required: false,
      enrolledAt: null,
      backupCodesLeft: 0,
    })
    const before = browser.cookie()
    const { phone, backupCodes } = await enrol(app, browser)

    expect(phone.secret).toMatch(/^[A-Z2-7]{32}$/)
    expect(phone.otpauthUri).toBe(`otpauth://totp/Gatehouse:ada?secret=${phone.secret}&issuer=Gatehouse`)
    expect(backupCodes).toHaveLength(10)
    for (const code of backupCodes)
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{5}$/)
    expect(new Set(backupCodes).size).toBe(10)
    expect(browser.cookie()).not.toBe(before)
    expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full' })
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true, required: false, backupCodesLeft: 10 })
    const { mfa: seen } = await (await freshAdmin(app))(users.view, { params: { id } })
    expect(seen).toEqual({ enabled: true, required: false, demanded: false })
    expect(await eventsOf(id)).toMatchObject([
      { action: 'mfa.enabled', actor: { username: 'ada' }, via: 'session' },
      { action: 'user.created' },
    ])
  })

  it('has no effect until it is complete: the password is still enough', async () => {
    const { id } = await makeUser(app, 'half-way')
    const { call } = await signIn(app, 'half-way')
    const phone = makePhone(app, await call(mfa.enrol, {}))
    await refused(call(mfa.verify, { body: { code: phone.wrong() } }), 'wrong_code')

    expect(await call(mfa.view, {})).toMatchObject({ enabled: false, backupCodesLeft: 0 })
    expect(await call(session.view, {})).toMatchObject({ stage: 'full' })
    const again = await signIn(app, 'half-way')
    expect(await again.call(session.view, {})).toMatchObject({ stage: 'full' })
    expect(await eventsOf(id)).not.toContainEqual(expect.objectContaining({ action: 'mfa.enabled' }))
    expect(await door.value("select count(*) from authenticators where kind = 'backup-code' and user_id = ?", id)).toBe(
      0,
    )
  })

  it('expires after ten minutes, as its answer says, and not before', async () => {
    await makeUser(app, 'slow')
    const { call } = await signIn(app, 'slow')
    const begun = await call(mfa.enrol, {})
    const phone = makePhone(app, begun)
    const left = Date.parse(begun.expiresAt) - app.now().getTime()
    expect(left).toBeGreaterThan(9.9 * minute)
    expect(left).toBeLessThanOrEqual(10 * minute)
    app.advance(10 * minute)
    await refused(call(mfa.verify, { body: { code: phone.code() } }), 'enrolment_expired')
    expect(await call(mfa.view, {})).toMatchObject({ enabled: false })

    const { call: anew } = await signIn(app, 'slow')
    const second = makePhone(app, await anew(mfa.enrol, {}))
    app.advance(9.5 * minute)
    await anew(mfa.verify, { body: { code: second.code() } })
    expect(await anew(mfa.view, {})).toMatchObject({ enabled: true })
  })

  it('keeps its secret when the same session begins it again', async () => {
    await makeUser(app, 'twice')
    const { call } = await signIn(app, 'twice')
    const first = await call(mfa.enrol, {})
    app.advance(9 * minute)
    const second = await call(mfa.enrol, {})
    expect(second).toMatchObject({ secret: first.secret, otpauthUri: first.otpauthUri })
    expect(Date.parse(second.expiresAt) - app.now().getTime()).toBeGreaterThan(9.9 * minute)

    // After the end of the first beginning, before that of the second.
    app.advance(9 * minute)
    await call(mfa.verify, { body: { code: makePhone(app, first).code() } })
    expect(await call(mfa.view, {})).toMatchObject({ enabled: true })
  })

  it('gets a new secret if it begins again after ten minutes', async () => {
    await makeUser(app, 'late')
    const { call } = await signIn(app, 'late')
    const first = makePhone(app, await call(mfa.enrol, {}))
    app.advance(10 * minute)
    await call(session.prove, { body: { password: 'a perfectly good password' } })
    const second = makePhone(app, await call(mfa.enrol, {}))
    expect(second.secret).not.toBe(first.secret)
    await refused(call(mfa.verify, { body: { code: first.next() } }), 'wrong_code')
    await call(mfa.verify, { body: { code: second.code() } })
  })

  it('gets a new secret when the clock was set back, because a beginning in the future is not fresh', async () => {
    await makeUser(app, 'clock')
    const { call } = await signIn(app, 'clock')
    const first = makePhone(app, await call(mfa.enrol, {}))
    await door.run("update enrolments set started_at = '2999-01-01T00:00:00.000Z'")
    await refused(call(mfa.verify, { body: { code: first.next() } }), 'enrolment_expired')
    expect((await call(mfa.enrol, {})).secret).not.toBe(first.secret)
  })

  it('has another secret in another session, and neither ends the other', async () => {
    const { id } = await makeUser(app, 'two-browsers')
    const [owner, thief] = [await signIn(app, 'two-browsers'), await signIn(app, 'two-browsers')]
    const early = makePhone(app, await thief.call(mfa.enrol, {}))
    const phone = makePhone(app, await owner.call(mfa.enrol, {}))
    expect(phone.secret).not.toBe(early.secret)
    expect((await thief.call(mfa.enrol, {})).secret).toBe(early.secret)
    await refused(owner.call(mfa.verify, { body: { code: early.next() } }), 'wrong_code')

    await owner.call(mfa.verify, { body: { code: phone.code() } })
    await refused(thief.call(mfa.verify, { body: { code: early.code() } }), 'stage_not_allowed')
    expect(await door.value('select count(*) from enrolments where user_id = ?', id)).toBe(0)
  })

  it('records each wrong code without the code, and only the first attempt during a wait', async () => {
    const { id } = await makeUser(app, 'guessed')
    const { call } = await signIn(app, 'guessed')
    const phone = makePhone(app, await call(mfa.enrol, {}))
    const code = phone.wrong()
    for (let n = 0; n < 5; n++) await refused(call(mfa.verify, { body: { code } }), 'wrong_code')
    for (let n = 0; n < 2; n++) await refused(call(mfa.verify, { body: { code } }), 'throttled')
    const events = (await eventsOf(id)).filter(({ action }) => action === 'mfa.enrolment-refused').toReversed()
    expect(events.map(({ reason }) => reason)).toEqual([...Array(5).fill('wrong_code'), 'throttled'])
    expect(events[0]).toMatchObject({ actor: { username: 'guessed' }, via: 'session', target: { type: 'user', id } })
    expect(JSON.stringify(events)).not.toContain(`"${code}"`)
    expect(await call(mfa.view, {})).toMatchObject({ enabled: false })
  })

  it('needs a password proof within ten minutes', async () => {
    const { id } = await makeUser(app, 'stale')
    const { call } = await signIn(app, 'stale')
    app.advance(10 * minute)
    await refused(call(mfa.enrol, {}), 'proof_required')
    expect(await door.value('select count(*) from enrolments where user_id = ?', id)).toBe(0)
    await call(session.prove, { body: { password: 'a perfectly good password' } })
    await call(mfa.enrol, {})
  })

  it('is refused for a user with a second factor, whose secret stays', async () => {
    const ada = await makeEnrolled(app, 'has-one')
    const before = (await door.rows("select * from authenticators where kind = 'totp' and user_id = ?", ada.id))[0]
    await refused(ada.browser.call(mfa.enrol, {}), 'mfa_already_enabled')
    await refused(ada.browser.call(mfa.verify, { body: { code: ada.phone.next() } }), 'mfa_already_enabled')
    expect((await door.rows("select * from authenticators where kind = 'totp' and user_id = ?", ada.id))[0]).toEqual(
      before,
    )
    const { call } = await signInWithCode(app, ada)
    expect(await call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('cannot be completed before it was begun', async () => {
    await makeUser(app, 'eager')
    const { call } = await signIn(app, 'eager')
    await refused(call(mfa.verify, { body: { code: '123456' } }), 'enrolment_expired')
    expect(await call(mfa.view, {})).toMatchObject({ enabled: false })
  })

  it('completes once when codes come at the same time from one browser or two', async () => {
    const { id } = await makeUser(app, 'racer')
    const [here, there] = [await signIn(app, 'racer'), await signIn(app, 'racer')]
    const phone = makePhone(app, await here.call(mfa.enrol, {}))
    const other = makePhone(app, await there.call(mfa.enrol, {}))
    toNextStep(app)
    const ends = await endsOf([
      here.call(mfa.verify, { body: { code: phone.code() } }),
      there.call(mfa.verify, { body: { code: other.code() } }),
      here.call(mfa.verify, { body: { code: phone.code() } }),
    ])
    expect(ends.filter((end) => end === 'admitted')).toHaveLength(1)
    expect(ends).not.toContain('internal')
    expect(await door.value("select count(*) from authenticators where kind = 'backup-code' and user_id = ?", id)).toBe(
      10,
    )
    const enabled = (await eventsOf(id)).filter(({ action }) => action === 'mfa.enabled')
    expect(enabled).toHaveLength(1)
  })

  it('survives a restart before it is complete', async () => {
    await makeUser(app, 'restarted')
    const browser = await signIn(app, 'restarted')
    const phone = makePhone(app, await browser.call(mfa.enrol, {}))
    await app.restart()
    await browser.call(mfa.verify, { body: { code: phone.next() } })
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true })
  })

  it('takes codes of one step before and after, and none two steps away', async () => {
    for (const [away, outcome] of [
      [-1, null],
      [1, null],
      [-2, 'wrong_code'],
      [2, 'wrong_code'],
    ] as const) {
      const username = `drift${away}`.replace('-', 'minus')
      await makeUser(app, username)
      const { call } = await signIn(app, username)
      const phone = makePhone(app, await call(mfa.enrol, {}))
      toNextStep(app)
      const verifying = call(mfa.verify, { body: { code: phone.code(away) } })
      await (outcome === null ? verifying : refused(verifying, outcome))
      expect(await call(mfa.view, {})).toMatchObject({ enabled: outcome === null })
    }
  })

  it('limits the other open sessions of this user to the code at once', async () => {
    await makeUser(app, 'spread')
    const [here, there, stranger] = [
      await signIn(app, 'spread'),
      await signIn(app, 'spread'),
      await signIn(app, 'admin'),
    ]
    await enrol(app, here)
    expect(await there.call(session.view, {})).toEqual({ stage: 'mfa-required' })
    await refused(there.call(mfa.view, {}), 'stage_not_allowed')
    expect(await stranger.call(session.view, {})).toMatchObject({ stage: 'full' })
  })
})
