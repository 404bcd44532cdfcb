import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
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

/** Tries to create a user like this and checks that nothing changed. */
async function refusedUser(body: object, code: Parameters<typeof refused>[1]) {
  const admin = await app.as('admin')
  const before = await door.everything()
  const problem = await refused(admin(users.create, { body: { username: 'bad-user', ...body } }), code)
  expect(await door.everything()).toBe(before)
  return problem
}

const bad: [string, object, Record<string, string>][] = [
  ['no name', { username: undefined }, { username: 'required' }],
  ['a name of two characters', { username: 'ab' }, { username: 'too_short' }],
  ['a name of 65 characters', { username: 'a'.repeat(65) }, { username: 'too_long' }],
  ...['-abc', 'a b', 'a/b', 'a+b', 'a#b', 'abc\0', 'abc\n', 'žofie', 'abc\u202e', 'abc\ud800'].map(
    (username): [string, object, Record<string, string>] => [
      `the name ${JSON.stringify(username)}`,
      { username },
      { username: 'username_characters' },
    ],
  ),
  ['a field that there is not', { isAdmin: true }, { isAdmin: 'unknown' }],
  ['an id of its own', { id: '00000000-0000-7000-8000-000000000000' }, { id: 'unknown' }],
  ['a field named constructor', { constructor: 1 }, { constructor: 'unknown' }],
  ['a display name that turns the text', { displayName: 'abc\u202ecba' }, { displayName: 'invalid' }],
  ['a display name with NUL', { displayName: 'a\0b' }, { displayName: 'invalid' }],
  ['a display name with half a character', { displayName: 'a\ud800b' }, { displayName: 'invalid' }],
  ['a display name of 201 characters', { displayName: 'a'.repeat(201) }, { displayName: 'too_long' }],
  [
    'a grant twice',
    { grantTypes: [{ method: 'password' }, { method: 'password' }] },
    { 'grantTypes.1.method': 'duplicate' },
  ],
  ['a grant that there is not', { grantTypes: [{ method: 'magic' }] }, { 'grantTypes.0.method': 'invalid' }],
  ['a prefix with a wildcard', { mqttPublishPrefix: 'a/+/' }, { mqttPublishPrefix: 'topic' }],
  ['a prefix in $SYS', { mqttPublishPrefix: '$SYS/' }, { mqttPublishPrefix: 'topic' }],
  ['a role that is no id', { roles: ['admin'] }, { 'roles.0': 'invalid' }],
  [
    'a password with half a character',
    { username: 'half', password: `${goodPassword}\ud800` },
    { password: 'invalid' },
  ],
]

describe('a user is not created', () => {
  it.each(bad)('with %s', async (_what, body, fields) => {
    expect((await refusedUser(body, 'invalid')).fields).toEqual(fields)
  })

  it.each([
    ['another identity provider', { identityProvider: 'ldap' }, 'identity_provider_unsupported', {}],
    [
      'a required token',
      { grantTypes: [{ method: 'token', isRequired: true }] },
      'token_grant_required',
      { 'grantTypes.0.isRequired': 'token_grant_required' },
    ],
    [
      'a role that is not there',
      { roles: ['00000000-0000-7000-8000-000000000000'] },
      'unknown_role',
      { 'roles.0': 'unknown_role' },
    ],
    ['a short password', { password: 'fourteen chars' }, 'password_refused', { password: 'password_too_short' }],
    [
      'its name as password',
      { password: 'bad-userBAD-USER' },
      'password_refused',
      { password: 'password_is_username' },
    ],
  ] as const)('with %s', async (_what, body, code, fields) => {
    expect((await refusedUser(body, code)).fields).toEqual(fields)
  })
})
