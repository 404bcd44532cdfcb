import { identities } from '@gatehouse/contract/identity/identities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused } from '../../../test/app.ts'
import { freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { type SsoBrowser, type SsoWorld, startSsoWorld } from '../../../test/sso-world.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { deleteExpired } from '../../retention-job.ts'

let world: SsoWorld
let door: BackDoor

beforeAll(async () => {
  world = await startSsoWorld()
  door = openBackDoor(world.app)
})

afterAll(async () => {
  await door.close()
  await world.stop()
})

async function isOpen({ call }: Pick<SsoBrowser, 'call'>): Promise<boolean> {
  return call(session.view, {}).then(
    () => true,
    () => false,
  )
}

/** A browser in which this person is signed in through the provider. */
async function openAs(id: string, claims?: Record<string, unknown>): Promise<SsoBrowser> {
  world.be(id, claims)
  const browser = world.open()
  expect(await world.signIn(browser)).toBe('/')
  return browser
}

async function signedInDaysAgo(username: string, days: number): Promise<void> {
  const at = new Date(world.app.now().getTime() - days * 24 * 60 * 60_000).toISOString()
  const own = 'select id from users where username = ?'
  await door.run(`update user_identities set last_provider_sign_in_at = ? where user_id = (${own})`, at, username)
}

async function stepsOf(changes: { settings?: object; secret?: string }): Promise<string[]> {
  const admin = await freshAdmin(world.app)
  const { id } = world.provider
  const { steps } = await admin(identityProviders.test, {
    params: { id },
    body: { changes: { kind: 'oidc', ...changes } },
  })
  return steps.map(({ step, outcome, problem }) => `${step} ${problem ?? outcome}`)
}

const proveLongAgo = async (username: string) => {
  const at = new Date(world.app.now().getTime() - 11 * 60_000).toISOString()
  const ofUser = 'select sessions.id from sessions join users on users.id = sessions.user_id where users.username = ?'
  await door.run(`update session_proofs set at = ? where session_id in (${ofUser})`, at, username)
}

describe('a recent proof', () => {
  it('is given at the provider, where the person signs in again', async () => {
    const browser = await openAs('alice')
    await proveLongAgo('alice')
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
    expect(await world.signIn(browser, '?for=step-up&to=/account')).toBe('/account')
    await browser.call(mfa.enrol, {})
  })

  it('is not given by another person', async () => {
    const browser = await openAs('bob')
    await proveLongAgo('bob')
    world.be('mallory')
    browser.there.clear()
    expect(await world.signIn(browser, '?for=step-up')).toBe('/#sso=sso_other_person')
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
    const search = { 'action[eq]': 'session.refused', limit: 1 } as const
    const [event] = (await (await freshAdmin(world.app))(audit.list, { search })).items
    expect(event).toMatchObject({ actor: { username: 'bob' }, via: 'session', reason: 'sso_other_person' })
  })

  it('is not given by a sign-in that was before', async () => {
    const browser = await openAs('carol')
    await proveLongAgo('carol')
    // Our clock is ahead, so the sign-in there seems to be older than the flow. So it is where a provider asks nothing.
    world.app.advance(3 * 60_000)
    expect(await world.signIn(browser, '?for=step-up')).toBe('/#sso=sso_not_fresh')
    world.app.advance(-3 * 60_000)
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
  })

  it('needs a session that is still open', async () => {
    expect(await world.begin(world.open(), '?for=step-up')).toBe('/#sso=not_signed_in')
    const browser = await openAs('dave')
    const callback = await world.begin(browser, '?for=step-up')
    await browser.call(session.signOut, {})
    expect(await world.finish(browser, callback)).toBe('/#sso=not_signed_in')
  })

  it('is not given where an administrator disables the provider before its answer comes', async () => {
    await makeUser(world.app, 'vera')
    const browser: SsoBrowser = { ...(await signIn(world.app, 'vera')), there: new Map() }
    world.be('vera.at.work')
    expect(await world.signIn(browser, '?for=link')).toBe('/')
    await proveLongAgo('vera')
    const callback = await world.begin(browser, '?for=step-up')
    const enable = async (enabled: boolean) => {
      const admin = await freshAdmin(world.app)
      await admin(identityProviders.update, { params: { id: world.provider.id }, body: { kind: 'oidc', enabled } })
    }
    world.idp.beforeAnswer = () => enable(false)
    expect(await world.finish(browser, callback)).toBe('/#sso=unknown_provider')
    world.idp.beforeAnswer = async () => {}
    await enable(true)
    await refused(browser.call(mfa.enrol, {}), 'proof_required')
  })
})

describe('linking', () => {
  it('gives a local user a second way in', async () => {
    await makeUser(world.app, 'erin')
    const local = await signIn(world.app, 'erin')
    const browser: SsoBrowser = { ...local, there: new Map() }
    world.be('erin.at.work', { roles: ['operator'] })
    expect(await world.signIn(browser, '?for=link&to=/account')).toBe('/account')
    expect((await browser.call(identities.list, {})).items).toMatchObject([
      { isOrigin: false, provider: { name: 'sso' }, label: 'erin.at.work' },
    ])
    const through = await openAs('erin.at.work', { roles: ['operator'] })
    // Only the provider that a user comes from gives roles.
    expect((await through.call(session.view, {})).user).toMatchObject({ username: 'erin', roleNames: [] })
  })

  it('needs a recent proof', async () => {
    await makeUser(world.app, 'frank')
    const browser: SsoBrowser = { ...(await signIn(world.app, 'frank')), there: new Map() }
    await proveLongAgo('frank')
    expect(await world.begin(browser, '?for=link')).toBe('/#sso=proof_required')
  })

  it('refuses an identity that belongs to another user', async () => {
    await openAs('grace')
    await makeUser(world.app, 'heidi')
    const browser: SsoBrowser = { ...(await signIn(world.app, 'heidi')), there: new Map() }
    expect(await world.signIn(browser, '?for=link')).toBe('/#sso=identity_taken')
  })
})

describe('signing out', () => {
  it('goes on to the provider, which signs the person out and sends the browser back', async () => {
    const browser = await openAs('ivan')
    const { continueAt } = await browser.call(session.signOut, {})
    expect(await isOpen(browser)).toBe(false)
    expect(await world.idp.signOut(continueAt ?? '', browser.there)).toBe(`${world.app.url}/`)
    const local = await signIn(world.app, 'admin')
    expect(await local.call(session.signOut, {})).toEqual({ continueAt: null })
  })

  it('by the person at the provider ends the session here', async () => {
    const browser = await openAs('judy')
    const other = await openAs('judy')
    await world.idp.signOut(`${world.idp.issuer}/session/end`, browser.there)
    await expect.poll(() => isOpen(browser)).toBe(false)
    expect(await isOpen(other)).toBe(true)
    expect(world.idp.refusedLogouts).toBe(0)
  })

  it('refuses a logout token that is forged, used, or none', async () => {
    const url = `${world.app.url}/api/auth/oidc/sso/back-channel-logout`
    const post = async (body: string, type = 'application/x-www-form-urlencoded') =>
      (await fetch(url, { method: 'POST', headers: { 'Content-Type': type }, body })).status
    const forged = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"judy"}')}.`
    expect(await post(`logout_token=${forged}`)).toBe(400)
    expect(await post('')).toBe(400)
    expect(await post(`logout_token=${'x'.repeat(40_000)}`)).toBe(400)
    expect(await post('{}', 'application/json')).toBe(400)
  })
})

describe('a user who has not signed in at the provider for too long', () => {
  it.each([
    [29, true],
    [30, false],
    [-1, false],
  ])('after %i days: sessions work %s', async (days, works) => {
    const browser = await openAs('kim')
    await signedInDaysAgo('kim', days)
    expect(await isOpen(browser)).toBe(works)
  })

  it('loses tokens at use, and all of them within the hour', async () => {
    await openAs('leo')
    const token = await door.asToken('leo')
    await door.run("insert into user_grants select id, 'token', 0 from users where username = 'leo'")
    await refused(token(users.list, {}), 'not_permitted')
    await signedInDaysAgo('leo', 31)
    await refused(token(users.list, {}), 'not_signed_in')
    const rows = () => door.rows("select id from tokens where user_id = (select id from users where username = 'leo')")
    expect(await rows()).toHaveLength(1)
    const { db, close } = await openDatabase(world.app.database)
    await deleteExpired({ db, clock: { now: () => world.app.now() } })
    await close()
    expect(await rows()).toHaveLength(0)
  })

  it('loses sessions where the stored time of the sign-in is no time', async () => {
    const browser = await openAs('olga')
    const own = "select id from users where username = 'olga'"
    await door.run(`update user_identities set last_provider_sign_in_at = 'x' where user_id = (${own})`)
    expect(await isOpen(browser)).toBe(false)
  })
})

describe('with passwords for administrators only', () => {
  it('refuses the password of others after it was right, in the console, for scripts and for step-up', async () => {
    await makeUser(world.app, 'mia')
    const before = await signIn(world.app, 'mia')
    const admin = await freshAdmin(world.app)
    await admin(settings.update, { body: { signIn: { passwordsOfAdministratorsOnly: true } } })
    expect((await world.app.anyone(session.providers, {})).passwordSignIn).toBe(false)
    const body = { username: 'mia', password: goodPassword }
    await refused(world.app.anyone(session.signIn, { body }), 'password_sign_in_off')
    await refused(world.app.anyone(session.login, { body }), 'password_sign_in_off')
    await refused(before.call(session.prove, { body: { password: goodPassword } }), 'password_sign_in_off')
    await refused(world.app.anyone(session.signIn, { body: { ...body, password: 'a wrong one' } }), 'wrong_credentials')
    expect(await isOpen(await openAs('nina'))).toBe(true)
    const again = await freshAdmin(world.app)
    await again(settings.update, { body: { signIn: { passwordsOfAdministratorsOnly: false } } })
    const { items } = await again(audit.list, { search: { limit: 1, 'targetType[eq]': 'settings' } })
    expect(items[0]?.after).toMatchObject({ weakened: ['signIn.passwordsOfAdministratorsOnly'] })
    await world.app.anyone(session.signIn, { body })
  })

  it('is refused while no OpenID provider is enabled', async () => {
    const admin = await freshAdmin(world.app)
    const { id } = world.provider
    const setEnabled = (enabled: boolean) =>
      admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', enabled } })
    await setEnabled(false)
    const body = { signIn: { passwordsOfAdministratorsOnly: true } }
    await refused(admin(settings.update, { body }), 'unknown_provider')
    await setEnabled(true)
  })
})

describe('a test of the connection', () => {
  it.each<[string, { settings?: object; secret?: string }, string[]]>([
    ['works', {}, ['discovery passed', 'keys passed', 'client passed']],
    ['names a wrong secret', { secret: 'x' }, ['discovery passed', 'keys passed', 'client client_refused']],
    [
      'names an address that is not allowed',
      { settings: { mayBePrivate: false } },
      ['discovery address_not_allowed', 'keys skipped', 'client skipped'],
    ],
    [
      'names a server that is not there',
      { settings: { issuer: 'http://127.0.0.1:1' }, secret: 'x' },
      ['discovery refused_connection', 'keys skipped', 'client skipped'],
    ],
    [
      'names a server that is no provider',
      { settings: { issuer: 'http://127.0.0.1:0' }, secret: 'x' },
      ['discovery refused_connection', 'keys skipped', 'client skipped'],
    ],
  ])('%s', async (_name, changes, expected) => {
    expect(await stepsOf(changes)).toEqual(expected)
  })
})

it('says that a provider is down, and counts nothing', async () => {
  const admin = await freshAdmin(world.app)
  const { id } = world.provider
  const { issuer, clientSecret: secret } = world.idp
  const update = (change: string) =>
    admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', settings: { issuer: change }, secret } })
  await update('http://127.0.0.1:1')
  const before = await door.rows('select * from attempts')
  expect(await world.begin(world.open(), '?to=/users')).toBe('/users#sso=provider_unavailable')
  expect(await door.rows('select * from attempts')).toEqual(before)
  await update(issuer)
})
