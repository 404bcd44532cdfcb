import { roles } from '@gatehouse/contract/access/roles'
import { type UserSearch, users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
let roleId: string
const names = ['Alpha-1', 'alpha-2', 'ALPHA_3', 'beta.4', 'beta-5', 'gamma-6']

beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  roleId = (await admin(roles.create, { body: { name: 'listed' } })).id
  for (const [n, username] of names.entries()) {
    await admin(users.create, {
      body: {
        username,
        displayName: n === 0 ? 'Ärmel 100%' : n === 1 ? 'back\\slash_and' : null,
        kind: n % 2 === 0 ? 'machine' : 'person',
        roles: n < 2 ? [roleId] : [],
        grantTypes: n < 3 ? [{ method: 'certificate' }] : [],
      },
    })
  }
  const { items } = await admin(users.list, { search: { 'username[eq]': 'gamma-6' } })
  await admin(users.update, { params: { id: items[0]?.id ?? '' }, body: { disabled: true } })
})
afterAll(() => app.stop())

async function find(search: UserSearch) {
  const { items, total } = await (await app.as('admin'))(users.list, { search })
  expect(total).toBe(items.length)
  return items.map(({ username }) => username)
}

/** All pages, one after the other. */
async function readAll(search: UserSearch, meanwhile?: () => Promise<unknown>): Promise<string[]> {
  const admin = await app.as('admin')
  const found: string[] = []
  let cursor: string | null = null
  do {
    const page: { items: { username: string }[]; nextCursor: string | null } = await admin(users.list, {
      search: { ...search, ...(cursor !== null && { cursor }) },
    })
    found.push(...page.items.map(({ username }) => username))
    cursor = page.nextCursor
    await meanwhile?.()
  } while (cursor !== null)
  return found
}

describe('users are found', () => {
  it.each<[UserSearch, string[]]>([
    [{}, ['admin', 'Alpha-1', 'alpha-2', 'ALPHA_3', 'beta-5', 'beta.4', 'gamma-6']],
    [{ search: 'alpha' }, ['Alpha-1', 'alpha-2', 'ALPHA_3']],
    [{ search: 'ALPHA-' }, ['Alpha-1', 'alpha-2']],
    [{ search: 'pha_' }, ['ALPHA_3']],
    [{ search: '100%' }, ['Alpha-1']],
    [{ search: 'k\\s' }, ['alpha-2']],
    [{ search: '""-' }, []],
    [{ search: 'be' }, ['beta-5', 'beta.4']],
    [{ search: 'Ä' }, ['Alpha-1']],
    [{ search: '_' }, []],
    [{ search: '4' }, []],
    [{ search: 'ÄRMEL' }, ['Alpha-1']],
    [{ search: 'Ärmel' }, ['Alpha-1']],
    [{ search: "' or 1=1 --" }, []],
    [{ search: '' }, ['admin', 'Alpha-1', 'alpha-2', 'ALPHA_3', 'beta-5', 'beta.4', 'gamma-6']],
    [{ 'username[contains]': 'A-' }, ['Alpha-1', 'alpha-2', 'beta-5', 'gamma-6']],
    [{ 'username[eq]': 'Alpha-1' }, ['Alpha-1']],
    [{ 'username[eq]': 'alpha-1' }, []],
    [{ 'method[eq]': 'certificate' }, ['Alpha-1', 'alpha-2', 'ALPHA_3']],
    [{ 'state[eq]': 'disabled' }, ['gamma-6']],
    [{ 'kind[eq]': 'person' }, ['admin', 'alpha-2', 'beta.4', 'gamma-6']],
    [{ 'kind[eq]': 'machine', 'method[eq]': 'certificate', search: 'a_3' }, ['ALPHA_3']],
    [{ 'username[contains]': '3' }, ['ALPHA_3']],
    [{ 'username[contains]': 'slash' }, []],
    [{ sort: '-username', 'state[eq]': 'enabled', search: 'beta' }, ['beta.4', 'beta-5']],
    [{ sort: 'createdAt', 'username[contains]': '-' }, ['Alpha-1', 'alpha-2', 'beta-5', 'gamma-6']],
  ])('by %o', async (search, expected) => {
    const found = await find(search)
    const ordered = (list: string[]) => (search.sort ? list : list.toSorted())
    expect(ordered(found)).toEqual(ordered(expected))
  })

  it('by role', async () => {
    expect(await find({ 'role[eq]': roleId })).toEqual(['Alpha-1', 'alpha-2'])
    expect(await find({ 'role[eq]': '00000000-0000-7000-8000-000000000000' })).toEqual([])
  })

  it('sorted by name without regard to case, by default and on demand', async () => {
    const sorted = ['admin', 'Alpha-1', 'alpha-2', 'ALPHA_3', 'beta-5', 'beta.4', 'gamma-6']
    expect(await find({})).toEqual(sorted)
    expect(await find({ sort: '-username' })).toEqual(sorted.toReversed())
  })
})

describe('pages', () => {
  it.each(['username', '-username', 'createdAt', '-createdAt', 'lastSignInAt', '-lastSignInAt'] as const)(
    'sorted by %s join without a gap or a repetition, also where many are equal',
    async (sort) => {
      const door = openBackDoor(app)
      await door.run('update users set created_at = ?', '2026-01-01T00:00:00.000Z')
      await door.close()
      const whole = await readAll({ sort, limit: 200 })
      expect(whole.toSorted()).toEqual(['admin', ...names].toSorted())
      for (const limit of [1, 2, 3]) expect(await readAll({ sort, limit })).toEqual(whole)
    },
  )

  it('do not shift when a user before them is added or deleted', async () => {
    const admin = await app.as('admin')
    let n = 0
    const added: string[] = []
    const found = await readAll({ limit: 2, 'state[eq]': 'enabled' }, async () => {
      added.push((await admin(users.create, { body: { username: `aaa-${n++}` } })).id)
    })
    expect(found).toEqual([...new Set(found)])
    expect(found.filter((name) => !name.startsWith('aaa'))).toEqual([
      'admin',
      'Alpha-1',
      'alpha-2',
      'ALPHA_3',
      'beta-5',
      'beta.4',
    ])
    for (const id of added) await admin(users.remove, { params: { id } })
    expect((await admin(users.list, {})).total).toBe(names.length + 1)
  })

  it.each([
    ['limit=0', { limit: 'too_small' }],
    ['limit=201', { limit: 'too_large' }],
    ['limit=ten', { limit: 'invalid' }],
    ['limit=1&limit=2', { limit: 'invalid' }],
    ['sort=password', { sort: 'invalid' }],
    ['username[like]=a', { 'username[like]': 'unknown' }],
    ['role[eq]=admin', { 'role[eq]': 'invalid' }],
    ['cursor=rubbish', { cursor: 'invalid' }],
    ['cursor=bnVsbA', { cursor: 'invalid' }],
    [`search=${'a'.repeat(201)}`, { search: 'too_long' }],
    ['search=a-1%0Aalpha', { search: 'invalid' }],
    ['search=%00', { search: 'invalid' }],
    ['username[contains]=a%00', { 'username[contains]': 'invalid' }],
    ['__proto__[x]=1', { '__proto__[x]': 'unknown' }],
  ])('are refused for %s', async (query, fields) => {
    const door = openBackDoor(app)
    const cookie = await door.openSession('admin')
    await door.close()
    const { status, text } = await sendRaw(app, { method: 'GET', path: `/api/users?${query}` }, { cookie })
    expect(status).toBe(400)
    expect(JSON.parse(text)).toMatchObject({ code: 'invalid', fields })
  })

  it('have fifty users by default', async () => {
    const admin = await app.as('admin')
    await refused(admin(users.list, { search: { limit: -1 } }), 'invalid')
    expect((await admin(users.list, {})).items.length).toBeLessThanOrEqual(50)
  })
})
