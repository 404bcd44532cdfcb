/** Policies hold from the answer on, in every open session, within bounds that lock no user out. */

import { roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { policyBounds, type Settings, type SettingsUpdate, settings } from '@gatehouse/contract/operations/settings'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { enrol, freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

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
const defaults: Settings = {
  password: { min: 15, minWithFactor: 12, lower: 0, upper: 0, numeric: 0, symbol: 0, blocklist: true },
  session: { idleMinutes: 30, absoluteHours: 12 },
  throttle: { freeFailures: 5, firstWaitSeconds: 30, longestWaitMinutes: 15 },
  mfa: { requiredFor: 'nobody', roles: [] },
  audit: { keepDays: null },
  decisions: { keepDays: 14 },
  crl: { whenExpired: 'accept' },
  clientCertificates: { maxDays: 397 },
  certificates: { clockSkewMinutes: 5 },
  signIn: { passwordsOfAdministratorsOnly: false },
  version: 1,
}

const update = async (body: SettingsUpdate) => (await freshAdmin(app))(settings.update, { body })
const view = async () => (await freshAdmin(app))(settings.view, {})
const isOpen = ({ call }: Browser) =>
  call(session.view, {}).then(
    () => true,
    () => false,
  )

describe('the policies', () => {
  it('start with the defaults and change by groups; the audit has both states', async () => {
    expect(await view()).toEqual(defaults)
    const throttle = { freeFailures: 3, firstWaitSeconds: 60, longestWaitMinutes: 5 }
    expect(await update({ throttle })).toMatchObject({ ...defaults, throttle, version: 2, disconnected: 0 })
    expect(await view()).toEqual({ ...defaults, throttle, version: 2 })
    const { items } = await (await freshAdmin(app))(audit.list, { search: { 'action[eq]': 'settings.weakened' } })
    expect(items[0]).toMatchObject({
      actor: { username: 'admin' },
      target: { type: 'settings' },
      before: { throttle: defaults.throttle },
      after: { throttle, session: defaults.session, weakened: ['throttle.longestWaitMinutes'] },
    })
  })

  it('refuse an outdated version, also for two changes at the same moment', async () => {
    const admin = await freshAdmin(app)
    const wanted = [10, 20].map((idleMinutes) => ({ session: { idleMinutes, absoluteHours: 12 } }))
    const outcomes = await Promise.allSettled(wanted.map((body) => admin(settings.update, { body, ifMatch: 1 })))
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await refused(admin(settings.update, { body: {}, ifMatch: 1 }), 'changed_meanwhile')
    expect((await view()).version).toBe(2)
  })

  it('need a recent proof, and the permission', async () => {
    const browser = await signIn(app, 'admin')
    app.advance(10 * minute)
    const body = { session: { idleMinutes: 5, absoluteHours: 1 } }
    await refused(browser.call(settings.update, { body }), 'proof_required')
    await app.as('auditor')
    const auditor = await signIn(app, 'auditor')
    await refused(auditor.call(settings.update, { body }), 'not_permitted')
    expect(await auditor.call(settings.view, {})).toEqual(defaults)
  })

  it('survive a restart', async () => {
    await update({ session: { idleMinutes: 7, absoluteHours: 3 } })
    await app.restart()
    expect((await view()).session).toEqual({ idleMinutes: 7, absoluteHours: 3 })
  })
})

describe('a policy is refused', () => {
  const { password, session: lengths, throttle, mfa } = defaults
  it.each<[SettingsUpdate, string, string]>([
    [{ password: { ...password, min: 7 } }, 'password.min', 'too_small'],
    [{ password: { ...password, min: 65 } }, 'password.min', 'too_large'],
    [{ password: { ...password, minWithFactor: 7 } }, 'password.minWithFactor', 'too_small'],
    [{ password: { ...password, minWithFactor: 16 } }, 'password.minWithFactor', 'too_large'],
    [{ password: { ...password, symbol: 9 } }, 'password.symbol', 'too_large'],
    [{ password: { ...password, min: 15.5 } }, 'password.min', 'invalid'],
    [{ session: { ...lengths, idleMinutes: 0 } }, 'session.idleMinutes', 'too_small'],
    [{ session: { ...lengths, absoluteHours: 721 } }, 'session.absoluteHours', 'too_large'],
    [{ throttle: { ...throttle, freeFailures: 0 } }, 'throttle.freeFailures', 'too_small'],
    [{ throttle: { ...throttle, freeFailures: 21 } }, 'throttle.freeFailures', 'too_large'],
    [{ throttle: { ...throttle, firstWaitSeconds: 0 } }, 'throttle.firstWaitSeconds', 'too_small'],
    [{ throttle: { ...throttle, longestWaitMinutes: 1441 } }, 'throttle.longestWaitMinutes', 'too_large'],
    [{ audit: { keepDays: 29 } }, 'audit.keepDays', 'too_small'],
    [{ audit: { keepDays: 3_651 } }, 'audit.keepDays', 'too_large'],
    [{ clientCertificates: { maxDays: 3_651 } }, 'clientCertificates.maxDays', 'too_large'],
    [{ decisions: { keepDays: 91 } }, 'decisions.keepDays', 'too_large'],
    [{ audit: {} as never }, 'audit.keepDays', 'required'],
    [{ mfa: { ...mfa, requiredFor: 'some' as 'roles' } }, 'mfa.requiredFor', 'invalid'],
    [{ mfa: { requiredFor: 'roles' } as never }, 'mfa.roles', 'required'],
    [{ mfa: { ...mfa, more: true } as never }, 'mfa.more', 'unknown'],
    [{ passwords: password } as never, 'passwords', 'unknown'],
  ])('outside its bounds: %j', async (body, field, code) => {
    const admin = await freshAdmin(app)
    const before = await door.everything()
    expect((await refused(admin(settings.update, { body }), 'invalid')).fields).toMatchObject({ [field]: code })
    expect(await door.everything()).toBe(before)
  })

  it('if it names an unknown role', async () => {
    const body = { mfa: { requiredFor: 'roles' as const, roles: ['00000000-0000-7000-8000-000000000000'] } }
    expect((await refused(update(body), 'unknown_role')).fields).toEqual({ 'mfa.roles.0': 'unknown_role' })
    expect(await view()).toEqual(defaults)
  })

  it('but not after a role that it named was deleted', async () => {
    const admin = await freshAdmin(app)
    const kept = await admin(roles.create, { body: { name: 'kept' } })
    const gone = await admin(roles.create, { body: { name: 'gone' } })
    await update({ mfa: { requiredFor: 'roles', roles: [gone.id, kept.id] } })
    await admin(roles.remove, { params: { id: gone.id } })
    const after = await view()
    expect(after.mfa).toEqual({ requiredFor: 'roles', roles: [kept.id] })
    expect(after.version).toBe(3)
    const { items } = await admin(audit.list, { search: { limit: 3, 'target[eq]': 'policies' } })
    expect(items[0]).toMatchObject({ action: 'settings.weakened', actor: { username: 'admin' } })
    await update({ session: { idleMinutes: 20, absoluteHours: 12 } })
    await update({ mfa: after.mfa })
  })
})

describe('a policy holds at once', () => {
  it('for the idle time of sessions, also of open ones', async () => {
    await makeUser(app, 'idler')
    const browser = await signIn(app, 'idler')
    app.advance(6 * minute)
    expect(await isOpen(browser)).toBe(true)
    app.advance(6 * minute)
    await update({ session: { idleMinutes: 5, absoluteHours: 12 } })
    await refused(browser.call(session.view, {}), 'not_signed_in')
    const next = await signIn(app, 'idler')
    app.advance(4 * minute)
    expect(await isOpen(next)).toBe(true)
    app.advance(5 * minute)
    expect(await isOpen(next)).toBe(false)
  })

  it('for the length of sessions, without lengthening an open one', async () => {
    await makeUser(app, 'worker')
    const browser = await signIn(app, 'worker')
    for (let n = 0; n < 3; n++) {
      app.advance(25 * minute)
      expect(await isOpen(browser)).toBe(true)
    }
    await update({ session: { idleMinutes: 30, absoluteHours: 1 } })
    expect(await isOpen(browser)).toBe(false)

    const short = await signIn(app, 'worker')
    await update({ session: { idleMinutes: 30, absoluteHours: 24 } })
    for (let n = 0; n < 2; n++) {
      app.advance(25 * minute)
      expect(await isOpen(short)).toBe(true)
    }
    app.advance(15 * minute)
    expect(await isOpen(short)).toBe(false)
  })

  it('for wrong passwords', async () => {
    await makeUser(app, 'guessed')
    await update({ throttle: { freeFailures: 2, firstWaitSeconds: 300, longestWaitMinutes: 6 } })
    const fail = () => refused(signIn(app, 'guessed', 'wrong'), 'wrong_credentials')
    await fail()
    await fail()
    const wait = async () => (await refused(signIn(app, 'guessed'), 'throttled')).retryAfterSeconds ?? 0
    expect(await wait()).toBeGreaterThan(290)
    app.advance(5 * minute)
    await fail()
    // Doubling would give ten minutes. The limit is six.
    expect(await wait()).toBeGreaterThan(350)
    expect(await wait()).toBeLessThanOrEqual(360)
    app.advance(6 * minute)
    await signIn(app, 'guessed')
  })

  it('for new passwords, by length and kinds of characters; every caller may read it', async () => {
    const password = { ...defaults.password, min: 20, upper: 1, numeric: 2, symbol: 1 }
    await update({ password })
    expect(await app.anyone(session.passwordPolicy, {})).toEqual(password)
    const admin = await freshAdmin(app)
    const make = (word: string) => admin(users.create, { body: { username: 'newcomer', password: word } })
    for (const [word, code] of [
      ['nineteen characters', 'password_too_short'],
      ['twenty characters it is', 'password_upper'],
      ['Twenty characters 1t is', 'password_numeric'],
      ['TwentyCharacters1tIs22', 'password_symbol'],
    ] as const) {
      expect((await refused(make(word), 'password_refused')).fields).toEqual({ password: code })
    }
    expect((await admin(users.list, { search: { 'username[eq]': 'newcomer' } })).items).toEqual([])
    await make('Twenty characters 1t is 2')
    await signIn(app, 'admin', goodPassword)
  })
})

/** The service has no check of its own, because this test shows that the bounds suffice. A wider bound has to pass here. */
describe('no policy locks the last administrator out', () => {
  const { password, session: lengths, throttle } = policyBounds
  const loosest: SettingsUpdate = {
    password: { ...atEnd(password, 0), blocklist: false },
    session: atEnd(lengths, 1),
    throttle: { freeFailures: 20, firstWaitSeconds: 1, longestWaitMinutes: 1 },
    mfa: { requiredFor: 'nobody', roles: [] },
  }
  const strictest: SettingsUpdate = {
    password: { ...atEnd(password, 1), blocklist: true },
    session: atEnd(lengths, 0),
    throttle: { ...atEnd(throttle, 1), freeFailures: throttle.freeFailures[0] },
    mfa: { requiredFor: 'everyone', roles: [] },
  }

  it.each([
    ['loosest', loosest],
    ['strictest', strictest],
  ])(
    'with the %s, the administrator signs in after the longest wait, enrols, and undoes the change',
    async (_, policies) => {
      const other = await startApp()
      await (await other.as('admin'))(settings.update, { body: policies })
      for (let n = 0; n <= throttle.freeFailures[1]; n++) await signIn(other, 'admin', 'a wrong one').catch(() => {})
      other.advance(throttle.longestWaitMinutes[1] * minute)
      const browser = await signIn(other, 'admin')
      if (policies.mfa?.requiredFor === 'everyone') await enrol(other, browser)
      const { version: _version, ...before } = defaults
      await browser.call(settings.update, { body: before })
      expect(await browser.call(settings.view, {})).toEqual({ ...before, version: 3 })
      await other.stop()
    },
  )
})

function atEnd<B extends Record<string, readonly [number, number]>>(bounds: B, end: 0 | 1) {
  return Object.fromEntries(Object.entries(bounds).map(([name, ends]) => [name, ends[end]])) as {
    [K in keyof B]: number
  }
}
