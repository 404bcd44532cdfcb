// @postgres
/** Tags of users: one spelling, bounded, filtered, in the audit, and without effect on rights. */
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

const tagged = async (username: string, tags: string[]) =>
  (await app.as('admin'))(users.create, { body: { username, kind: 'machine', tags } })

it('stores one spelling of a tag, each once, in order', async () => {
  const { tags, id } = await tagged('spelling', ['  Hall   3 ', 'pilot', 'hall 3', 'PILOT', 'öl'])
  expect(tags).toEqual(['hall 3', 'pilot', 'öl'])
  const admin = await app.as('admin')
  expect((await admin(users.view, { params: { id } })).tags).toEqual(tags)
})

it('keeps the tags if a change does not name them, and writes a change into the audit', async () => {
  const { id } = await tagged('changed', ['a'])
  const admin = await app.as('admin')
  expect((await admin(users.update, { params: { id }, body: { displayName: 'X' } })).tags).toEqual(['a'])
  expect((await admin(users.update, { params: { id }, body: { tags: ['b', 'a'] } })).tags).toEqual(['a', 'b'])
  const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
  expect(items[0]).toMatchObject({ action: 'user.updated', before: { tags: ['a'] }, after: { tags: ['a', 'b'] } })
})

it.each([
  ['an empty one', [' '], 'required'],
  ['more than 40 characters', ['x'.repeat(41)], 'too_long'],
  ['a separator of the CSV file', ['a|b'], 'tag_characters'],
  ['a formula', ['=1'], 'tag_characters'],
])('refuses %s', async (_what, tags, code) => {
  expect((await refused(tagged('refused', tags), 'invalid')).fields).toEqual({ 'tags.0': code })
})

it('refuses more than 20 tags', async () => {
  const many = Array.from({ length: 21 }, (_, n) => `t${n}`)
  expect((await refused(tagged('refused', many), 'invalid')).fields).toEqual({ tags: 'too_long' })
})

it('filters by tag, alone and with other filters, and in the export', async () => {
  await tagged('line-1', ['filtered'])
  await tagged('line-2', ['filtered', 'other'])
  await tagged('line-3', ['other'])
  const admin = await app.as('admin')
  const found = async (search: object) => {
    const { items, total } = await admin(users.list, { search: { 'tag[eq]': 'Filtered', ...search } })
    return [total, ...items.map(({ username }) => username)]
  }
  expect(await found({})).toEqual([2, 'line-1', 'line-2'])
  expect(await found({ sort: '-username' })).toEqual([2, 'line-2', 'line-1'])
  expect(await found({ search: 'line-2' })).toEqual([1, 'line-2'])
  expect(await found({ 'kind[eq]': 'person' })).toEqual([0])
  const csv = await admin(userTransfer.export, { search: { 'tag[eq]': 'filtered' } })
  expect(csv).toContain('filtered|other')
  expect(csv).not.toContain('line-3')
})

it('lists the tags in use with the number of their users, by their beginning', async () => {
  await tagged('listed-1', ['zone-1', 'zone-2'])
  const { id } = await tagged('listed-2', ['zone-2'])
  const admin = await app.as('admin')
  const listed = async () => (await admin(users.tags, { search: { 'tag[begins]': 'Zone' } })).items
  expect(await listed()).toEqual([
    { tag: 'zone-1', users: 1 },
    { tag: 'zone-2', users: 2 },
  ])
  await admin(users.remove, { params: { id } })
  expect(await listed()).toEqual([
    { tag: 'zone-1', users: 1 },
    { tag: 'zone-2', users: 1 },
  ])
})
