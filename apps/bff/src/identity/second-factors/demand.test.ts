/** A second factor that the account or the policy demands. The demand holds at once, also for open sessions. */

import { roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { type MfaPolicy, settings } from '@gatehouse/contract/operations/settings'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { enrol, freshAdmin, makeEnrolled, makeUser, signIn, signInWithCode } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { ourHeaders, sendTo } from '../../../test/raw-request.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterEach(() => door.run('delete from settings'))
afterAll(async () => {
  await door.close()
  await app.stop()
})

const minute = 60_000
const stageOf = async ({ call }: Browser) => (await call(session.view, {})).stage

async function demandOf(id: string, mfaRequired = true): Promise<void> {
  await (await freshAdmin(app))(users.update, { params: { id }, body: { mfaRequired } })
}

async function setPolicy(policy: MfaPolicy): Promise<void> {
  await (await freshAdmin(app))(settings.update, { body: { mfa: policy } })
}

describe('a demand of the account', () => {
  it('limits open sessions and the next sign-in to the enrolment at once', async () => {
    const { id } = await makeUser(app, 'ada')
    const [here, there] = [await signIn(app, 'ada'), await signIn(app, 'ada')]
    expect(await stageOf(here)).toBe('full')
    await demandOf(id)
    expect([await stageOf(here), await stageOf(there)]).toEqual(Array(2).fill('mfa-enrolment-required'))
    await refused(here.call(users.list, {}), 'stage_not_allowed')
    expect(await stageOf(await signIn(app, 'ada'))).toBe('mfa-enrolment-required')

    const cookie = here.cookie()
    await enrol(app, here)
    expect(here.cookie()).not.toBe(cookie)
    expect([await stageOf(here), await stageOf(there)]).toEqual(['full', 'mfa-required'])
    expect(await here.call(mfa.view, {})).toMatchObject({ enabled: true, required: true })
  })

  it('allows the enrolment, its proof, the session view and the sign-out, and nothing else', async () => {
    const { id } = await makeUser(app, 'confined')
    const { call, cookie } = await signIn(app, 'confined')
    await demandOf(id)
    const passed: string[] = []
    for (const route of everyRoute.filter(
      ({ access, id: name }) => access !== 'anyone' && name !== 'session.signOut',
    )) {
      const body = route.body && { body: '{"no such field":true}' }
      const { code } = await sendTo(app, route, { cookie: cookie() ?? '', headers: ourHeaders, ...body })
      if (code !== 'stage_not_allowed') passed.push(route.id)
    }
    expect(passed).toEqual(['session.view', 'session.prove', 'mfa.view', 'mfa.enrol', 'mfa.verify'])
    await call(session.signOut, {})
  })

  it('can be met in a session with an old proof after proving the password again', async () => {
    const { id } = await makeUser(app, 'long-open')
    const browser = await signIn(app, 'long-open')
    app.advance(11 * minute)
    await demandOf(id)
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
    await refused(browser.call(session.prove, { body: { password: 'wrong' } }), 'wrong_password')
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
    await browser.call(session.prove, { body: { password: goodPassword } })
    await enrol(app, browser)
    expect(await stageOf(browser)).toBe('full')
  })

  it('stops the owner from turning the factor off, and uses up no code for it', async () => {
    const user = await makeEnrolled(app, 'stuck')
    await demandOf(user.id)
    expect(await stageOf(user.browser)).toBe('full')
    const code = user.phone.next()
    const backupCode = user.backupCodes[0] ?? ''
    await refused(user.browser.call(mfa.disable, { body: { code } }), 'mfa_required')
    await refused(user.browser.call(mfa.disable, { body: { backupCode } }), 'mfa_required')
    expect(await user.browser.call(mfa.view, {})).toMatchObject({ enabled: true, backupCodesLeft: 10 })
    await (await signIn(app, 'stuck')).call(session.secondFactor, { body: { code } })

    await demandOf(user.id, false)
    await user.browser.call(mfa.disable, { body: { backupCode } })
    expect(await user.browser.call(mfa.view, {})).toMatchObject({ enabled: false })
  })

  it('is due after the password change', async () => {
    const { id } = await makeUser(app, 'both')
    await demandOf(id)
    const admin = await freshAdmin(app)
    const { password } = await admin(users.setPassword, { params: { id }, body: {} })
    const browser = await signIn(app, 'both', password ?? '')
    expect(await stageOf(browser)).toBe('password-change-required')
    await refused(browser.call(mfa.enrol, {}), 'stage_not_allowed')
    await browser.call(session.changePassword, {
      body: { currentPassword: password ?? '', newPassword: 'quite another password' },
    })
    expect(await stageOf(browser)).toBe('mfa-enrolment-required')
    await enrol(app, browser)
    expect(await stageOf(browser)).toBe('full')
  })

  it('cannot be withdrawn by the user, not even an administrator', async () => {
    const { id } = await makeUser(app, 'boss', {
      permissions: [{ context: 'http', resource: '/#', operation: 'readWrite' }],
    })
    const browser = await signIn(app, 'boss')
    await demandOf(id)
    const { phone } = await enrol(app, browser)
    await refused(browser.call(users.update, { params: { id }, body: { mfaRequired: false } }), 'own_account')
    await refused(browser.call(mfa.disable, { body: { code: phone.next() } }), 'mfa_required')
    expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: true, required: true })
  })

  it('refuses tokens before the enrolment', async () => {
    const { id } = await makeUser(app, 'scripted')
    await demandOf(id)
    const login = app.anyone(session.login, { body: { username: 'scripted', password: goodPassword, code: '123456' } })
    await refused(login, 'login_incomplete')
    expect(await door.value('select count(*) from tokens where user_id = ?', id)).toBe(0)
  })
})

describe('a demand of the policy', () => {
  it('for everyone holds at once for users with a password, and not for those with a certificate only', async () => {
    const { id } = await makeUser(app, 'anybody')
    const machine = await makeUser(app, 'machine-7', { password: undefined, grantTypes: [{ method: 'certificate' }] })
    const [open, enrolled] = [await signIn(app, 'anybody'), await makeEnrolled(app, 'ready')]
    const admin = await freshAdmin(app)
    await setPolicy({ requiredFor: 'everyone', roles: [] })
    expect(await stageOf(open)).toBe('mfa-enrolment-required')
    expect(await stageOf(enrolled.browser)).toBe('full')
    expect(await stageOf(await signInWithCode(app, enrolled))).toBe('full')
    await refused(enrolled.browser.call(mfa.disable, { body: { code: enrolled.phone.next() } }), 'mfa_required')
    // The policy also applies to its author.
    await refused(admin(settings.view, {}), 'stage_not_allowed')

    await door.run('delete from settings')
    await setPolicy({ requiredFor: 'nobody', roles: [] })
    expect(await stageOf(open)).toBe('full')
    const demandedOf = async (one: string) => (await (await freshAdmin(app))(users.view, { params: { id: one } })).mfa
    expect(await demandedOf(id)).toEqual({ enabled: false, required: false, demanded: false })
    expect(await demandedOf(machine.id)).toEqual({ enabled: false, required: false, demanded: false })
  })

  it('for chosen roles holds for their holders, as soon as they hold one', async () => {
    const admin = await freshAdmin(app)
    const chosen = await admin(roles.create, { body: { name: 'chosen' } })
    const other = await admin(roles.create, { body: { name: 'other' } })
    const inside = await makeUser(app, 'inside', { roles: [chosen.id, other.id] })
    const outside = await makeUser(app, 'outside', { roles: [other.id] })
    const machine = await makeUser(app, 'machine-8', {
      password: undefined,
      roles: [chosen.id],
      grantTypes: [{ method: 'certificate' }],
    })
    const [first, second] = [await signIn(app, 'inside'), await signIn(app, 'outside')]
    await setPolicy({ requiredFor: 'roles', roles: [chosen.id] })
    expect([await stageOf(first), await stageOf(second)]).toEqual(['mfa-enrolment-required', 'full'])

    const again = await freshAdmin(app)
    const { items } = await again(users.list, { search: { sort: 'username' } })
    const demandedOf = (id: string) => items.find((user) => user.id === id)?.mfa.demanded
    expect([inside.id, outside.id, machine.id].map(demandedOf)).toEqual([true, false, false])
    await again(users.update, { params: { id: outside.id }, body: { roles: [chosen.id] } })
    await again(users.update, { params: { id: inside.id }, body: { roles: [other.id] } })
    expect([await stageOf(first), await stageOf(second)]).toEqual(['full', 'mfa-enrolment-required'])
  })

  it('holds for a machine from when it gets the password grant', async () => {
    const { id } = await makeUser(app, 'machine-9', { grantTypes: [{ method: 'certificate' }], mfaRequired: true })
    const admin = await freshAdmin(app)
    expect((await admin(users.view, { params: { id } })).mfa).toEqual({
      enabled: false,
      required: true,
      demanded: false,
    })
    await admin(users.update, { params: { id }, body: { grantTypes: [{ method: 'password' }] } })
    expect(await stageOf(await signIn(app, 'machine-9'))).toBe('mfa-enrolment-required')
  })
})
