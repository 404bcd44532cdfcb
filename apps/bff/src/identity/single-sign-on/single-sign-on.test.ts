import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { enrol, freshAdmin, makeUser } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addProvider, type SsoWorld, startSsoWorld } from '../../../test/sso-world.ts'

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

const stageIn = async (browser: { call: ReturnType<SsoWorld['open']>['call'] }) =>
  browser.call(session.view, {}).then(
    ({ stage }) => stage,
    ({ code }: { code: string }) => code,
  )

describe('signing in', () => {
  it('makes a user with the mapped roles, and goes on to the page that the person wanted', async () => {
    world.be('alice', { roles: ['operator', 'something else'], name: 'Alice A.' })
    const browser = world.open()
    expect(await world.signIn(browser, '?to=/roles?search=a')).toBe('/roles?search=a')
    const { user, stage } = await browser.call(session.view, {})
    expect({ user, stage }).toMatchObject({
      stage: 'full',
      user: { username: 'alice', displayName: 'Alice A.', identityProvider: 'oidc:sso', roleNames: ['line-3'] },
    })
    const { items } = await (await freshAdmin(world.app))(audit.list, { search: { 'action[eq]': 'session.signed-in' } })
    expect(items.some(({ actor }) => actor?.username === 'alice')).toBe(true)
  })

  it('finds the same user again by the subject, under another name', async () => {
    world.be('alice', { preferred_username: 'alice.married' })
    const browser = world.open()
    expect(await world.signIn(browser)).toBe('/')
    expect((await browser.call(session.view, {})).user).toMatchObject({ username: 'alice', roleNames: [] })
  })

  it('never merges with an account that has the name already', async () => {
    await makeUser(world.app, 'bob')
    world.be('bob')
    const browser = world.open()
    expect(await world.signIn(browser)).toBe('/#sso=username_taken_here')
    expect(await stageIn(browser)).toBe('not_signed_in')
  })

  it('refuses a user who is disabled here', async () => {
    world.be('carol')
    await world.signIn(world.open())
    const id = await door.idOf('carol')
    await (await freshAdmin(world.app))(users.update, { params: { id }, body: { disabled: true } })
    const browser = world.open()
    expect(await world.signIn(browser)).toBe('/#sso=sign_in_refused')
    expect(await stageIn(browser)).toBe('not_signed_in')
  })

  it('replaces the session that the browser had, by one with another secret', async () => {
    world.be('dave')
    const browser = world.open()
    await world.signIn(browser)
    const before = browser.cookie()
    const fixed = world.open()
    fixed.jar.set('gatehouse', before ?? '')
    await world.signIn(fixed)
    expect(fixed.cookie()).not.toBe(before)
    expect(await stageIn(fixed)).toBe('full')
    expect(await stageIn(browser)).toBe('not_signed_in')
  })
})

describe('groups that the provider does not name', () => {
  // As at Entra ID, which writes a reference in place of a long list.
  const source = { endpoint: 'https://graph.example/getMemberObjects' }
  const tooMany = { roles: undefined, _claim_names: { roles: 'src1' }, _claim_sources: { src1: source } }

  it('leave the roles of a known user as they are', async () => {
    world.be('erin', { roles: ['operator'] })
    await world.signIn(world.open())
    world.be('erin', tooMany)
    const browser = world.open()
    expect(await world.signIn(browser)).toBe('/')
    expect((await browser.call(session.view, {})).user?.roleNames).toEqual(['line-3'])
  })

  it('refuse a new user', async () => {
    world.be('frank', tooMany)
    expect(await world.signIn(world.open())).toBe('/#sso=groups_unknown')
    expect(await door.rows("select id from users where username = 'frank'")).toEqual([])
  })
})

describe('an answer is refused', () => {
  it('without the cookie of its flow', async () => {
    world.be('grace')
    const callback = await world.begin(world.open())
    const other = world.open()
    expect(await world.finish(other, callback)).toBe('/#sso=sso_expired')
    expect(await stageIn(other)).toBe('not_signed_in')
  })

  it('a second time, also from a browser that kept the cookie', async () => {
    world.be('grace')
    const browser = world.open()
    const callback = await world.begin(browser)
    const kept = new Map(browser.jar)
    expect(await world.finish(browser, callback)).toBe('/')
    expect(await world.finish(browser, callback)).toBe('/#sso=sso_expired')
    const copy = world.open()
    for (const [name, pair] of kept) copy.jar.set(name, pair)
    expect(await world.finish(copy, callback)).toBe('/#sso=sso_failed')
    expect(await stageIn(copy)).toBe('not_signed_in')
  })

  it('at the path of another provider', async () => {
    await addProvider(await freshAdmin(world.app), world.idp, { name: 'other' })
    world.be('grace')
    const browser = world.open()
    const callback = (await world.begin(browser)).replace('/sso/', '/other/')
    expect(await world.finish(browser, callback)).toBe('/#sso=sso_failed')
  })

  it('where the person cancelled at the provider', async () => {
    world.idp.person = null
    expect(await world.signIn(world.open())).toBe('/#sso=sso_denied')
  })

  it('after ten minutes', async () => {
    world.be('grace')
    const browser = world.open()
    const callback = await world.begin(browser)
    world.app.advance(10 * 60_000)
    expect(await world.finish(browser, callback)).toBe('/#sso=sso_expired')
    world.app.advance(-10 * 60_000)
  })
})

it('takes the answers of two tabs in any order, and forgets the oldest of more than three', async () => {
  world.be('heidi')
  const browser = world.open()
  const callbacks = []
  for (let tab = 0; tab < 4; tab += 1) callbacks.push(await world.begin(browser, `?to=/tab-${tab}`))
  const [first = '', second = '', third = '', fourth = ''] = callbacks
  expect(await world.finish(browser, fourth)).toBe('/tab-3')
  expect(await world.finish(browser, second)).toBe('/tab-1')
  expect(await world.finish(browser, third)).toBe('/tab-2')
  expect(await world.finish(browser, first)).toBe('/#sso=sso_expired')
})

it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/api/users'])(
  'does not go on to %s',
  async (to) => {
    world.be('ivan')
    expect(await world.signIn(world.open(), `?to=${encodeURIComponent(to)}`)).toBe('/')
  },
)

describe('a second factor', () => {
  it('of ours is asked for after the provider, where the user has one', async () => {
    world.be('judy')
    const browser = world.open()
    await world.signIn(browser)
    await enrol(world.app, browser)
    const again = world.open()
    await world.signIn(again)
    expect(await stageIn(again)).toBe('mfa-required')
  })

  it('of the provider counts only where the administrator has said so', async () => {
    const admin = await freshAdmin(world.app)
    const { identityProviders } = await import('@gatehouse/contract/identity/providers')
    const { id } = world.provider
    await admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', mfaForNew: true } })
    world.be('kim', { amr: ['pwd', 'otp'] })
    const without = world.open()
    await world.signIn(without)
    const provider = { name: 'sso', label: 'Company account' }
    expect(await without.call(session.view, {})).toEqual({ stage: 'mfa-enrolment-required', provider })
    const settings = { acceptedAmr: ['otp'] }
    await admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', mfaForNew: false, settings } })
    const counted = world.open()
    await world.signIn(counted)
    expect(await stageIn(counted)).toBe('full')
    world.be('kim', { amr: ['pwd'] })
    const weak = world.open()
    await world.signIn(weak)
    expect(await stageIn(weak)).toBe('mfa-enrolment-required')
  })
})
