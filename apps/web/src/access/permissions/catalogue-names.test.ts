import { expect, it } from 'vitest'
import { catalogueName, namedPaths, onlyOperationOf } from './catalogue-names.ts'

it.each([
  ['/api/users/#', 'read', 'Users: read'],
  ['/api/users/#', 'write', 'Users: change'],
  ['/api/users/#', 'readWrite', 'Users: read and change'],
  ['/api/authorities/#', 'write', 'Authorities: change'],
  ['/#', 'readWrite', 'Everything: read and change'],
  ['/api/audit/#', 'read', 'Audit: read'],
  ['/api/users', 'readWrite', 'List users and Create a user'],
  ['/api/users/7', 'read', undefined],
] as const)('names %s, %s: %s', (resource, operation, name) => {
  expect(catalogueName({ context: 'http', resource, operation })).toBe(name)
})

it('has no name for topic permissions', () => {
  expect(catalogueName({ context: 'mqtt', resource: '/#', operation: 'read' })).toBeUndefined()
})

it('lists each path once, under its area', () => {
  const paths = namedPaths().flatMap((area) => area.paths.map(({ path }) => path))
  expect(new Set(paths).size).toBe(paths.length)
  expect(namedPaths().find(({ group }) => group === 'Roles')?.paths[0]).toEqual({
    path: '/api/roles/#',
    name: 'Roles: all',
  })
})

it('knows the only operation of a path', () => {
  expect(onlyOperationOf('/api/users/+/password')).toBe('write')
  expect(onlyOperationOf('/api/users')).toBeUndefined()
})
