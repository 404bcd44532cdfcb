/** Many users at once: all or none, each under the rules for a single user. The refusal names the bad ones by index. */

import { roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type UserCreate, users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { sendRaw } from '../../../test/raw-request.ts'

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

const batch = async (given: UserCreate[], as: 'admin' | 'operator' = 'admin') =>
  (await app.as(as))(userTransfer.batch, { body: { users: given } })
const machines = (prefix: string, count: number): UserCreate[] =>
  Array.from({ length: count }, (_, n) => ({ username: `${prefix}-${n}`, grantTypes: [{ method: 'certificate' }] }))
const total = async () => (await (await app.as('admin'))(users.list, { search: { limit: 1 } })).total ?? 0

describe('many users are created', () => {
  it('a thousand, in the given order, counted, found, and each in the audit', async () => {
    const before = await total()
    const made = await batch(machines('many', 1_000))
    expect(made.users.map(({ username }) => username)).toEqual(machines('many', 1_000).map((one) => one.username))
    expect(await total()).toBe(before + 1_000)
    const admin = await app.as('admin')
    expect((await admin(users.list, { search: { search: 'many-99' } })).total).toBe(11)
    const { items } = await admin(audit.list, { search: { 'target[eq]': made.users[999]?.id ?? '' } })
    expect(items).toMatchObject([
      { action: 'user.created', actor: { username: 'admin' }, target: { name: 'many-999' } },
    ])
    expect((await admin(audit.list, { search: { 'action[eq]': 'user.created', search: 'many-' } })).total).toBe(1_000)
  })

  it('like single users, with roles, permissions, prefix and password', async () => {
    const admin = await app.as('admin')
    const role = await admin(roles.create, { body: { name: 'packing' } })
    const full: UserCreate = {
      username: 'batch.person',
      displayName: 'Batch Person',
      roles: [role.id],
      permissions: [{ context: 'mqtt', resource: 'a/#', operation: 'read' }],
      mqttPublishPrefix: 'a/',
      password: goodPassword,
      mustChangePassword: false,
      mfaRequired: true,
    }
    const made = await batch([full, { username: 'batch-machine' }])
    const views = await Promise.all(made.users.map(({ id }) => admin(users.view, { params: { id } })))
    const alone = await admin(users.create, { body: { ...full, username: 'alone.person' } })
    const {
      id: _i,
      username: _n,
      createdAt: _c,
      disconnected: _d,
      disconnectedByBroker: _b,
      warnings: _w,
      ...expected
    } = alone
    expect(views[0]).toMatchObject(expected)
    expect(views[1]).toMatchObject({ kind: 'machine', grantTypes: [], hasPassword: false, version: 1 })
    const events = await admin(audit.list, { search: { 'action[eq]': 'user.created', search: 'person' } })
    const [one, other] = await Promise.all(
      [made.users[0]?.id, alone.id].map(async (id = '') => {
        const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
        return items[0]?.after
      }),
    )
    expect(one).toEqual(other)
    expect(JSON.stringify(events)).not.toMatch(/argon2|perfectly/)
    const browser = app.browser()
    const signedIn = await browser.call(session.signIn, { body: { username: 'batch.person', password: goodPassword } })
    expect(signedIn.stage).toBe('mfa-enrolment-required')
  })
})

describe('none is created, and all bad ones are named,', () => {
  const role = '00000000-0000-7000-8000-000000000000'
  const more = { context: 'http', resource: '/#', operation: 'read' } as const
  it.each<[string, string, (users: UserCreate[]) => void, Record<string, string>]>([
    [
      'taken names, in whatever case',
      'username_taken',
      (all) => {
        Object.assign(all[3] ?? {}, { username: 'ADMIN' })
        Object.assign(all[7] ?? {}, { username: 'Taken-1' })
      },
      { 'users.3.username': 'username_taken', 'users.7.username': 'username_taken' },
    ],
    [
      'a name twice',
      'invalid',
      (all) => Object.assign(all[9] ?? {}, { username: all[2]?.username.toUpperCase() }),
      {
        'users.9.username': 'duplicate',
      },
    ],
    [
      'roles that are not there',
      'unknown_role',
      (all) => Object.assign(all[1] ?? {}, { roles: [role] }),
      {
        'users.1.roles.0': 'unknown_role',
      },
    ],
    [
      'bad passwords',
      'password_refused',
      (all) => {
        Object.assign(all[0] ?? {}, { password: 'short' })
        Object.assign(all[4] ?? {}, { password: 'none-password-refused-4' })
      },
      { 'users.0.password': 'password_too_short', 'users.4.password': 'password_is_username' },
    ],
    [
      'a token that is demanded',
      'token_grant_required',
      (all) => Object.assign(all[6] ?? {}, { grantTypes: [{ method: 'token', isRequired: true }] }),
      {
        'users.6.grantTypes.0.isRequired': 'token_grant_required',
      },
    ],
    [
      'another identity provider',
      'identity_provider_unsupported',
      (all) => Object.assign(all[6] ?? {}, { identityProvider: 'ldap' }),
      { 'users.6.identityProvider': 'invalid' },
    ],
    [
      'bad names and unknown fields',
      'invalid',
      (all) => {
        Object.assign(all[2] ?? {}, { username: 'a b' })
        Object.assign(all[8] ?? {}, { admin: true })
      },
      { 'users.2.username': 'username_characters', 'users.8.admin': 'unknown' },
    ],
  ])('%s', async (_what, code, spoil, fields) => {
    await batch([{ username: 'taken-1' }]).catch(() => {})
    const all = machines(`none-${code}`.replaceAll('_', '-'), 10)
    spoil(all)
    const before = await door.everything()
    const problem = await refused(batch(all), code as never)
    expect(problem.fields).toEqual(fields)
    expect(await door.everything()).toBe(before)
  })

  it('if the caller gives more than they hold, by a role or a permission', async () => {
    const admin = await app.as('admin')
    const held = await admin(roles.create, { body: { name: 'everything-read', permissions: [more] } })
    await app.as('operator')
    const all = machines('greedy', 4)
    Object.assign(all[1] ?? {}, { roles: [held.id] })
    Object.assign(all[3] ?? {}, { permissions: [{ context: 'mqtt', resource: 'line-3/x', operation: 'write' }, more] })
    const before = await door.everything()
    const problem = await refused(batch(all, 'operator'), 'more_than_held')
    expect(problem.fields).toEqual({ 'users.1.roles.0': 'more_than_held', 'users.3.permissions.1': 'more_than_held' })
    expect(await door.everything()).toBe(before)
    expect((await batch(machines('modest', 2), 'operator')).users).toHaveLength(2)
  })

  it.each([
    ['nobody', [], 'invalid', { users: 'too_short' }],
    ['1,001', machines('too-many', 1_001), 'invalid', { users: 'too_long' }],
  ] as const)('%s', async (_what, given, code, fields) => {
    const before = await door.everything()
    expect((await refused(batch([...given]), code)).fields).toEqual(fields)
    expect(await door.everything()).toBe(before)
  })

  it('more than a mebibyte', async () => {
    const before = await door.commits()
    const body = JSON.stringify({ users: [{ username: 'large', displayName: 'x'.repeat(1_048_576) }] })
    const token = await door.openToken('admin')
    const headers = { 'Content-Type': 'application/json' }
    const answer = await sendRaw(app, { method: 'POST', path: '/api/users/batch' }, { token, headers, body })
    expect(answer.code).toBe('too_large')
    expect(await door.commits()).toBe(before)
  })
})
