/** A narrowed token has the present permissions of its user within its own list. No call with it gets around that list. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import { type Call, createClient } from '@gatehouse/contract/client'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  await app.as('operator')
  await app.as('auditor')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const http = (resource: string, operation: Permission['operation'] = 'readWrite'): Permission => ({
  context: 'http',
  resource,
  operation,
})
const mqtt = (resource: string, operation: Permission['operation'] = 'readWrite'): Permission => ({
  context: 'mqtt',
  resource,
  operation,
})

const narrowed = async (username: string, permissions: Permission[]) =>
  createClient({
    baseUrl: app.url,
    headers: { Authorization: `Bearer ${await door.openToken(username, { permissions })}` },
  })

async function refusedWhole(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

describe('a list of permissions', () => {
  it('is stored with the token and limits it', async () => {
    const permissions = [http('/api/users/#', 'read'), mqtt('line-3/+/setpoint', 'write')]
    const own = app.browser().call
    await own(session.signIn, { body: { username: 'operator', password: goodPassword } })
    const { token, ...made } = await own(tokens.create, { body: { label: 'only reading', permissions } })
    expect(made.permissions).toEqual(permissions)
    expect((await own(tokens.list, {})).items[0]).toMatchObject({ permissions })
    const call = createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })
    expect(await call(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    await refusedWhole(() => call(users.create, { body: { username: 'by-a-narrow-token' } }), 'not_permitted')
    await refused(call(roles.list, {}), 'not_permitted')
  })

  it.each([
    ['more than is held', [http('/api/users', 'read'), http('/api/audit', 'read')], 1],
    ['another operation', [mqtt('line-4/#', 'read')], 0],
    ['wider', [mqtt('#', 'read')], 0],
  ])('with %s is refused at its row', async (_what, permissions, at) => {
    const own = app.browser().call
    await own(session.signIn, { body: { username: 'operator', password: goodPassword } })
    const asked = () => own(tokens.create, { body: { label: 'too much', permissions } })
    const { fields } = await refusedWhole(asked, 'more_than_held')
    expect(fields).toEqual({ [`permissions.${at}.resource`]: 'more_than_held' })
  })
})

describe('loses what the user loses', () => {
  it('regains what the user regains, but never more than its list', async () => {
    const admin = await app.as('admin')
    const wide = [http('/api/users/#'), http('/api/roles/#')]
    const body = { username: 'shrinking', permissions: wide, grantTypes: [{ method: 'token' as const }] }
    const { id } = await admin(users.create, { body })
    const token = await narrowed('shrinking', [http('/api/users/#', 'read')])
    const params = { id }
    expect(await token(users.view, { params })).toMatchObject({ username: 'shrinking' })
    await admin(users.update, { params, body: { permissions: [http('/api/+', 'read')] } })
    expect(await token(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    await refused(token(users.view, { params }), 'not_permitted')
    await refused(token(roles.list, {}), 'not_permitted')
    await admin(users.update, { params, body: { permissions: [http('/api/users', 'write')] } })
    await refused(token(users.list, {}), 'not_permitted')
    await admin(users.update, { params, body: { permissions: wide } })
    expect(await token(users.view, { params })).toMatchObject({ username: 'shrinking' })
    await refusedWhole(() => token(users.update, { params, body: { displayName: 'x' } }), 'tokens_not_accepted')
  })
})

describe('an administrator’s token for users only', () => {
  const forUsers = [http('/api/users/#'), mqtt('line-3/#')]
  let token: Call
  let admin: { id: string }
  beforeAll(async () => {
    token = await narrowed('admin', forUsers)
    admin = { id: await door.idOf('admin') }
  })

  it('gives permissions that it holds', async () => {
    const permissions = [http('/api/users', 'read'), mqtt('line-3/press/#', 'read')]
    expect(await token(users.create, { body: { username: 'given-by-token', permissions } })).toMatchObject({
      permissions,
    })
  })

  it.each([
    ['a permission', { permissions: [http('/api/roles/#', 'read')] }],
    ['all of the topics', { permissions: [mqtt('#', 'read')] }],
  ])('does not give more than it holds: %s', async (_what, body) => {
    await refusedWhole(() => token(users.create, { body: { username: 'too-much', ...body } }), 'more_than_held')
  })

  it('does not give the role of its user', async () => {
    const adminCall = await app.as('admin')
    const { roles: held } = await adminCall(users.view, { params: admin })
    await refusedWhole(() => token(users.create, { body: { username: 'too-much', roles: held } }), 'more_than_held')
  })

  it('changes neither a user with more permissions than the token nor its own user', async () => {
    const auditor = { id: await door.idOf('auditor') }
    for (const [params, code] of [
      [auditor, 'above_caller'],
      [admin, 'tokens_not_accepted'],
    ] as const) {
      await refusedWhole(() => token(users.update, { params, body: { displayName: 'x' } }), code)
      await refusedWhole(() => token(users.remove, { params }), code)
      await refusedWhole(() => token(users.setPassword, { params, body: {} }), code)
    }
    await door.openToken('auditor')
    const tokenId = await door.value<string>('select id from tokens where user_id = ?', auditor.id)
    await refusedWhole(() => token(tokens.revokeOf, { params: { ...auditor, tokenId } }), 'above_caller')
    const auditorsSessions = await token(sessions.listOf, { params: auditor })
    const sessionId = auditorsSessions.items[0]?.id ?? ''
    await refusedWhole(() => token(sessions.endOf, { params: { ...auditor, sessionId } }), 'above_caller')
  })

  it('makes no token', async () => {
    await refusedWhole(() => token(tokens.create, { body: { label: 'wider' } }), 'tokens_not_accepted')
  })
})

it('a token with an unreadable list identifies nobody', async () => {
  const token = await door.openToken('admin', { permissions: [http('/#')] })
  await door.run("update tokens set permissions = '[{' where permissions is not null")
  const call = createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })
  await refused(call(users.list, {}), 'internal')
})
