/** An administrator turns off the lost factor of a user whom they cover, never their own. The user gets a notice. */

import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { enrol, freshAdmin, makeEnrolled, makeUser, signIn, signInWithCode } from '../../../test/authenticator.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp()))
afterAll(() => app.stop())

const minute = 60_000
const nobody = '00000000-0000-7000-8000-000000000000'

async function adminRoleId(): Promise<string> {
  const { items } = await (await freshAdmin(app))(roles.list, { search: { 'name[eq]': adminRoleName } })
  return items[0]?.id ?? ''
}

async function isEnabled(id: string): Promise<boolean> {
  return (await (await freshAdmin(app))(users.view, { params: { id } })).mfa.enabled
}

describe('turning a lost factor off', () => {
  it('ends the sessions, makes the password enough, and is recorded with actor and reason', async () => {
    const lost = await makeEnrolled(app, 'lost')
    const [full, half] = [await signInWithCode(app, lost), await signIn(app, 'lost')]
    const admin = await freshAdmin(app)
    await admin(mfa.reset, { params: { id: lost.id }, body: { reason: 'Phone fell into the river' } })

    for (const { call } of [lost.browser, full, half]) await refused(call(session.view, {}), 'not_signed_in')
    const { items } = await admin(audit.list, { search: { 'target[eq]': lost.id, limit: 1 } })
    expect(items).toMatchObject([
      {
        action: 'mfa.reset',
        actor: { username: 'admin' },
        via: 'session',
        target: { type: 'user', name: 'lost' },
        reason: 'Phone fell into the river',
      },
    ])
    expect(await isEnabled(lost.id)).toBe(false)
    expect(await (await signIn(app, 'lost')).call(session.view, {})).toMatchObject({ stage: 'full' })
  })

  it('shows a notice at the next sign-in only', async () => {
    const { id, username } = await makeEnrolled(app, 'told')
    await (await freshAdmin(app))(mfa.reset, { params: { id }, body: {} })
    await refused(signIn(app, username, 'not the password'), 'wrong_credentials')
    const first = app.browser()
    const answer = await first.call(session.signIn, { body: { username, password: goodPassword } })
    expect(answer).toMatchObject({ stage: 'full', notice: 'mfa-reset' })
    const second = await app.browser().call(session.signIn, { body: { username, password: goodPassword } })
    expect(second).toMatchObject({ stage: 'full' })
    expect(second).not.toHaveProperty('notice')
  })

  it('shows the notice before and after the enrolment where a factor is demanded', async () => {
    const { id, username } = await makeEnrolled(app, 'told-later')
    const admin = await freshAdmin(app)
    await admin(users.update, { params: { id }, body: { mfaRequired: true } })
    await admin(mfa.reset, { params: { id }, body: {} })
    const browser = app.browser()
    expect(await browser.call(session.signIn, { body: { username, password: goodPassword } })).toEqual({
      stage: 'mfa-enrolment-required',
      notice: 'mfa-reset',
    })
    await enrol(app, browser)
    expect(await browser.call(session.view, {})).toMatchObject({ stage: 'full', notice: 'mfa-reset' })
  })

  it('makes codes of the old phone and old backup codes useless for a new factor', async () => {
    const lost = await makeEnrolled(app, 'found-again')
    await (await freshAdmin(app))(mfa.reset, { params: { id: lost.id }, body: {} })
    const now = await enrol(app, await signIn(app, 'found-again'))
    const { call } = await signIn(app, 'found-again')
    await refused(call(session.secondFactor, { body: { code: lost.phone.next() } }), 'wrong_code')
    const backupCode = lost.backupCodes[0] ?? ''
    await refused(call(session.secondFactor, { body: { backupCode } }), 'wrong_code')
    expect(await call(session.view, {})).toEqual({ stage: 'mfa-required' })
    await call(session.secondFactor, { body: { code: now.phone.next() } })
  })

  it('needs a recent proof, by code if the administrator has a second factor', async () => {
    const { id } = await makeEnrolled(app, 'waits')
    await makeUser(app, 'careful', { roles: [await adminRoleId()] })
    const browser = await signIn(app, 'careful')
    const { phone } = await enrol(app, browser)
    app.advance(10 * minute)
    const reset = () => browser.call(mfa.reset, { params: { id }, body: {} })
    await refused(reset(), 'proof_required')
    await refused(browser.call(session.prove, { body: { password: goodPassword } }), 'code_required')
    await refused(reset(), 'proof_required')
    expect(await isEnabled(id)).toBe(true)
    await browser.call(session.prove, { body: { code: phone.next() } })
    await reset()
    expect(await isEnabled(id)).toBe(false)
  })
})

describe('turning a lost factor off is refused', () => {
  it('for a caller who does not cover the user, with or without a reason', async () => {
    await app.as('operator')
    const { id } = await makeUser(app, 'mighty', { roles: [await adminRoleId()] })
    const { phone } = await enrol(app, await signIn(app, 'mighty'))
    const operator = await signIn(app, 'operator')
    const resetting = operator.call(mfa.reset, { params: { id }, body: { reason: 'Trust me' } })
    await refused(resetting, 'above_caller')
    expect(await isEnabled(id)).toBe(true)
    const browser = await signIn(app, 'mighty')
    expect(await browser.call(session.secondFactor, { body: { code: phone.next() } })).toMatchObject({ stage: 'full' })

    const { id: small } = await makeEnrolled(app, 'small')
    await (await signIn(app, 'operator')).call(mfa.reset, { params: { id: small }, body: {} })
    expect(await isEnabled(small)).toBe(false)
  })

  it('for the user’s own factor, and for an auditor', async () => {
    const { id, browser, phone } = await makeEnrolled(app, 'selfish')
    await (await freshAdmin(app))(users.update, { params: { id }, body: { roles: [await adminRoleId()] } })
    await browser.call(session.prove, { body: { code: phone.next() } })
    await refused(browser.call(mfa.reset, { params: { id }, body: {} }), 'own_account')
    await app.as('auditor')
    const auditor = await signIn(app, 'auditor')
    await refused(auditor.call(mfa.reset, { params: { id }, body: {} }), 'not_permitted')
    expect(await isEnabled(id)).toBe(true)
  })

  it('where there is no factor or no user, and then there is no notice', async () => {
    const { id } = await makeUser(app, 'plain')
    const admin = await freshAdmin(app)
    await refused(admin(mfa.reset, { params: { id }, body: {} }), 'mfa_not_enabled')
    await refused(admin(mfa.reset, { params: { id: nobody }, body: {} }), 'not_found')
    const { call } = await signIn(app, 'plain')
    expect(await call(session.view, {})).not.toHaveProperty('notice')
  })

  it('for a reason that is not one line of text', async () => {
    const { id } = await makeEnrolled(app, 'wordy')
    const admin = await freshAdmin(app)
    const reasons: [string, string][] = [
      ['x'.repeat(501), 'too_long'],
      ['two\nlines', 'invalid'],
    ]
    for (const [reason, code] of reasons) {
      const problem = await refused(admin(mfa.reset, { params: { id }, body: { reason } }), 'invalid')
      expect(problem.fields).toEqual({ reason: code })
    }
    expect(await isEnabled(id)).toBe(true)
  })
})
