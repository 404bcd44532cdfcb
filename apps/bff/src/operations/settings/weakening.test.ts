/** Only administrators change policies, and the audit names a change that makes one weaker. */

import { everything, type Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import type { Call } from '@gatehouse/contract/client'
import { audit } from '@gatehouse/contract/operations/audit'
import { type Settings, type SettingsUpdate, settings } from '@gatehouse/contract/operations/settings'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
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

const settingsOnly: Permission = { context: 'http', resource: '/api/settings', operation: 'readWrite' }
const allPaths: Permission = { context: 'http', resource: '/#', operation: 'readWrite' }
const rolesToo: Permission = { context: 'http', resource: '/api/roles/#', operation: 'readWrite' }

let made = 0
async function personWith(permissions: readonly Permission[]): Promise<{ username: string; call: Call }> {
  const username = `person-${++made}`
  await makeUser(app, username, { permissions: [...permissions] })
  return { username, call: (await signIn(app, username)).call }
}

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: 'not_permitted' | 'above_caller') {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

const noFactor: SettingsUpdate = { mfa: { requiredFor: 'nobody', roles: [] } }

describe('a change of policies', () => {
  it.each([
    ['the path alone', [settingsOnly], everything[0]],
    ['every path and nothing on the broker', [allPaths], everything[1]],
  ])('is refused to a user with %s', async (_, permissions, needed) => {
    const { call } = await personWith(permissions)
    const { problem } = await refusedWithoutEffect(() => call(settings.update, { body: noFactor }), 'not_permitted')
    expect(problem.facts).toEqual({ needed })
    expect(await call(settings.view, {})).toMatchObject({ version: 1 })
  })

  it('is refused to a token of an administrator that is narrowed to the path', async () => {
    const token = await door.openToken('admin', { permissions: [settingsOnly] })
    const patch = async () => {
      const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
      const body = JSON.stringify(noFactor)
      return (await fetch(`${app.url}/api/settings`, { method: 'PATCH', headers, body })).status
    }
    const before = await door.everything()
    expect(await patch()).toBe(403)
    expect(await door.everything()).toBe(before)
  })

  it('is accepted from a user who holds all permissions without the role of administrators', async () => {
    const { call } = await personWith(everything)
    expect(await call(settings.update, { body: noFactor })).toMatchObject({ version: 2 })
  })
})

describe('the deletion of a role that a policy names', () => {
  it('is refused to a user who may not change policies', async () => {
    const admin = await freshAdmin(app)
    const named = await admin(roles.create, { body: { name: 'named-by-policy' } })
    await admin(settings.update, { body: { mfa: { requiredFor: 'roles', roles: [named.id] } } })
    const { call } = await personWith([rolesToo])
    await refusedWithoutEffect(() => call(roles.remove, { params: { id: named.id } }), 'above_caller')
    await admin(roles.remove, { params: { id: named.id } })
    expect((await admin(settings.view, {})).mfa.roles).toEqual([])
  })
})

async function lastChange() {
  const { items } = await (await freshAdmin(app))(audit.list, { search: { limit: 1, 'targetType[eq]': 'settings' } })
  return items[0]
}

const base: Omit<Settings, 'version'> = {
  password: { min: 20, minWithFactor: 15, lower: 2, upper: 2, numeric: 2, symbol: 2, blocklist: true },
  session: { idleMinutes: 60, absoluteHours: 12 },
  throttle: { freeFailures: 5, firstWaitSeconds: 30, longestWaitMinutes: 15 },
  mfa: { requiredFor: 'nobody', roles: [] },
  audit: { keepDays: 365 },
  decisions: { keepDays: 14 },
  crl: { whenExpired: 'refuse' },
  clientCertificates: { maxDays: 90 },
  certificates: { clockSkewMinutes: 5 },
  signIn: { passwordsOfAdministratorsOnly: false },
}

describe('the audit names the weaker policies', () => {
  it.each<[string, SettingsUpdate, string[]]>([
    ['a shorter password', { password: { ...base.password, min: 19 } }, ['password.min']],
    [
      'a shorter one beside a factor',
      { password: { ...base.password, minWithFactor: 14 } },
      ['password.minWithFactor'],
    ],
    [
      'fewer kinds of characters',
      { password: { ...base.password, lower: 1, upper: 1, numeric: 1, symbol: 1 } },
      ['password.lower', 'password.upper', 'password.numeric', 'password.symbol'],
    ],
    ['common passwords allowed', { password: { ...base.password, blocklist: false } }, ['password.blocklist']],
    ['a longer rest', { session: { ...base.session, idleMinutes: 61 } }, ['session.idleMinutes']],
    ['a longer session', { session: { ...base.session, absoluteHours: 13 } }, ['session.absoluteHours']],
    ['more free failures', { throttle: { ...base.throttle, freeFailures: 6 } }, ['throttle.freeFailures']],
    ['a shorter first wait', { throttle: { ...base.throttle, firstWaitSeconds: 29 } }, ['throttle.firstWaitSeconds']],
    [
      'a shorter last wait',
      { throttle: { ...base.throttle, longestWaitMinutes: 14 } },
      ['throttle.longestWaitMinutes'],
    ],
    ['an audit kept for less long', { audit: { keepDays: 364 } }, ['audit.keepDays']],
    ['expired revocation lists accepted', { crl: { whenExpired: 'accept' } }, ['crl.whenExpired']],
    ['decisions kept for less long', { decisions: { keepDays: 13 } }, ['decisions.keepDays']],
    ['longer certificates', { clientCertificates: { maxDays: 91 } }, ['clientCertificates.maxDays']],
    ['clocks that may differ by more', { certificates: { clockSkewMinutes: 6 } }, ['certificates.clockSkewMinutes']],
    ['one weaker and one stronger', { session: { idleMinutes: 61, absoluteHours: 1 } }, ['session.idleMinutes']],
  ])('%s', async (_, body, weakened) => {
    const admin = await freshAdmin(app)
    await admin(settings.update, { body: base })
    await admin(settings.update, { body })
    expect(await lastChange()).toMatchObject({ action: 'settings.weakened', after: { weakened } })
  })

  it.each<[SettingsUpdate['mfa'], string]>([
    [{ requiredFor: 'nobody', roles: [] }, 'mfa.requiredFor'],
    [{ requiredFor: 'roles', roles: [] }, 'mfa.requiredFor'],
  ])('names a second factor that fewer users need: %j', async (mfa, weakened) => {
    await door.run(
      'insert into settings (id, policies, version) values (1, ?, 2)',
      JSON.stringify({ ...base, mfa: { requiredFor: 'everyone', roles: [] } }),
    )
    await door.setFacts('admin', { mfa_enrolled_at: app.now().toISOString() })
    try {
      const call = await door.asToken('admin')
      await call(settings.update, { body: { mfa } })
      const { items } = await call(audit.list, { search: { limit: 1, 'targetType[eq]': 'settings' } })
      expect(items[0]).toMatchObject({ action: 'settings.weakened', after: { weakened: [weakened] } })
    } finally {
      await door.run('update users set mfa_enrolled_at = null')
      await door.run('delete from authenticators')
    }
  })

  it('names a role that was removed from the list or deleted', async () => {
    const admin = await freshAdmin(app)
    const kept = await admin(roles.create, { body: { name: 'kept' } })
    const gone = await admin(roles.create, { body: { name: 'gone' } })
    const demand = (ids: string[]) => admin(settings.update, { body: { mfa: { requiredFor: 'roles', roles: ids } } })
    await demand([kept.id, gone.id])
    expect(await lastChange()).toMatchObject({ action: 'settings.updated' })
    await demand([gone.id])
    const weakened = { action: 'settings.weakened', after: { weakened: ['mfa.roles'] } }
    expect(await lastChange()).toMatchObject(weakened)
    await admin(roles.remove, { params: { id: gone.id } })
    expect(await lastChange()).toMatchObject({ ...weakened, before: { mfa: { roles: [gone.id] } } })
  })

  it('names nothing for a stronger or equal policy', async () => {
    const admin = await freshAdmin(app)
    await admin(settings.update, { body: base })
    const { password, session: lengths, throttle } = base
    const stronger: SettingsUpdate = {
      password: { ...password, min: 21, symbol: 3 },
      session: { ...lengths, idleMinutes: 5 },
      throttle: { ...throttle, freeFailures: 1, firstWaitSeconds: 60 },
      audit: { keepDays: null },
      decisions: { keepDays: 90 },
      clientCertificates: { maxDays: 30 },
      certificates: { clockSkewMinutes: 0 },
    }
    for (const body of [stronger, {}]) {
      await admin(settings.update, { body })
      const event = await lastChange()
      expect(event?.action).toBe('settings.updated')
      expect(event?.after).not.toHaveProperty('weakened')
    }
  })
})
