import {
  adminRoleName,
  minimumRoleName,
  operatorRoleName,
  roles,
  viewerRoleName,
} from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { openSql, type Sql } from '../../../test/sql.ts'

let app: TestApp
let sql: Sql
beforeAll(async () => {
  app = await startApp()
  sql = openSql(app.database)
})
afterAll(async () => {
  await sql.close()
  await app.stop()
})

const lineReader = { context: 'mqtt', resource: 'line-3/#', operation: 'read' } as const
const everywhere = { context: 'mqtt', resource: '#', operation: 'read' } as const

describe('roles', () => {
  it('are created with permissions, listed with the number of their users, and leave an audit event', async () => {
    const admin = await app.as('admin')
    const made = await admin(roles.create, { body: { name: 'line-3-reader', permissions: [lineReader] } })
    await admin(users.create, { body: { username: 'packer-07', roles: [made.id] } })

    const { items } = await admin(roles.list, { search: { 'name[eq]': 'line-3-reader' } })
    expect(items).toMatchObject([{ id: made.id, permissions: [lineReader], userCount: 1, builtIn: false, version: 1 }])
    const events = await admin(audit.list, { search: { 'target[eq]': made.id } })
    expect(events.items).toMatchObject([
      { action: 'role.created', actor: { username: 'admin' }, after: { permissions: [lineReader] } },
    ])
  })

  it('keep a permission once that was given twice', async () => {
    const admin = await app.as('admin')
    const permissions = [everywhere, lineReader, everywhere]
    const made = await admin(roles.create, { body: { name: 'twice', permissions } })
    const params = { id: made.id }
    expect(made.permissions).toEqual([everywhere, lineReader])
    expect(made).toEqual(await admin(roles.view, { params }))
    const changed = await admin(roles.update, { params, body: { permissions: [lineReader, lineReader] } })
    expect(changed).toMatchObject({ ...(await admin(roles.view, { params })), disconnected: 0 })
  })

  it('are found by name, also the built-in one', async () => {
    const admin = await app.as('admin')
    const { items } = await admin(roles.list, { search: { 'name[eq]': adminRoleName } })
    expect(items).toMatchObject([{ name: adminRoleName, builtIn: true, userCount: 1 }])
  })

  it('refuse a name that differs only in case', async () => {
    const admin = await app.as('admin')
    await admin(roles.create, { body: { name: 'Packing' } })
    const problem = await refused(admin(roles.create, { body: { name: 'packing' } }), 'name_taken')
    expect(problem.fields).toEqual({ name: 'name_taken' })
  })

  it('refuse a change with an outdated version', async () => {
    const admin = await app.as('admin')
    const role = await admin(roles.create, { body: { name: 'seen-once' } })
    const change = { params: { id: role.id }, body: { description: 'First' }, ifMatch: role.version }
    await admin(roles.update, change)
    await refused(admin(roles.update, { ...change, body: { description: 'Second' } }), 'changed_meanwhile')
    expect(await admin(roles.view, { params: { id: role.id } })).toMatchObject({ description: 'First', version: 2 })
  })

  it('are announced to the brokers only if their rights have changed', async () => {
    const admin = await app.as('admin')
    const permission = { context: 'mqtt', resource: 'line-9/#', operation: 'read' } as const
    const permissions = [permission]
    const { id } = await admin(roles.create, { body: { name: 'announced', permissions } })
    const params = { id }
    const announced = () =>
      sql.value<number>("select count(*) from access_changes where kind = 'role' and ids = ?", JSON.stringify([id]))
    await admin(roles.update, { params, body: { description: 'Line 9', permissions } })
    expect(await announced()).toBe(0)
    await admin(roles.update, {
      params,
      body: { permissions: [...permissions, { ...permission, resource: 'line-10' }] },
    })
    expect(await announced()).toBe(1)
  })

  it.each([adminRoleName, minimumRoleName, viewerRoleName, operatorRoleName])(
    'refuse to change or delete the built-in role %s',
    async (name) => {
      const admin = await app.as('admin')
      const { items } = await admin(roles.list, { search: { 'name[eq]': name } })
      const params = { id: items[0]?.id ?? '' }
      const before = await admin(roles.view, { params })
      await refused(admin(roles.update, { params, body: { description: 'Mine' } }), 'built_in')
      await refused(admin(roles.remove, { params, search: { detach: 'true' } }), 'built_in')
      expect(await admin(roles.view, { params })).toEqual(before)
    },
  )

  it('in use are deleted only with detach', async () => {
    const admin = await app.as('admin')
    const role = await admin(roles.create, { body: { name: 'in-use', permissions: [lineReader] } })
    const user = await admin(users.create, { body: { username: 'packer-08', roles: [role.id] } })
    const problem = await refused(admin(roles.remove, { params: { id: role.id } }), 'role_in_use')
    expect(problem.problem.facts).toEqual({ users: 1, mappings: 0 })
    expect(await admin(users.view, { params: { id: user.id } })).toMatchObject({ roles: [role.id] })

    await admin(roles.remove, { params: { id: role.id }, search: { detach: 'true' } })
    expect(await admin(users.view, { params: { id: user.id } })).toMatchObject({ roles: [], roleNames: [] })
    await refused(admin(roles.view, { params: { id: role.id } }), 'not_found')
  })

  it('are paged in both directions without a gap or a repetition', async () => {
    const admin = await app.as('admin')
    for (let n = 0; n < 7; n++) await admin(roles.create, { body: { name: `page-${n}` } })
    for (const sort of ['name', '-name'] as const) {
      const names: string[] = []
      let cursor: string | undefined
      do {
        const page = await admin(roles.list, {
          search: { limit: 3, sort, 'name[contains]': 'page-', ...(cursor && { cursor }) },
        })
        expect(page.total).toBe(7)
        names.push(...page.items.map(({ name }) => name))
        cursor = page.nextCursor ?? undefined
      } while (cursor)
      const expected = Array.from({ length: 7 }, (_, n) => `page-${n}`)
      expect(names).toEqual(sort === 'name' ? expected : expected.toReversed())
    }
    const problem = await refused(admin(roles.list, { search: { cursor: 'rubbish' } }), 'invalid')
    expect(problem.fields).toEqual({ cursor: 'invalid' })
  })

  it.each([
    ['a filter with # in the middle', { ...lineReader, resource: 'a/#/b' }, 'topic_filter'],
    ['a filter with + beside text', { ...lineReader, resource: '+a' }, 'topic_filter'],
    ['a filter with NUL', { ...lineReader, resource: 'a\0b' }, 'topic_filter'],
    ['a filter of 65,536 bytes', { ...lineReader, resource: 'a'.repeat(65_536) }, 'too_long'],
    ['a filter of 1,026 bytes in 513 characters', { ...lineReader, resource: 'é'.repeat(513) }, 'too_long'],
    ['a path that begins with a wildcard', { context: 'http', resource: '+/api', operation: 'read' } as const, 'path'],
    ['a path without a leading slash', { context: 'http', resource: 'api/users', operation: 'read' } as const, 'path'],
  ])('refuse %s', async (_what, permission, code) => {
    const admin = await app.as('admin')
    const name = `bad ${code}`
    const problem = await refused(admin(roles.create, { body: { name, permissions: [permission] } }), 'invalid')
    expect(problem.fields).toEqual({ 'permissions.0.resource': code })
    expect((await admin(roles.list, { search: { 'name[eq]': name } })).items).toEqual([])
  })
})

describe('empty levels', () => {
  it('are kept as they were given', async () => {
    const admin = await app.as('admin')
    const permissions = ['/', '//', '//#', 'a//b', '/+/'].map((resource) => ({ ...lineReader, resource }))
    const role = await admin(roles.create, { body: { name: 'empty-levels', permissions } })
    expect(role.permissions).toEqual(permissions.toSorted((a, b) => (a.resource < b.resource ? -1 : 1)))
  })
})

describe('a caller who gives more than they hold is refused', () => {
  it('with a new role', async () => {
    const operator = await app.as('operator')
    const body = { name: 'too-much', permissions: [everywhere] }
    const problem = await refused(operator(roles.create, { body }), 'more_than_held')
    expect(problem.problem.facts).toEqual({ permission: everywhere })
    const found = await operator(roles.list, { search: { 'name[eq]': 'too-much' } })
    expect(found.items).toEqual([])
  })

  it('by widening a role', async () => {
    const operator = await app.as('operator')
    const role = await operator(roles.create, { body: { name: 'narrow', permissions: [lineReader] } })
    const widened = operator(roles.update, { params: { id: role.id }, body: { permissions: [lineReader, everywhere] } })
    await refused(widened, 'more_than_held')
    expect(await operator(roles.view, { params: { id: role.id } })).toMatchObject({ permissions: [lineReader] })
  })

  it('with permissions copied from a role above the caller', async () => {
    const [admin, operator] = [await app.as('admin'), await app.as('operator')]
    const { permissions } = await admin(roles.create, {
      body: { name: 'to-copy', permissions: [lineReader, everywhere] },
    })
    const role = await operator(roles.create, { body: { name: 'copying' } })
    const copy = operator(roles.update, { params: { id: role.id }, body: { permissions } })
    expect((await refused(copy, 'more_than_held')).problem.facts).toEqual({ permission: everywhere })
    expect(await operator(roles.view, { params: { id: role.id } })).toMatchObject({ permissions: [], version: 1 })
  })

  it('and cannot change a role above the caller', async () => {
    const admin = await app.as('admin')
    const operator = await app.as('operator')
    const role = await admin(roles.create, { body: { name: 'mighty', permissions: [everywhere] } })
    await refused(operator(roles.update, { params: { id: role.id }, body: { permissions: [] } }), 'above_caller')
    await refused(operator(roles.remove, { params: { id: role.id } }), 'above_caller')
    expect(await admin(roles.view, { params: { id: role.id } })).toMatchObject({
      permissions: [everywhere],
      version: 1,
    })
  })
})
