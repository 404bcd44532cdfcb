import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { users } from '../identity/users.ts'
import { coversAll, everything, holds, may, mayCall, mayCallSome, Permission, within } from './permission.ts'
import { roles } from './roles.ts'

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

describe('a permission', () => {
  it.each([
    ['a permission to read allows reading', mqtt('a/#', 'read'), 'read', 'a/b', true],
    ['a permission to read does not allow writing', mqtt('a/#', 'read'), 'write', 'a/b', false],
    ['readWrite allows each', mqtt('a/#'), 'write', 'a/b', true],
    ['an http permission does not allow a topic', http('/#'), 'read', '/a', false],
    ['# does not match $SYS', mqtt('#'), 'read', '$SYS/uptime', false],
    ['$SYS/# matches $SYS', mqtt('$SYS/#', 'read'), 'read', '$SYS/uptime', true],
  ] as const)('%s', (_what, held, operation, topic, expected) => {
    expect(may([held], 'mqtt', operation, topic)).toBe(expected)
  })

  it.each([
    [mqtt('a/#/b'), 'topic_filter'],
    [mqtt('a+'), 'topic_filter'],
    [mqtt('a\0'), 'topic_filter'],
    [http('api/users'), 'path'],
    [http('#'), 'path'],
    [http('+/users'), 'path'],
  ])('is invalid: %o, at %s', (permission, code) => {
    const issue = Permission.safeParse(permission).error?.issues[0]
    expect([issue?.path, issue?.message]).toEqual([['resource'], code])
  })

  it('has no other members, and a resource of bounded length', () => {
    expect(Permission.safeParse({ ...http('/a'), isAdmin: true }).success).toBe(false)
    expect(Permission.safeParse(mqtt('a'.repeat(1_024))).success).toBe(true)
    for (const long of ['a'.repeat(1_025), 'é'.repeat(513), 'a'.repeat(65_536)]) {
      expect(Permission.safeParse(mqtt(long)).error?.issues.map(({ message }) => message)).toContain('too_long')
    }
    expect(Permission.safeParse(mqtt('')).success).toBe(false)
  })
})

describe('a route', () => {
  const params = { id: '0190-a' }
  it.each([
    ['# opens the list too', http('/api/users/#', 'read'), users.list, undefined, true],
    ['+ does not open the list', http('/api/users/+', 'read'), users.list, undefined, false],
    ['+ opens one user', http('/api/users/+', 'read'), users.view, params, true],
    ['an id opens that user', http('/api/users/0190-a', 'read'), users.view, params, true],
    ['an id does not open another user', http('/api/users/0190-b', 'read'), users.view, params, false],
    ['read does not open a change', http('/#', 'read'), users.update, params, false],
    ['read opens a query by POST', http('/#', 'read'), users.impact, params, true],
    ['write does not open reading', http('/#', 'write'), users.list, undefined, false],
    ['a path does not open a longer name', http('/api/user', 'read'), users.list, undefined, false],
    ['case matters', http('/API/#', 'read'), users.list, undefined, false],
    ['users do not open roles', http('/api/users/#'), roles.list, undefined, false],
  ])('is opened: %s', (_what, held, route, given, expected) => {
    expect(mayCall([held], route, given)).toBe(expected)
  })

  it.each(['#', '+', '../roles', 'a/b', '%2e%2e', 'a b'])(
    'takes the parameter %j as a name, not as a pattern or a path',
    (id) => {
      expect(mayCall([http('/api/users/+', 'read')], users.view, { id })).toBe(true)
      expect(mayCall([http('/api/roles/#', 'read')], users.view, { id })).toBe(false)
    },
  )

  it('is known to be callable before the object is known', () => {
    expect(mayCallSome([http('/api/users/+')], users.remove)).toBe(true)
    expect(mayCallSome([http('/api/users')], users.remove)).toBe(false)
  })
})

/** Few words, so that generated values meet often. */
const somePermission = fc
  .record({
    context: fc.constantFrom('http' as const, 'mqtt' as const),
    resource: fc.constantFrom('/#', '/api/#', '/api/users', '/api/+', '#', 'a/#', 'a/b', '+/b', '$SYS/#', '$SYS/a'),
    operation: fc.constantFrom('read' as const, 'write' as const, 'readWrite' as const),
  })
  .filter((one) => Permission.safeParse(one).success)

const someQuestion = fc.record({
  context: fc.constantFrom('http' as const, 'mqtt' as const),
  operation: fc.constantFrom('read' as const, 'write' as const),
  resource: fc.constantFrom('/api', '/api/users', '/api/users/1', 'a', 'a/b', 'x/b', '$SYS', '$SYS/a', '/'),
})

describe('the intersection of two lists', () => {
  it.each([
    ['is the limit if all of it is held', [http('/#')], [http('/api/users/#', 'read')], [http('/api/users/#', 'read')]],
    [
      'is the limit if two permissions hold its halves',
      [mqtt('a/#', 'read'), mqtt('+', 'write')],
      [mqtt('a')],
      [mqtt('a')],
    ],
    ['is the held permission if the limit is wider', [mqtt('a', 'read')], [mqtt('#')], [mqtt('a', 'read')]],
    ['is the intersection of two filters', [mqtt('a/+', 'read')], [mqtt('+/b')], [mqtt('a/b', 'read')]],
    ['is empty for another operation', [mqtt('a', 'read')], [mqtt('a', 'write')], []],
    ['is empty for another context', [mqtt('/#')], [http('/#')], []],
    ['is empty for # and $SYS', [mqtt('#')], [mqtt('$SYS/#', 'read')], []],
    ['has no duplicates', [mqtt('a'), mqtt('+')], [mqtt('#'), mqtt('a/#')], [mqtt('a'), mqtt('+')]],
  ])('%s', (_what, held, limits, expected) => expect(within(limits, held)).toEqual(expected))

  it('allows and covers exactly what both lists do', () => {
    const list = fc.array(somePermission, { maxLength: 5 })
    fc.assert(
      fc.property(
        list,
        list,
        someQuestion,
        somePermission,
        (limits, held, { context, operation, resource }, wanted) => {
          const left = within(limits, held)
          const asked = [context, operation, resource] as const
          expect(may(left, ...asked)).toBe(may(limits, ...asked) && may(held, ...asked))
          expect(holds(left, wanted)).toBe(holds(limits, wanted) && holds(held, wanted))
        },
      ),
      { numRuns: process.env['GATEHOUSE_TEST_ALL'] ? 5_000 : 300 },
    )
  })
})

describe('coversAll', () => {
  it.each([
    ['covers itself', [mqtt('a/#')], mqtt('a/#'), true],
    ['covers a part', [mqtt('a/#')], mqtt('a/+/b', 'read'), true],
    ['covers both halves by two permissions', [mqtt('a/#', 'read'), mqtt('a/#', 'write')], mqtt('a/b'), true],
    [
      'does not cover a half that is held for another filter',
      [mqtt('a/#', 'read'), mqtt('b/#', 'write')],
      mqtt('a/b'),
      false,
    ],
    ['does not cover more operations', [mqtt('a/#', 'read')], mqtt('a/b'), false],
    ['does not cover a wider filter', [mqtt('a/+')], mqtt('a/#'), false],
    ['does not cover $SYS by #', [mqtt('#')], mqtt('$SYS/#', 'read'), false],
    ['does not cover another context', [http('/#')], mqtt('/#'), false],
    ['covers nothing if nothing is held', [], mqtt('a', 'read'), false],
  ] as const)('%s', (_what, held, wanted, expected) => {
    expect(holds([...held], wanted)).toBe(expected)
  })

  it('lets an administrator give anything below /# and #, and reading $SYS', () => {
    const given = [http('/api/users/#'), mqtt('line-3/#'), mqtt('+/+/x'), mqtt('#'), mqtt('$SYS/broker/+', 'read')]
    expect(coversAll(everything, given)).toBe(true)
    expect(coversAll(everything, [mqtt('$SYS/#', 'write')])).toBe(false)
    expect(coversAll(everything, [mqtt('$share/group/#', 'read')])).toBe(false)
  })

  it('is true only if the held permissions allow everything that the given ones allow', () => {
    fc.assert(
      fc.property(
        fc.array(somePermission),
        fc.array(somePermission),
        someQuestion,
        (held, given, { context, operation, resource }) => {
          fc.pre(coversAll(held, given) && may(given, context, operation, resource))
          expect(may(held, context, operation, resource)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
