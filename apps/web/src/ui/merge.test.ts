import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { merge } from './merge.ts'

const base = { name: 'Press', note: '', roles: ['a', 'b'], grants: [{ method: 'password', isRequired: false }] }

test('takes a field that only one side changed from that side', () => {
  const own = { ...base, name: 'Press 1' }
  const theirs = { ...base, note: 'Hall 3', roles: ['b', 'c'] }
  expect(merge(base, own, theirs)).toEqual({ values: { ...theirs, name: 'Press 1' }, conflicts: [] })
})

test('reports a conflict if both sides set different values, and keeps the own one', () => {
  const own = { ...base, name: 'Mine', note: 'same' }
  const theirs = { ...base, name: 'Theirs', note: 'same' }
  expect(merge(base, own, theirs)).toEqual({ values: { ...own }, conflicts: ['name'] })
})

test('keeps list members that either side added, and drops those that either removed', () => {
  const own = { ...base, roles: ['b', 'mine'] }
  const theirs = { ...base, roles: ['a', 'b', 'theirs'] }
  expect(merge(base, own, theirs).values.roles).toEqual(['b', 'theirs', 'mine'])
})

test('merges groups field by field, and names a conflict by its path', () => {
  const start = { password: { min: 15, lower: 0, upper: 0 }, session: { idleMinutes: 30 }, mfa: { roles: ['a'] } }
  const own = { ...start, password: { min: 20, lower: 1, upper: 0 }, mfa: { roles: ['a', 'mine'] } }
  const theirs = { ...start, password: { min: 18, lower: 0, upper: 2 }, mfa: { roles: ['theirs'] } }
  expect(merge(start, own, theirs)).toEqual({
    values: { ...start, password: { min: 20, lower: 1, upper: 2 }, mfa: { roles: ['theirs', 'mine'] } },
    conflicts: ['password.min'],
  })
})

test('reports a conflict if one side changed a grant that the other removed, and keeps what the own side did', () => {
  const changed = { ...base, grants: [{ method: 'password', isRequired: true }] }
  const removed = { ...base, grants: [{ method: 'certificate', isRequired: false }] }
  const both = [...removed.grants, ...changed.grants]
  expect(merge(base, changed, removed)).toEqual({ values: { ...base, grants: both }, conflicts: ['grants'] })
  expect(merge(base, removed, changed)).toEqual({ values: removed, conflicts: ['grants'] })
})

test('keeps one grant for each method', () => {
  const own = { ...base, grants: [...base.grants, { method: 'certificate', isRequired: true }] }
  const theirs = { ...base, grants: [{ isRequired: false, method: 'certificate' }] }
  expect(merge(base, own, theirs)).toEqual({
    values: { ...base, grants: [{ method: 'certificate', isRequired: true }] },
    conflicts: ['grants'],
  })
})

test('property: an unchanged side gets the values of the other, and no added list member is lost', () => {
  const list = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
  const some = fc.record({ name: fc.constantFrom('x', 'y', 'z'), roles: list })
  fc.assert(
    fc.property(some, some, some, (start, own, theirs) => {
      expect(merge(start, start, theirs).values).toEqual(theirs)
      expect(merge(start, own, own)).toMatchObject({ values: { name: own.name }, conflicts: [] })
      const { roles } = merge(start, own, theirs).values
      expect(new Set(merge(start, own, start).values.roles)).toEqual(new Set(own.roles))
      for (const role of [...own.roles, ...theirs.roles]) {
        const isKept = start.roles.includes(role) ? own.roles.includes(role) && theirs.roles.includes(role) : true
        expect(roles.includes(role)).toBe(isKept)
      }
      expect(new Set(roles).size).toBe(roles.length)
    }),
  )
})
