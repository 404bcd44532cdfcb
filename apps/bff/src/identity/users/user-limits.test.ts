/** Callers give at most what they hold, change no user above them, and little about themselves. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type UserUpdate, users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
let adminRole: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const { items } = await (await app.as('admin'))(roles.list, { search: { 'name[eq]': adminRoleName } })
  adminRole = items[0]?.id ?? ''
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

const tooMuch: [string, Permission][] = [
  ['another line', { context: 'mqtt', resource: 'line-4/#', operation: 'read' }],
  ['every line', { context: 'mqtt', resource: '+/#', operation: 'read' }],
  ['all topics', { context: 'mqtt', resource: '#', operation: 'read' }],
  ['the broker itself', { context: 'mqtt', resource: '$SYS/#', operation: 'read' }],
  ['the whole API', { context: 'http', resource: '/#', operation: 'read' }],
  ['a path beside the own ones', { context: 'http', resource: '/api/audit', operation: 'read' }],
  ['a path by a wildcard', { context: 'http', resource: '/api/+', operation: 'read' }],
  ['a topic as a path', { context: 'http', resource: '/line-3/#', operation: 'read' }],
]

describe('what an operator may give', () => {
  it.each(tooMuch)('refuses %s at creation, later, and through a role', async (_what, permission) => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const role = await admin(roles.create, {
      body: { name: `over-${(await door.everything()).length}`, permissions: [permission] },
    })
    const user = await operator(users.create, { body: { username: `given-${role.id.slice(-8)}` } })
    const attempts = [
      () => operator(users.create, { body: { username: 'too-much', permissions: [permission] } }),
      () => operator(users.create, { body: { username: 'too-much', roles: [role.id] } }),
      () => operator(users.update, { params: { id: user.id }, body: { permissions: [permission] } }),
      () => operator(users.update, { params: { id: user.id }, body: { roles: [role.id] } }),
    ]
    for (const attempt of attempts) {
      const problem = await refusedWithoutEffect(attempt, 'more_than_held')
      expect(problem.problem.facts).toEqual({ permission })
    }
  })

  it('what the own permissions cover', async () => {
    const operator = await app.as('operator')
    const permissions: Permission[] = [
      { context: 'mqtt', resource: 'line-3/+/state', operation: 'readWrite' },
      { context: 'http', resource: '/api/users/+', operation: 'read' },
    ]
    expect(await operator(users.create, { body: { username: 'within', permissions } })).toMatchObject({ version: 1 })
  })

  it('no more with a token than in a session', async () => {
    await app.as('operator')
    const operator = await door.asToken('operator')
    const create = () => operator(users.create, { body: { username: 'too-much', roles: [adminRole] } })
    await refusedWithoutEffect(create, 'more_than_held')
  })
})

describe('an operator does not touch an administrator', () => {
  const changes: UserUpdate[] = [
    { displayName: 'Mine' },
    { disabled: true },
    { roles: [] },
    { grantTypes: [] },
    { mqttPublishPrefix: 'x/' },
    { permissions: [] },
    {},
  ]
  it.each(changes)('with the change %o', async (body) => {
    const operator = await app.as('operator')
    const params = { id: await door.idOf('admin') }
    await refusedWithoutEffect(() => operator(users.update, { params, body }), 'above_caller')
  })

  it('by deleting the user or setting the password', async () => {
    const operator = await app.as('operator')
    const params = { id: await door.idOf('admin') }
    const newPassword = 'chosen by an operator'
    await refusedWithoutEffect(() => operator(users.remove, { params }), 'above_caller')
    await refusedWithoutEffect(() => operator(users.setPassword, { params, body: {} }), 'above_caller')
    await refusedWithoutEffect(() => operator(users.setPassword, { params, body: { newPassword } }), 'above_caller')
    expect(await app.anyone(session.signIn, { body: { username: 'admin', password: goodPassword } })).toMatchObject({
      stage: 'full',
    })
  })

  it('nor a user with one more permission, through a role or individually', async () => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const one: Permission = { context: 'mqtt', resource: 'line-4/x', operation: 'read' }
    const role = await admin(roles.create, { body: { name: 'one-more', permissions: [one] } })
    const above = [
      await admin(users.create, { body: { username: 'above-by-role', roles: [role.id] } }),
      await admin(users.create, { body: { username: 'above-by-itself', permissions: [one] } }),
    ]
    for (const { id } of above) {
      await refusedWithoutEffect(
        () => operator(users.update, { params: { id }, body: { roles: [], permissions: [] } }),
        'above_caller',
      )
      await refusedWithoutEffect(() => operator(users.remove, { params: { id } }), 'above_caller')
    }
  })

  it('nor by removing a role, or a permission of it, from all its holders', async () => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const permissions: Permission[] = [{ context: 'mqtt', resource: 'line-3/x', operation: 'read' }]
    const role = await operator(roles.create, { body: { name: 'held-above', permissions } })
    await admin(users.create, { body: { username: 'mighty-holder', roles: [role.id, adminRole] } })
    const remove = () => operator(roles.remove, { params: { id: role.id }, search: { detach: 'true' } })
    await refusedWithoutEffect(remove, 'above_caller')
    const narrow = (resource: string) =>
      operator(roles.update, {
        params: { id: role.id },
        body: { permissions: [{ context: 'mqtt', resource, operation: 'read' }] },
      })
    await refusedWithoutEffect(() => narrow('line-3/x/y'), 'above_caller')
    await narrow('line-3/#')
    await admin(users.remove, { params: { id: await door.idOf('mighty-holder') } })
    await operator(users.create, { body: { username: 'small-holder', roles: [role.id] } })
    await remove()
  })
})

describe('on oneself', () => {
  it('allows a display name and further grants', async () => {
    const admin = await app.as('admin')
    const params = { id: await door.idOf('admin') }
    const grantTypes = [
      { method: 'password' as const },
      { method: 'token' as const },
      { method: 'certificate' as const },
    ]
    const before = await admin(users.view, { params })
    expect(await admin(users.update, { params, body: { displayName: 'Me', grantTypes } })).toMatchObject({
      displayName: 'Me',
      roles: before.roles,
    })
  })

  it('accepts the same rights in another order', async () => {
    const admin = await app.as('admin')
    const permissions: Permission[] = [
      { context: 'mqtt', resource: 'b', operation: 'read' },
      { context: 'http', resource: '/#', operation: 'readWrite' },
      { context: 'mqtt', resource: 'a', operation: 'read' },
    ]
    const body = { username: 'same-rights', permissions, password: goodPassword, mustChangePassword: false }
    const { id } = await admin(users.create, { body })
    const { call } = await signIn(app, 'same-rights')
    const rights = [...permissions, ...permissions.slice(0, 1)]
    const change = { params: { id }, body: { displayName: 'Me', permissions: rights } }
    expect(await call(users.update, change)).toMatchObject({ displayName: 'Me', version: 2 })
  })

  it.each<UserUpdate>([
    { disabled: true },
    { roles: [] },
    { permissions: [{ context: 'mqtt', resource: 'x', operation: 'read' }] },
    { grantTypes: [] },
    { grantTypes: [{ method: 'password', isRequired: true }, { method: 'token' }, { method: 'certificate' }] },
    { mqttPublishPrefix: 'x/' },
    { kind: 'machine' },
  ])('refuses the change %o', async (body) => {
    const admin = await app.as('admin')
    await refusedWithoutEffect(
      async () => admin(users.update, { params: { id: await door.idOf('admin') }, body }),
      'own_account',
    )
  })

  it('refuses deletion, and a password without the old one', async () => {
    const admin = await app.as('admin')
    const params = { id: await door.idOf('admin') }
    await refusedWithoutEffect(() => admin(users.remove, { params }), 'own_account')
    await refusedWithoutEffect(() => admin(users.setPassword, { params, body: {} }), 'own_account')
  })
})

describe('rights that are taken away', () => {
  it('refuse a write of the same caller that is under way', async () => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const id = await door.idOf('operator')
    const held = (await admin(users.view, { params: { id } })).roles
    // Hashing the password takes longer than the other request.
    const creating = operator(users.create, { body: { username: 'too-late', password: goodPassword } })
    const taking = admin(users.update, { params: { id }, body: { roles: [] } })
    const [created] = await Promise.allSettled([creating, taking])
    const order = await door.column('select target_name from audit_events order by seq')
    const isFirst = order.lastIndexOf('too-late') < order.lastIndexOf('operator')
    expect(isFirst).toBe(true)
    expect(created.status).toBe(order.includes('too-late') ? 'fulfilled' : 'rejected')
    await admin(users.update, { params: { id }, body: { roles: held } })
  })
})
