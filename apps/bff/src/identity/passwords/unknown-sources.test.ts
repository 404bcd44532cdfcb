/** Security rule 19: strangers cannot lock a user out. */
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused } from '../../../test/app.ts'
import { enrol } from '../../../test/authenticator.ts'
import { type Strangers, signIn, startStrangers, wrongPassword } from '../../../test/strangers.ts'

let world: Strangers
beforeAll(async () => void (world = await startStrangers()))
afterAll(() => world.stop())

const newPassword = 'quite another password'
const home = '198.51.100.1'
const abroad = '192.0.2.1'

const deviceOf = ({ jar }: Browser) => jar.get('gatehouse-device') ?? ''

describe('guesses for one user from many addresses', () => {
  it('lock out unknown sources, but no known address or browser', async () => {
    await world.makeUser('hunted')
    const browser = world.browserAt(home)
    await signIn(browser, 'hunted')
    await world.login('198.51.100.9', 'hunted')
    await world.hunt('hunted')

    // An unknown source.
    await refused(signIn(world.browserAt(abroad), 'hunted'), 'throttled')
    await refused(world.login(abroad, 'hunted'), 'throttled')
    // In turn: the known address without the cookie, the address of the script, the known browser at another address.
    await signIn(world.browserAt(home), 'hunted')
    await world.login('198.51.100.9', 'hunted')
    browser.goTo('192.0.2.77')
    await signIn(browser, 'hunted')
    await browser.call(session.prove, { body: { password: goodPassword } })
    await browser.call(session.changePassword, { body: { currentPassword: goodPassword, newPassword } })
    // The new password made all sources unknown except this browser and this address.
    await refused(signIn(world.browserAt(home), 'hunted', newPassword), 'throttled')
    browser.goTo('192.0.2.78')
    await signIn(browser, 'hunted', newPassword)
  })

  it('are limited to the pace of one address from a known address too', async () => {
    await world.makeUser('paced')
    await signIn(world.browserAt(home), 'paced')
    for (let n = 0; n < 5; n++)
      await refused(signIn(world.browserAt(home), 'paced', wrongPassword), 'wrong_credentials')
    const problem = await refused(signIn(world.browserAt(home), 'paced'), 'throttled')
    expect(problem.retryAfterSeconds).toBeLessThanOrEqual(30)
    expect(problem.problem.facts).toBeUndefined()
  })

  it('cannot use a made-up device cookie or that of another user', async () => {
    await world.makeUser('forged')
    await world.makeUser('other')
    const other = world.browserAt(home)
    await signIn(other, 'other')
    await world.hunt('forged')
    other.goTo(abroad)
    await refused(signIn(other, 'forged'), 'throttled')
    const forger = world.browserAt(abroad)
    for (const value of ['x'.repeat(43), '', '.', 'x'.repeat(5_000), `${'a'.repeat(43)}.`.repeat(100)]) {
      forger.jar.set('gatehouse-device', `gatehouse-device=${value}`)
      await refused(signIn(forger, 'forged'), 'throttled')
    }
  })
})

describe('a device cookie', () => {
  it('is HttpOnly and SameSite=Strict, stays after sign-out, and is not set for scripts', async () => {
    await world.makeUser('attributes')
    const headers = { 'X-Requested-With': 'gatehouse', 'Content-Type': 'application/json' }
    const body = JSON.stringify({ username: 'attributes', password: goodPassword })
    const post = (more: Record<string, string>) =>
      fetch(`${world.app.url}/api/session`, { method: 'POST', headers: { ...headers, ...more }, body })
    const answer = await post({ 'Sec-Fetch-Site': 'same-origin' })
    const [, line = ''] = answer.headers.getSetCookie()
    expect(line).toMatch(
      /^gatehouse-device=[\w-]{43}; Max-Age=15552000; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    )
    expect((await post({})).headers.getSetCookie()).toHaveLength(1)

    const browser = world.browserAt(home)
    await signIn(browser, 'attributes')
    await browser.call(session.signOut, {})
    expect(deviceOf(browser)).not.toBe('')
  })

  it('identifies no user by itself, and is stored as a hash', async () => {
    await world.makeUser('only-counts')
    const browser = world.browserAt(home)
    await signIn(browser, 'only-counts')
    const device = deviceOf(browser)
    const { status } = await fetch(`${world.app.url}/api/session`, { headers: { Cookie: device } })
    expect(status).toBe(401)
    expect(await world.door.everything()).not.toContain(device.split('=')[1])
  })

  it('that was stolen has its own pool, and stops working after the next sign-in', async () => {
    await world.makeUser('robbed')
    const browser = world.browserAt(home)
    await signIn(browser, 'robbed')
    const thief = world.browserAt(abroad)
    thief.jar.set('gatehouse-device', deviceOf(browser))
    await world.hunt('robbed')
    for (let n = 0; n < 5; n++) await refused(signIn(thief, 'robbed', wrongPassword), 'wrong_credentials')
    await refused(signIn(thief, 'robbed'), 'throttled')
    // The owner's browser shares that pool, and goes on by its known address.
    await signIn(browser, 'robbed')
    world.app.advance(60_000)
    await refused(signIn(thief, 'robbed', wrongPassword), 'throttled')
    browser.goTo('192.0.2.79')
    await signIn(browser, 'robbed')
  })

  it('holds several users of one browser, and at most ten browsers of one user are known', async () => {
    for (const username of ['shift-1', 'shift-2']) await world.makeUser(username)
    const shared = world.browserAt(home)
    await signIn(shared, 'shift-1')
    await signIn(shared, 'shift-2')
    expect(deviceOf(shared).split('.')).toHaveLength(2)
    const first = world.browserAt('198.51.100.2')
    await signIn(first, 'shift-1')
    for (let n = 0; n < 10; n++) {
      world.app.advance(1_000)
      await signIn(world.browserAt('198.51.100.2'), 'shift-1')
    }
    const id = await world.door.idOf('shift-1')
    const count = (kind: string) =>
      world.door.value<number>('select count(*) from known_sources where user_id = ? and kind = ?', id, kind)
    expect(await count('device')).toBe(10)
    for (let n = 0; n < 35; n++) {
      world.app.advance(1_000)
      await world.login(`10.9.0.${n}`, 'shift-1')
    }
    expect(await count('console')).toBe(30)
  })

  it('is not set before the code of a user with a second factor', async () => {
    await world.makeUser('half')
    const browser = world.browserAt(home)
    await signIn(browser, 'half')
    await enrol(world.app, browser)
    const thief = world.browserAt(abroad)
    await signIn(thief, 'half')
    expect(deviceOf(thief)).toBe('')
    const known = await world.door.column<string>(
      "select source from known_sources where kind = 'console' and user_id = ?",
      await world.door.idOf('half'),
    )
    expect(known).toEqual([home])
  })

  it('of a disabled or deleted user admits nobody', async () => {
    const { id } = await world.makeUser('gone')
    const browser = world.browserAt(home)
    await signIn(browser, 'gone')
    await world.door.setFacts('gone', { disabled_at: new Date().toISOString() })
    await refused(signIn(browser, 'gone'), 'sign_in_refused')
    const admin = world.browserAt(home)
    await signIn(admin, 'admin')
    await admin.call(users.remove, { params: { id } })
    await refused(signIn(browser, 'gone'), 'wrong_credentials')
    expect(await world.door.rows('select * from known_sources where user_id = ?', id)).toEqual([])
  })
})

it('wrong passwords from one address close it for unknown users, but not for users who were right there', async () => {
  await world.makeUser('neighbour')
  await world.makeUser('newcomer')
  await signIn(world.browserAt('198.51.100.50'), 'neighbour')
  await world.exhaust('198.51.100.50')
  const problem = await refused(signIn(world.browserAt('198.51.100.50'), 'newcomer'), 'throttled')
  expect(problem.problem.facts).toBeUndefined()
  await signIn(world.browserAt('198.51.100.50'), 'neighbour')
  await world.login('198.51.100.50', 'neighbour')
})
