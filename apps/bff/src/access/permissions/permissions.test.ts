// @postgres
/** The list of permissions: each distinct one, its holders, and filters that compare the matched topics instead of the text. */
import { catalogue } from '@gatehouse/contract/access/catalogue'
import { includes, type Permission } from '@gatehouse/contract/access/permission'
import { type Holder, permissions } from '@gatehouse/contract/access/permissions'
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { covers, overlaps } from '@gatehouse/contract/access/topic'
import { users } from '@gatehouse/contract/identity/users'
import type { Search } from '@gatehouse/contract/route'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { operatorPermissions } from '../roles/built-in.ts'

/** Pages of one permission are half of the requests. Pages of two and three end at the same places. */
const isAll = Boolean(process.env['GATEHOUSE_TEST_ALL'])

type Filters = NonNullable<Search<typeof permissions.list>>

const mqtt = (resource: string, operation: Permission['operation']): Permission => ({
  context: 'mqtt',
  resource,
  operation,
})
const path = (resource: string, operation: Permission['operation']): Permission => ({
  context: 'http',
  resource,
  operation,
})

const ofRole = [mqtt('line-3/#', 'readWrite'), mqtt('line-3/+/setpoint', 'write'), path('/api/users/#', 'read')]
const ofPress = [mqtt('line-3/+/setpoint', 'write'), mqtt('line-3/press/state', 'write'), mqtt('//a/', 'read')]
const ofClerk = [mqtt('+/+/setpoint', 'read'), mqtt('$SYS/#', 'read'), path('/api/users/+', 'readWrite')]
const ofEverybody = [mqtt('#', 'readWrite'), mqtt('$SYS/#', 'read'), path('/#', 'readWrite')]

let app: TestApp
let door: BackDoor
let ids: Record<'role' | 'press' | 'clerk' | 'admins', string>
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const admin = await app.as('admin')
  const role = await admin(roles.create, { body: { name: 'line-3', permissions: ofRole } })
  const press = await admin(users.create, { body: { username: 'press', roles: [role.id], permissions: ofPress } })
  const { items } = await admin(roles.list, { search: { 'name[eq]': adminRoleName } })
  ids = { role: role.id, press: press.id, clerk: '', admins: items[0]?.id ?? '' }
  // Only holders of `$SYS` can give it. Here only the built-in role holds it, to read.
  ids.clerk = (await admin(users.create, { body: { username: 'clerk', permissions: ofClerk } })).id
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const nameOf = ({ context, operation, resource }: Permission) => `${context} ${resource} ${operation}`
const everyPermission = [...ofRole, ...ofPress, ...ofClerk, ...ofEverybody, ...operatorPermissions]

const distinct = those(() => true)

function those(fits: (one: Permission) => boolean): string[] {
  return [...new Set(everyPermission.filter(fits).map(nameOf))].toSorted()
}

async function list(filters: Filters = {}) {
  return (await app.as('admin'))(permissions.list, { search: filters })
}
async function namesIn(filters: Filters): Promise<string[]> {
  return (await list(filters)).items.map(nameOf)
}

describe('the permissions', () => {
  it('are listed once each, by resource, with their first holders', async () => {
    const { items, total, nextCursor } = await list()
    expect(items.map(nameOf)).toEqual(distinct)
    expect([total, nextCursor]).toEqual([distinct.length, null])
    expect(items.find(({ resource }) => resource === 'line-3/+/setpoint')).toMatchObject({
      roles: [{ id: ids.role, name: 'line-3' }],
      roleCount: 1,
      users: [{ id: ids.press, username: 'press' }],
      userCount: 1,
    })
    expect(items.find(({ resource }) => resource === '$SYS/#')).toMatchObject({
      roles: [{ id: ids.admins }],
      users: [{ id: ids.clerk }],
    })
  })

  it.each(['resource', '-resource'] as const)(
    'join from pages sorted by %s, without a gap or a repetition',
    async (sort) => {
      const whole = await namesIn({ sort })
      expect(whole.toSorted()).toEqual(distinct)
      for (const filter of [{}, { covers: 'line-3/press/setpoint' }, { overlaps: '+/#' }] satisfies Filters[]) {
        const expected = await namesIn({ sort, ...filter })
        for (const limit of isAll ? [1, 2, 3] : [2, 3]) {
          const read: string[] = []
          let cursor: string | undefined
          do {
            const page = await list({ sort, limit, ...filter, ...(cursor && { cursor }) })
            expect(page.total).toBe(expected.length)
            read.push(...page.items.map(nameOf))
            cursor = page.nextCursor ?? undefined
          } while (cursor)
          expect(read).toEqual(expected)
        }
      }
    },
  )

  it('are listed in descending order', async () => {
    const filter = { 'operation[eq]': 'read' } as const
    expect(await namesIn({ ...filter, sort: '-resource' })).toEqual((await namesIn(filter)).toReversed())
  })

  it('are paged past a resource of the maximum length', async () => {
    const admin = await app.as('admin')
    const longest = [1, 2].map((last) => mqtt('"'.repeat(1_023) + last, 'read'))
    const { id } = await admin(users.create, { body: { username: 'long', permissions: longest } })
    const first = await list({ limit: 1, 'context[eq]': 'mqtt' })
    const second = await list({ limit: 1, 'context[eq]': 'mqtt', cursor: first.nextCursor ?? '' })
    expect([...first.items, ...second.items].map(nameOf)).toEqual(longest.map(nameOf))
    await admin(users.remove, { params: { id } })
  })

  it('leave the list with the last holder', async () => {
    const admin = await app.as('admin')
    const body = { username: 'passing', permissions: [mqtt('passing/by', 'read')] }
    const { id } = await admin(users.create, { body })
    expect(await namesIn({ search: 'PASSING' })).toEqual(['mqtt passing/by read'])
    await admin(users.remove, { params: { id } })
    expect(await list({ search: 'passing' })).toEqual({ items: [], nextCursor: null, total: 0 })
  })
})

describe('who can write line-3/+/setpoint?', () => {
  const question = 'line-3/+/setpoint'
  it('lists filters that cover line-3/#', async () => {
    expect(await namesIn({ 'context[eq]': 'mqtt', allows: 'write', covers: question })).toEqual([
      'mqtt # readWrite',
      'mqtt line-3/# readWrite',
      'mqtt line-3/+/setpoint write',
    ])
  })

  it('lists filters that overlap line-3/#', async () => {
    const admin = await app.as('admin')
    const body = { username: 'one-press', permissions: [mqtt('line-3/press/setpoint', 'write')] }
    const { id } = await admin(users.create, { body })
    const found = await namesIn({ 'context[eq]': 'mqtt', allows: 'write', overlaps: question })
    expect(found).toContain('mqtt line-3/press/setpoint write')
    expect(await namesIn({ allows: 'write', covers: question })).not.toContain('mqtt line-3/press/setpoint write')
    await admin(users.remove, { params: { id } })
  })

  const filters = [
    '#',
    '+',
    '/#',
    '//a/',
    '+/#',
    'line-3',
    'line-3/#',
    'line-3/press/+',
    '$SYS/x',
    '/api/users/x',
    '/api',
  ]
  const deep = `line-3/${'a/'.repeat(20)}b`
  it.each([...filters, deep])(
    '%s: agrees with a check of each permission, also for more levels than the index serves',
    async (filter) => {
      expect(await namesIn({ covers: filter })).toEqual(those(({ resource }) => covers(resource, filter)))
      expect(await namesIn({ overlaps: filter })).toEqual(those(({ resource }) => overlaps(resource, filter)))
    },
  )

  it.each(['read', 'write'] as const)('operation and context, alone and together: %s', async (operation) => {
    expect(await namesIn({ 'operation[eq]': operation })).toEqual(those((one) => one.operation === operation))
    expect(await namesIn({ allows: operation, 'context[eq]': 'http' })).toEqual(
      those((one) => one.context === 'http' && includes(one.operation, operation)),
    )
  })

  it.each<[string, Filters, Record<string, string>]>([
    ['# in the middle', { covers: 'a/#/b' }, { covers: 'topic_filter' }],
    ['+ beside text', { overlaps: '+a' }, { overlaps: 'topic_filter' }],
    ['NUL', { covers: 'a\0' }, { covers: 'topic_filter' }],
    ['more than a resource can have', { covers: 'é'.repeat(513) }, { covers: 'too_long' }],
    ['a cursor of another kind', { cursor: Buffer.from('["mqtt","x"]').toString('base64url') }, { cursor: 'invalid' }],
    ['a cursor that is none', { cursor: 'rubbish' }, { cursor: 'invalid' }],
  ])('refused for %s', async (_what, filter, fields) => {
    const problem = await refused(list(filter), 'invalid')
    expect(problem.fields).toEqual(fields)
  })
})

describe('the holders of one permission', () => {
  const shared = mqtt('shared/by/many', 'read')
  const asked = { 'context[eq]': 'mqtt', 'resource[eq]': shared.resource, 'operation[eq]': 'read' } as const

  it('are paged, roles first; the list of permissions counts a thousand and names three', async () => {
    const admin = await app.as('admin')
    for (const name of ['shared-a', 'shared-b']) await admin(roles.create, { body: { name, permissions: [shared] } })
    const made = Array.from({ length: 5 }, (_, at) => `sharing-${at}`)
    for (const username of made) {
      const { id } = await admin(users.create, { body: { username } })
      await door.insert('user_permissions', { user_id: id, ...shared })
    }
    const read: Holder[] = []
    let cursor: string | undefined
    do {
      const page = await admin(permissions.holders, { search: { ...asked, limit: 2, ...(cursor && { cursor }) } })
      expect(page.total).toBe(7)
      read.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor)
    expect(read.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'role shared-a',
      'role shared-b',
      ...made.map((name) => `user ${name}`),
    ])
    const [item] = (await list({ search: 'shared/by' })).items
    expect(item).toMatchObject({ roleCount: 2, userCount: 5 })
    expect(item?.users.map(({ username }) => username)).toEqual(made.slice(0, 3))
  })

  it('differ by operation', async () => {
    const admin = await app.as('admin')
    const search = { ...asked, 'operation[eq]': 'write' } as const
    expect(await admin(permissions.holders, { search })).toEqual({ items: [], nextCursor: null, total: 0 })
  })
})

describe('many thousand distinct permissions', () => {
  it('are read in parts if no index helps: each page continues where the last one stopped', async () => {
    const many = Array.from({ length: 21_000 }, (_, at) => {
      const resource = `many/${String(at).padStart(5, '0')}/${at % 7_000 ? 'x' : 'y'}`
      return { user_id: ids.press, ...mqtt(resource, 'read') }
    })
    await door.insert('user_permissions', ...many)
    expect(await list({ limit: 1 })).toMatchObject({ total: null })
    expect(await list({ covers: 'many/00007/x' })).toMatchObject({ total: 2, nextCursor: null })
    const found: string[] = []
    let pages = 0
    let cursor: string | undefined
    do {
      const page = await list({ overlaps: 'many/+/y', allows: 'read', ...(cursor && { cursor }) })
      found.push(...page.items.map(({ resource }) => resource))
      cursor = page.nextCursor ?? undefined
      pages++
    } while (cursor)
    expect(found).toEqual(['#', 'many/00000/y', 'many/07000/y', 'many/14000/y'])
    expect(pages).toBe(2)
    await door.run("delete from user_permissions where resource like 'many/%'")
  })
})

describe('the catalogue', () => {
  it('is open to every signed-in user and has what the console shows', async () => {
    const nobody = await app.as('nobody')
    expect(await nobody(permissions.catalogue, {})).toEqual(catalogue)
    await refused(nobody(permissions.list, {}), 'not_permitted')
  })
})
