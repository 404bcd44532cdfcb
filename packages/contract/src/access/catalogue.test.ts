import { expect, it } from 'vitest'
import { everyRoute } from '../api.ts'
import { catalogue, routesOpenedBy } from './catalogue.ts'
import { mayCallSome, Permission } from './permission.ts'

const entries = catalogue.groups.flatMap((group) => group.entries)

it('contains valid permissions, each once', () => {
  for (const { resource, operation } of entries) {
    expect(Permission.safeParse({ context: 'http', resource, operation }).success).toBe(true)
  }
  const keys = entries.map(({ resource, operation }) => `${operation} ${resource}`)
  expect(new Set(keys).size).toBe(keys.length)
  expect(new Set(entries.map(({ name }) => name)).size).toBe(keys.length)
})

it('has an entry for every route that a permission alone opens', () => {
  const beside = entries.filter(({ resource }) => !resource.endsWith('#'))
  for (const route of everyRoute.filter(({ access, administrator }) => access === 'permitted' && !administrator)) {
    const opening = beside.filter(({ resource, operation }) =>
      mayCallSome([{ context: 'http', resource, operation }], route),
    )
    expect([route.id, opening.length > 0]).toEqual([route.id, true])
  }
})

it.each([
  ['/api/users/+/password', 'readWrite', ['users.setPassword']],
  ['/api/roles/0190-a', 'write', ['roles.update', 'roles.remove']],
  ['/api/roles', 'read', ['roles.list']],
  ['/api/role', 'readWrite', []],
  ['/api/audit', 'write', []],
] as const)('finds what %s opens to %s', (resource, operation, ids) => {
  const opened = routesOpenedBy({ context: 'http', resource, operation })
  expect(opened.map(({ id }) => id)).toEqual(ids)
})
