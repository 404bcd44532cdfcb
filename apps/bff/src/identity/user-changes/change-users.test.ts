/** One change of many users: all or none, each under the rules for a single user. */
import { roles } from '@gatehouse/contract/access/roles'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Body } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
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

type Change = Body<typeof userChanges.apply>['change']

async function changeAs(as: 'admin' | 'operator', ids: string[], change: Change) {
  return (await app.as(as))(userChanges.apply, { body: { users: ids, change } })
}
const apply = (ids: string[], change: Change) => changeAs('admin', ids, change)
const view = async (id: string) => (await app.as('admin'))(users.view, { params: { id } })

async function makeMachines(prefix: string, count: number, tags: string[] = []): Promise<string[]> {
  const admin = await app.as('admin')
  const made: string[] = []
  for (let n = 0; n < count; n++) {
    made.push((await admin(users.create, { body: { username: `${prefix}-${n}`, kind: 'machine', tags } })).id)
  }
  return made
}

async function idOf(username: string): Promise<string> {
  const { items } = await (await app.as('admin'))(users.list, { search: { 'username[eq]': username } })
  return items[0]?.id ?? ''
}

it('adds and removes roles and tags, and records an event for each user that it changes', async () => {
  const admin = await app.as('admin')
  const role = await admin(roles.create, { body: { name: 'bulk-role' } })
  const [first = '', second = ''] = await makeMachines('tagged', 2, ['old'])
  await apply([first], { addTags: ['new'] })
  const answer = await apply([first, second], { addRoles: [role.id], addTags: ['New'], removeTags: ['old'] })
  expect(answer).toMatchObject({ changed: 2, disconnected: 0 })
  expect(await view(first)).toMatchObject({ tags: ['new'], roles: [role.id], version: 3 })
  expect(await view(second)).toMatchObject({ tags: ['new'], roles: [role.id], version: 2 })

  expect(await apply([first, second], { addTags: ['new'], removeRoles: [] })).toEqual({
    changed: 0,
    disconnected: 0,
    disconnectedByBroker: [],
  })
  expect(await view(second)).toMatchObject({ version: 2 })
  const { items } = await admin(audit.list, { search: { 'target[eq]': second } })
  expect(items.map(({ action }) => action)).toEqual(['user.updated', 'user.created'])
})

it('disables, enables and deletes', async () => {
  const ids = await makeMachines('state', 3)
  expect(await apply(ids, { disabled: true })).toMatchObject({ changed: 3 })
  expect(await apply(ids.slice(1), { disabled: false })).toMatchObject({ changed: 2 })
  expect(await apply(ids, { disabled: true })).toMatchObject({ changed: 2 })
  expect(await apply(ids, { delete: true })).toMatchObject({ changed: 3 })
  await refused(view(ids[0] ?? ''), 'not_found')
})

it('previews what it would end, and changes nothing', async () => {
  await app.as('operator')
  const ids = [await idOf('operator'), ...(await makeMachines('preview', 1))]
  const before = await door.everything()
  const admin = await app.as('admin')
  const impact = await admin(userChanges.impact, { body: { users: ids, change: { disabled: true } } })
  expect(impact).toMatchObject({ connections: 0 })
  expect(impact.sessions + impact.tokens).toBeGreaterThan(0)
  expect(await admin(userChanges.impact, { body: { users: ids, change: { addTags: ['x'] } } })).toMatchObject({
    connections: 0,
    sessions: 0,
    tokens: 0,
  })
  expect(await door.everything()).toBe(before)
})

describe('changes nobody, and names the faults by index,', () => {
  const nobody = '00000000-0000-7000-8000-000000000000'
  it.each<[string, () => Promise<string[]>, Change, ErrorCode, Record<string, string>]>([
    ['an unknown user', async () => [nobody], { disabled: true }, 'not_found', { 'users.1.id': 'not_found' }],
    [
      'the own user',
      async () => [await idOf('admin')],
      { delete: true },
      'own_account',
      { 'users.1.id': 'own_account' },
    ],
    ['an unknown role', async () => [], { addRoles: [nobody] }, 'unknown_role', { 'users.0.roles.0': 'unknown_role' }],
    [
      'too many tags',
      async () => [],
      { addTags: Array.from({ length: 20 }, (_, n) => `t${n}`) },
      'invalid',
      { 'users.0.tags': 'too_long' },
    ],
  ])('%s', async (what, others, change, code, fields) => {
    const ids = [...(await makeMachines(`none-${what.replaceAll(' ', '-')}`, 1, ['held'])), ...(await others())]
    const before = await door.everything()
    expect((await refused(apply(ids, change), code)).fields).toEqual(fields)
    expect(await door.everything()).toBe(before)
  })

  it('a user or a role beyond the rights of the caller', async () => {
    const admin = await app.as('admin')
    const everything = { context: 'http', resource: '/#', operation: 'readWrite' } as const
    const role = await admin(roles.create, { body: { name: 'bulk-everything', permissions: [everything] } })
    const ids = await makeMachines('beyond', 1)
    const administrator = await idOf('admin')
    await app.as('operator')
    const before = await door.everything()
    const above = await refused(changeAs('operator', [...ids, administrator], { delete: true }), 'above_caller')
    expect(above.fields).toEqual({ 'users.1.id': 'above_caller' })
    const more = await refused(changeAs('operator', ids, { addRoles: [role.id] }), 'more_than_held')
    expect(more.fields).toEqual({ 'users.0.roles.0': 'more_than_held' })
    expect(await door.everything()).toBe(before)
  })
})
