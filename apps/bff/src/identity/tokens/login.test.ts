import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { adminRoleName } from '@gatehouse/contract/access/roles'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokenPattern, tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  await app.as('admin')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const run = promisify(execFile)
/** Sends no header except the given ones. */
async function curl(...args: string[]) {
  const { stdout } = await run('curl', ['--silent', '--show-error', ...args])
  return JSON.parse(stdout) as Record<string, unknown>
}

const bothGrants = [{ method: 'password' as const }, { method: 'token' as const }]

const login = (username: string, more: object = {}) =>
  app.anyone(session.login, { body: { username, password: goodPassword, ...more } })

const asToken = (token: string) => createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })

async function lastEvent() {
  const { items } = await (await app.as('admin'))(audit.list, { search: { limit: 1 } })
  return items[0]
}

const hours = async (more: object) => {
  const { expiresAt } = await login('admin', more)
  return Math.round((Date.parse(expiresAt) - Date.now()) / 3_600_000)
}

const tokenCount = () => door.value('select count(*) from tokens')

describe('the lines of the tutorial', () => {
  it('work with curl unchanged: without a content type, with brackets and -g', async () => {
    const credentials = JSON.stringify({ username: 'admin', password: goodPassword, expireTimeInHours: 1 })
    const { token } = await curl('--location', '--request', 'POST', `${app.url}/api/login`, '--data-raw', credentials)
    const authorization = `Authorization: Bearer ${String(token)}`
    const found = await curl(
      '-g',
      '--location',
      `${app.url}/api/roles?name[eq]=${adminRoleName}`,
      '--header',
      authorization,
    )
    const [role] = found.items as { id: string }[]
    const device = {
      username: 'device001',
      identityProvider: 'local',
      grantTypes: [{ method: 'certificate', isRequired: false }],
      roles: [role?.id],
    }
    const args = ['-k', '--location', '--request', 'POST', `${app.url}/api/users`, '--header', authorization]
    expect(await curl(...args, '--data-raw', JSON.stringify(device, null, 4))).toMatchObject({
      ...device,
      kind: 'machine',
    })
  })
})

describe('a token', () => {
  it('is made with username and password, sets no cookie, is stored only as a hash, and is recorded', async () => {
    const body = JSON.stringify({ username: 'admin', password: goodPassword, label: 'backup job' })
    const response = await fetch(`${app.url}/api/login`, { method: 'POST', body: Buffer.from(body) })
    const { token, id, expiresAt } = (await response.json()) as { token: string; id: string; expiresAt: string }
    expect(response.headers.getSetCookie()).toEqual([])
    expect(token).toMatch(tokenPattern)
    expect(await door.everything()).not.toContain(token)
    expect(await lastEvent()).toMatchObject({
      action: 'token.created',
      actor: { username: 'admin' },
      via: 'sign-in',
      target: { type: 'token', id, name: 'backup job' },
      after: { expiresAt },
    })
    expect(await asToken(token)(users.list, { search: { 'username[eq]': 'admin' } })).toMatchObject({ total: 1 })
  })

  it('lasts a day by default, and at most a year', async () => {
    expect([await hours({}), await hours({ expireTimeInHours: 1 }), await hours({ expireTimeInHours: 8_760 })]).toEqual(
      [24, 1, 8_760],
    )
    const before = await door.everything()
    for (const expireTimeInHours of [0, -1, 1.5, 8_761, '24', null]) {
      await refused(login('admin', { expireTimeInHours }), 'invalid')
    }
    for (const label of ['', 'x'.repeat(101), 'a\nb', 'a\u202eb']) await refused(login('admin', { label }), 'invalid')
    expect(await door.everything()).toBe(before)
  })

  it('names its user in the audit', async () => {
    const { token } = await login('admin')
    await asToken(token)(users.create, { body: { username: 'made-by-token' } })
    expect(await lastEvent()).toMatchObject({ action: 'user.created', actor: { username: 'admin' }, via: 'token' })
  })

  it('has the present permissions of its user', async () => {
    const admin = await app.as('admin')
    const auditor = await app.as('auditor')
    const token = asToken(await door.openToken('auditor'))
    const params = { id: await door.idOf('auditor') }
    const { roles } = await auditor(users.view, { params })
    expect(await token(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    await admin(users.update, { params, body: { roles: [] } })
    await refused(token(users.list, {}), 'not_permitted')
    await admin(users.update, { params, body: { roles } })
    expect(await token(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
  })

  it('is refused on the routes of the own account', async () => {
    const token = asToken(await door.openToken('admin'))
    const body = { currentPassword: goodPassword, newPassword: 'quite another password' }
    const before = await door.everything()
    await refused(token(tokens.list, {}), 'tokens_not_accepted')
    await refused(token(tokens.create, { body: { label: 'more' } }), 'tokens_not_accepted')
    await refused(token(tokens.revoke, { params: { id: await door.idOf('admin') } }), 'tokens_not_accepted')
    await refused(token(session.view, {}), 'tokens_not_accepted')
    await refused(token(session.signOut, {}), 'tokens_not_accepted')
    await refused(token(session.prove, { body: { password: goodPassword } }), 'tokens_not_accepted')
    await refused(token(session.changePassword, { body }), 'tokens_not_accepted')
    expect(await door.everything()).toBe(before)
  })

  it('counts as a recent proof on administrator routes', async () => {
    const { id } = await (await app.as('admin'))(users.create, { body: { username: 'reset-by-token' } })
    app.advance(20 * 60_000)
    const { password } = await asToken((await login('admin')).token)(users.setPassword, { params: { id }, body: {} })
    expect(password).not.toBeNull()
  })

  it.each([
    ['disabling the user', { disabled: true }, { disabled: false }],
    ['taking the grant away', { grantTypes: [{ method: 'password' as const }] }, { grantTypes: bothGrants }],
  ])('ends for good by %s', async (what, change, back) => {
    const admin = app.browser().call
    await admin(session.signIn, { body: { username: 'admin', password: goodPassword } })
    const username = `ended-by-${what.split(' ')[0]}`
    const { id } = await admin(users.create, { body: { username, grantTypes: bothGrants } })
    const token = asToken(await door.openToken(username))
    await refused(token(users.list, {}), 'not_permitted')
    await admin(users.update, { params: { id }, body: change })
    await refused(token(users.list, {}), 'not_signed_in')
    await admin(users.update, { params: { id }, body: back })
    await refused(token(users.list, {}), 'not_signed_in')
  })

  it('expires', async () => {
    const { token } = await login('admin', { expireTimeInHours: 1 })
    app.advance(59 * 60_000)
    expect(await asToken(token)(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    app.advance(60_000)
    await refused(asToken(token)(users.list, {}), 'not_signed_in')
  })

  it.each(['', 'x', '%00', 'a b', 'A'.repeat(5_000)])('that is %j identifies nobody', async (secret) => {
    await refused(asToken(secret)(users.list, {}), 'not_signed_in')
  })
})

describe('a token is refused', () => {
  it.each([
    ['a wrong password', bothGrants, {}, { password: 'wrong' }, 'wrong_credentials'],
    ['an unknown user', null, {}, {}, 'wrong_credentials'],
    ['a user without the token grant', [{ method: 'password' as const }], {}, {}, 'sign_in_refused'],
    ['a user without the password grant', [{ method: 'token' as const }], {}, {}, 'sign_in_refused'],
    ['a disabled user', bothGrants, { disabled_at: '2026-01-01T00:00:00.000Z' }, {}, 'sign_in_refused'],
    [
      'a password change that is due',
      bothGrants,
      { password_change_required_at: '2026-01-01T00:00:00.000Z' },
      {},
      'login_incomplete',
    ],
    ['an enrolment that is due', bothGrants, { mfa_required_at: '2026-01-01T00:00:00.000Z' }, {}, 'login_incomplete'],
  ] as const)('for %s, and the refusal is recorded', async (what, grants, facts, more, code) => {
    const username = what.replaceAll(' ', '-')
    const { call: admin } = app.browser()
    await admin(session.signIn, { body: { username: 'admin', password: goodPassword } })
    if (grants)
      await admin(users.create, {
        body: { username, password: goodPassword, mustChangePassword: false, grantTypes: [...grants] },
      })
    await door.setFacts(username, facts)
    const before = await tokenCount()
    await refused(login(username, more), code)
    expect(await tokenCount()).toBe(before)
    const { items } = await admin(audit.list, { search: { limit: 1 } })
    expect(items[0]).toMatchObject({
      action: 'token.refused',
      actor: null,
      reason: code,
      target: grants ? { name: username } : null,
    })
  })
})
