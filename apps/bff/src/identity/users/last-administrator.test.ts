/** The server refuses every change that would leave no administrator, also of two at once. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { type UserUpdate, users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
let adminRole: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const { items } = await (await app.as('admin'))(roles.list, { search: { 'name[eq]': adminRoleName } })
  adminRole = items[0]?.id ?? ''
  // Holds all permissions, but only with a token. That is no administrator, because the user cannot sign in to the console.
  for (const username of ['robot-1', 'robot-2']) {
    const body = { username, roles: [adminRole], grantTypes: [{ method: 'token' as const }] }
    await (await app.as('admin'))(users.create, { body })
  }
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const asToken = (username: string) => door.asToken(username)

const makeAdministrator = async (username: string, role = adminRole) =>
  (await asToken('robot-1'))(users.create, {
    body: { username, roles: [role], password: goodPassword, mustChangePassword: false },
  })

async function refusedWithoutEffect(calling: () => Promise<unknown>) {
  const before = await door.everything()
  await refused(calling(), 'last_admin')
  expect(await door.everything()).toBe(before)
}

const ends: UserUpdate[] = [
  { disabled: true },
  { roles: [] },
  { grantTypes: [] },
  { grantTypes: [{ method: 'token' }] },
  { grantTypes: [{ method: 'password' }, { method: 'certificate', isRequired: true }] },
]

describe('the last administrator', () => {
  it.each(ends)('is not changed by %o', async (body) => {
    const robot = await asToken('robot-1')
    await refusedWithoutEffect(async () => robot(users.update, { params: { id: await door.idOf('admin') }, body }))
  })

  it('is not deleted', async () => {
    const robot = await asToken('robot-1')
    await refusedWithoutEffect(async () => robot(users.remove, { params: { id: await door.idOf('admin') } }))
  })

  it('is not a user who is disabled, has no password, or lacks one permission', async () => {
    const robot = await asToken('robot-1')
    const nearly: Permission[] = [
      { context: 'http', resource: '/api/#', operation: 'readWrite' },
      { context: 'http', resource: '/#', operation: 'read' },
    ]
    const password = goodPassword
    await robot(users.create, { body: { username: 'nearly', password, permissions: nearly } })
    await robot(users.create, {
      body: { username: 'no-way-in', roles: [adminRole], grantTypes: [{ method: 'password' }] },
    })
    const { id } = await makeAdministrator('asleep')
    await robot(users.update, { params: { id }, body: { disabled: true } })
    await refusedWithoutEffect(async () => robot(users.remove, { params: { id: await door.idOf('admin') } }))
  })

  it('may hold the two halves through a role, which then cannot be narrowed or removed', async () => {
    const robot = await asToken('robot-1')
    const permissions: Permission[] = [
      { context: 'http', resource: '/#', operation: 'read' },
      // `/+/#` covers as much as `/#`, because no path is empty.
      { context: 'http', resource: '/+/#', operation: 'write' },
    ]
    const role = await robot(roles.create, { body: { name: 'halves', permissions } })
    const { id } = await makeAdministrator('by-halves', role.id)
    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: true } })
    const params = { id: role.id }
    await refusedWithoutEffect(() => robot(roles.update, { params, body: { permissions: permissions.slice(1) } }))
    await refusedWithoutEffect(() => robot(roles.remove, { params, search: { detach: 'true' } }))
    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: false } })
    await robot(users.remove, { params: { id } })
  })
})

describe('of the last two administrators', () => {
  const removals = [
    [
      'deleting',
      (id: string) => async (username: string) => (await asToken(username))(users.remove, { params: { id } }),
    ],
    [
      'disabling',
      (id: string) => async (username: string) =>
        (await asToken(username))(users.update, { params: { id }, body: { disabled: true } }),
    ],
    [
      'demoting',
      (id: string) => async (username: string) =>
        (await asToken(username))(users.update, { params: { id }, body: { roles: [] } }),
    ],
  ] as const

  it.each(removals)('two requests at once, each %s one, leave one administrator', async (_what, removal) => {
    const [second, third] = [await makeAdministrator('second'), await makeAdministrator('third')]
    const robot = await asToken('robot-1')
    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: true } })

    const outcomes = await Promise.allSettled([removal(second.id)('robot-1'), removal(third.id)('robot-2')])
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'last_admin' } })

    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: false } })
    for (const { id } of [second, third]) await robot(users.remove, { params: { id } }).catch(() => null)
  })

  it('who remove each other at the same moment, exactly one succeeds', async () => {
    const robot = await asToken('robot-1')
    const both = [await makeAdministrator('cain'), await makeAdministrator('abel')]
    const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
    for (const { id } of both) await robot(users.update, { params: { id }, body: { grantTypes } })
    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: true } })
    const [cain, abel] = [await asToken('cain'), await asToken('abel')]
    const outcomes = await Promise.allSettled([
      cain(users.remove, { params: { id: await door.idOf('abel') } }),
      abel(users.remove, { params: { id: await door.idOf('cain') } }),
    ])
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    await robot(users.update, { params: { id: await door.idOf('admin') }, body: { disabled: false } })
  })
})
