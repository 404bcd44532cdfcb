/** Permissions for paths of the HTTP edge: the tester, the lists of holders, effective access and the import know them. */
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'

const ofRole = { context: 'edge' as const, resource: '/telemetry/+/state', operation: 'read' as const }
const own = { context: 'edge' as const, resource: '/telemetry/press-1/#', operation: 'readWrite' as const }

let app: TestApp
let roleId: string
let id: string
beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  roleId = (await admin(roles.create, { body: { name: 'edge reader', permissions: [ofRole] } })).id
  const press = { username: 'press-1', roles: [roleId], permissions: [own] }
  id = (await admin(userTransfer.batch, { body: { users: [press] } })).users[0]?.id ?? ''
})
afterAll(() => app.stop())

it('a batch of users gives them, and refuses a resource that is no path', async () => {
  const admin = await app.as('admin')
  expect(await admin(users.view, { params: { id } })).toMatchObject({ permissions: [own] })
  const wrong = { username: 'press-2', permissions: [{ ...own, resource: 'telemetry/#' }] }
  const problem = await refused(admin(userTransfer.batch, { body: { users: [wrong] } }), 'invalid')
  expect(problem.fields).toEqual({ 'users.0.permissions.0.resource': 'path' })
})

it('the list of permissions and the access of a user name where they come from', async () => {
  const admin = await app.as('admin')
  const { items: held } = await admin(permissions.list, {
    search: { 'context[eq]': 'edge', covers: '/telemetry/a/state' },
  })
  expect(held).toContainEqual(expect.objectContaining({ ...ofRole, roles: [{ id: roleId, name: 'edge reader' }] }))
  const { items } = await admin(permissions.accessOf, { params: { id }, search: { 'context[eq]': 'edge' } })
  expect(items).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ ...own, individual: true }),
      expect.objectContaining({ ...ofRole, individual: false }),
    ]),
  )
})

it.each([
  ['edge', '/telemetry/press-2/state', 'read', true],
  ['edge', '/telemetry/press-2/state', 'write', false],
  ['edge', '/telemetry/press-1/a', 'readWrite', true],
  ['edge', '/other/press-1', 'read', false],
  // A rule for the edge covers neither the console nor topics.
  ['http', '/telemetry/press-1/a', 'read', false],
  ['mqtt', '/telemetry/press-1/a', 'read', false],
] as const)('the tester says of %s %s, %s: %s', async (context, resource, operation, allowed) => {
  const body = { context, resource, operation }
  const admin = await app.as('admin')
  expect(await admin(permissions.check, { params: { id }, body })).toMatchObject({ allowed })
})

it('a rule for the console does not cover the edge', async () => {
  const admin = await app.as('admin')
  const everything = { context: 'http' as const, resource: '/#', operation: 'readWrite' as const }
  const made = await admin(users.create, { body: { username: 'console-only', permissions: [everything] } })
  const body = { context: 'edge' as const, resource: '/telemetry/a', operation: 'read' as const }
  expect(await admin(permissions.check, { params: { id: made.id }, body })).toMatchObject({ allowed: false })
})
