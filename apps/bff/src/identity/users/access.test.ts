/** The access of one user: each permission with its origin, and a check of one operation with the permissions that decide it. */

import type { Permission } from '@gatehouse/contract/access/permission'
import { type AccessReason, type AccessVerdict, permissions } from '@gatehouse/contract/access/permissions'
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { users } from '@gatehouse/contract/identity/users'
import type { Body } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'

const line3 = { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' } as const
const state = { context: 'mqtt', resource: 'line-3/+/state', operation: 'write' } as const
const readUsers = { context: 'http', resource: '/api/users/#', operation: 'read' } as const

let app: TestApp
let roleId: string
let otherId: string
let userId: string
beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  roleId = (await admin(roles.create, { body: { name: 'line-3', permissions: [line3, readUsers] } })).id
  otherId = (await admin(roles.create, { body: { name: 'all-of-line-3', permissions: [line3] } })).id
  const body = { username: 'press', roles: [roleId, otherId], permissions: [state, readUsers] }
  userId = (await admin(users.create, { body })).id
})
afterAll(() => app.stop())

async function check(question: Body<typeof permissions.check>, id = userId): Promise<AccessVerdict> {
  return (await app.as('admin'))(permissions.check, { params: { id }, body: question })
}

describe('what a user may do', () => {
  it('lists each permission once, with all its roles and whether it is individual', async () => {
    const admin = await app.as('admin')
    const throughBoth = [
      { id: otherId, name: 'all-of-line-3' },
      { id: roleId, name: 'line-3' },
    ]
    expect(await admin(permissions.accessOf, { params: { id: userId } })).toEqual({
      items: [
        { ...readUsers, roles: throughBoth.slice(1), individual: true },
        { ...line3, roles: throughBoth, individual: false },
        { ...state, roles: [], individual: true },
      ],
      total: 3,
      nextCursor: null,
      disabledAt: null,
      mqttPublishPrefix: null,
    })
  })

  it('is paged, searched and filtered', async () => {
    const admin = await app.as('admin')
    const list = (search: { limit?: number; cursor?: string; search?: string; 'context[eq]'?: 'http' | 'mqtt' }) =>
      admin(permissions.accessOf, { params: { id: userId }, search })
    const first = await list({ limit: 2 })
    const second = await list({ limit: 2, cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(({ resource }) => resource)).toEqual([
      '/api/users/#',
      'line-3/#',
      'line-3/+/state',
    ])
    expect(second.nextCursor).toBeNull()
    expect(await list({ search: 'STATE' })).toMatchObject({ total: 1, items: [state] })
    expect(await list({ 'context[eq]': 'http' })).toMatchObject({ total: 1, items: [readUsers] })
  })

  it('answers 404 for an unknown user', async () => {
    const admin = await app.as('admin')
    const params = { id: '00000000-0000-7000-8000-000000000000' }
    await refused(admin(permissions.accessOf, { params }), 'not_found')
    await refused(check({ ...line3 }, params.id), 'not_found')
  })

  it('is refused to callers without the permission, also about themselves', async () => {
    const nobody = await app.as('nobody')
    await refused(nobody(permissions.accessOf, { params: { id: userId } }), 'not_permitted')
    await refused(nobody(permissions.check, { params: { id: userId }, body: line3 }), 'not_permitted')
  })
})

describe('may it?', () => {
  it.each<[string, Permission, boolean, AccessReason[]]>([
    [
      'publish to a topic inside',
      { ...line3, operation: 'write', resource: 'line-3/press/state' },
      true,
      ['permitted'],
    ],
    ['subscribe to a filter inside', { ...line3, operation: 'read', resource: 'line-3/+/x' }, true, ['permitted']],
    ['subscribe to more', { ...line3, operation: 'read', resource: '+/press' }, false, ['no_permission']],
    ['both', { ...line3, resource: 'line-3/x' }, true, ['permitted', 'permitted']],
    ['read a user', { ...readUsers, resource: '/api/users/1' }, true, ['permitted']],
    [
      'read and change one',
      { context: 'http', resource: '/api/users/1', operation: 'readWrite' },
      false,
      ['permitted', 'no_permission'],
    ],
    ['publish to a filter', { ...line3, operation: 'write', resource: 'line-3/+' }, false, ['topic_expected']],
    ['publish to $SYS', { ...line3, operation: 'write', resource: '$SYS/x' }, false, ['broker_topic']],
    ['share a subscription', { ...line3, operation: 'read', resource: '$share/g/line-3/x' }, true, ['permitted']],
    ['share another', { ...line3, operation: 'read', resource: '$share/g/line-4/x' }, false, ['no_permission']],
    ['share without a filter', { ...line3, operation: 'read', resource: '$share/g' }, false, ['shared_subscription']],
  ])('%s', async (_what, question, allowed, reasons) => {
    const verdict = await check(question)
    expect([verdict.allowed, verdict.because.map(({ reason }) => reason)]).toEqual([allowed, reasons])
    for (const { allowed: half, lines } of verdict.because) expect(lines.length > 0).toBe(half)
  })

  it('names the permissions that decide', async () => {
    const { because } = await check({ context: 'mqtt', resource: 'line-3/press/state', operation: 'write' })
    expect(because).toMatchObject([
      {
        operation: 'write',
        lines: [
          { ...line3, roles: [{ name: 'all-of-line-3' }, { name: 'line-3' }], individual: false },
          { ...state, roles: [], individual: true },
        ],
      },
    ])
  })

  it('puts the publish prefix before the topic for write only', async () => {
    const admin = await app.as('admin')
    const body = { username: 'prefixed', permissions: [line3], mqttPublishPrefix: 'line-3/press/' }
    const { id } = await admin(users.create, { body })
    expect(await check({ context: 'mqtt', resource: 'temp', operation: 'readWrite' }, id)).toMatchObject({
      allowed: false,
      because: [
        { operation: 'read', resource: 'temp', allowed: false },
        { operation: 'write', resource: 'line-3/press/temp', allowed: true },
      ],
    })
  })

  it('allows nothing to a disabled user', async () => {
    const admin = await app.as('admin')
    const { items } = await admin(roles.list, { search: { 'name[eq]': adminRoleName } })
    const { id } = await admin(users.create, { body: { username: 'mighty', roles: [items[0]?.id ?? ''] } })
    const question = { context: 'mqtt', resource: 'a', operation: 'read' } as const
    expect(await check(question, id)).toMatchObject({ allowed: true })
    await admin(users.update, { params: { id }, body: { disabled: true } })
    expect(await check(question, id)).toMatchObject({
      allowed: false,
      because: [{ reason: 'user_disabled', lines: [] }],
    })
  })

  it.each<[string, Permission, string]>([
    ['a filter that is none', { ...line3, resource: 'a/#/b' }, 'topic_filter'],
    ['NUL', { ...line3, resource: 'a\0' }, 'topic_filter'],
    ['65,536 bytes', { ...line3, resource: 'a'.repeat(65_536) }, 'topic_filter'],
    ['a path without a leading slash', { ...readUsers, resource: 'api/users' }, 'path'],
    ['nothing', { ...line3, resource: '' }, 'required'],
  ])('refuses a check of %s', async (_what, question, code) => {
    expect((await refused(check(question), 'invalid')).fields).toEqual({ resource: code })
  })

  it('answers for the longest topic', async () => {
    expect(await check({ context: 'mqtt', resource: `line-3/${'a'.repeat(65_528)}`, operation: 'read' })).toMatchObject(
      {
        allowed: true,
      },
    )
  })
})
