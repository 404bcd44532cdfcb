// @postgres
/**
 * A list of more than ten thousand users, where every plan of the user index is in use. For every filter and order, the pages
 * have the users that a filter over all users gives.
 */

import { roles } from '@gatehouse/contract/access/roles'
import type { Call } from '@gatehouse/contract/client'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type User, type UserCreate, type UserSearch, users } from '@gatehouse/contract/identity/users'
import { settings } from '@gatehouse/contract/operations/settings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { openBackDoor } from '../../../test/back-door.ts'

// More than are counted exactly, and more than one slice of a walk.
const count = 11_000
const exactly = 10_000

let app: TestApp
let script: Call
let everybody: User[]
let common = ''
let rare = ''

beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  common = (await admin(roles.create, { body: { name: 'common' } })).id
  rare = (await admin(roles.create, { body: { name: 'rare' } })).id
  for (let from = 0; from < count; from += 1_000) {
    const given = Array.from({ length: 1_000 }, (_, n) => newUser(from + n))
    await admin(userTransfer.batch, { body: { users: given } })
  }
  const door = openBackDoor(app)
  await door.run("update users set disabled_at = created_at where username like '%7'")
  await door.run("update users set mfa_enrolled_at = created_at where username like '%press_%3'")
  await door.run("update users set last_sign_in_at = created_at where username like '%4'")
  // A policy that demands a second factor holds for the administrator too, whose token would not work without one.
  await door.setFacts('admin', { mfa_enrolled_at: '2026-01-01T00:00:00.000Z' })
  script = await door.asToken('admin')
  await door.close()
  everybody = await readAll({ limit: 200 })
})
afterAll(() => app.stop())

/** The machines of the last line come last in the alphabet. One of twenty users is a person. */
function newUser(at: number): UserCreate {
  const number = String(at).padStart(5, '0')
  if (at % 20 === 0) {
    return {
      username: `Person.${number}`,
      displayName: at % 40 === 0 ? `Zoë Ünal ${number}` : `Line Manager ${number}`,
      grantTypes: [{ method: 'password' }, ...(at % 100 === 0 ? [{ method: 'token' as const }] : [])],
      mfaRequired: at % 60 === 0,
      roles: [common],
    }
  }
  return {
    username: `${at % 11 === 0 ? 'zz-line' : 'line'}-${at % 7}-press_${number}`,
    grantTypes: [{ method: 'certificate' }],
    roles: [...(at % 2 === 0 ? [common] : []), ...(at % 500 === 1 ? [rare] : [])],
  }
}

async function readAll(search: UserSearch): Promise<User[]> {
  const admin = script
  const found: User[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await admin(users.list, { search: { ...search, ...(cursor !== undefined && { cursor }) } })
    found.push(...page.items)
    if (page.nextCursor === null) return found
    cursor = page.nextCursor
  }
}

const text = ({ username, displayName }: User) => [username.toLowerCase(), (displayName ?? '').toLowerCase()]
const factorOf = ({ mfa }: User) => (mfa.enabled ? 'on' : mfa.demanded ? 'missing' : 'off')

function matches(user: User, search: UserSearch): boolean {
  const word = (search.search ?? '').toLowerCase()
  const isFound =
    word.length < 3 ? text(user).some((one) => one.startsWith(word)) : text(user).some((one) => one.includes(word))
  const { 'method[eq]': method, 'role[eq]': role, 'kind[eq]': kind, 'state[eq]': state, 'factor[eq]': factor } = search
  return (
    isFound &&
    (!method || user.grantTypes.some((grant) => grant.method === method)) &&
    (!role || user.roles.includes(role)) &&
    (!kind || user.kind === kind) &&
    (!state || (state === 'disabled') === (user.disabledAt !== null)) &&
    (!factor || factorOf(user) === factor) &&
    user.username.toLowerCase().includes((search['username[contains]'] ?? '').toLowerCase())
  )
}

const filters: [string, () => UserSearch][] = [
  ['a common word', () => ({ search: 'press' })],
  ['a word of some', () => ({ search: 'LINE-3' })],
  ['one that comes last', () => ({ search: 'zz-line' })],
  ['a rare word', () => ({ search: 'press_00017' })],
  ['a word with its letters in another order', () => ({ search: 'essp' })],
  ['a display name', () => ({ search: 'Zoë ü' })],
  ['a word in both names', () => ({ search: 'line' })],
  ['two letters', () => ({ search: 'li' })],
  ['two letters of few', () => ({ search: 'ZO' })],
  ['one letter', () => ({ search: 'z' })],
  ['nothing', () => ({ search: 'nobody at all' })],
  ['a part of the username', () => ({ 'username[contains]': 'line' })],
  ['two letters of the username', () => ({ 'username[contains]': '_0' })],
  ['a common role', () => ({ 'role[eq]': common })],
  ['a rare role', () => ({ 'role[eq]': rare })],
  ['a common method', () => ({ 'method[eq]': 'certificate' })],
  ['a rare method', () => ({ 'method[eq]': 'token' })],
  ['people', () => ({ 'kind[eq]': 'person' })],
  ['the disabled', () => ({ 'state[eq]': 'disabled' })],
  ['the enabled', () => ({ 'state[eq]': 'enabled' })],
  ['a factor', () => ({ 'factor[eq]': 'on' })],
  ['a factor that is missing', () => ({ 'factor[eq]': 'missing' })],
  ['no factor', () => ({ 'factor[eq]': 'off' })],
  ['a role and a word', () => ({ 'role[eq]': common, search: 'line-3' })],
  ['a role and few', () => ({ 'role[eq]': common, search: 'press_0001' })],
  ['a rare role and what is common', () => ({ 'role[eq]': rare, 'method[eq]': 'certificate' })],
  ['a role and a state', () => ({ 'role[eq]': common, 'state[eq]': 'disabled', 'kind[eq]': 'machine' })],
  ['what nobody is', () => ({ 'kind[eq]': 'person', 'method[eq]': 'certificate' })],
  ['much at once', () => ({ search: 'zz', 'kind[eq]': 'machine', 'state[eq]': 'enabled', 'role[eq]': common })],
]

const orders = {
  username: (user: User) => user.username.toLowerCase(),
  createdAt: (user: User) => user.createdAt,
  lastSignInAt: (user: User) => user.lastSignInAt ?? '',
}

type Sort = keyof typeof orders | `-${keyof typeof orders}`

/** All users in this order, sorted once. */
const sorted = new Map<Sort, User[]>()

function everybodyBy(sort: Sort): User[] {
  const known = sorted.get(sort)
  if (known) return known
  const orderOf = orders[sort.replace('-', '') as keyof typeof orders]
  const keyed = everybody.map((user) => [`${orderOf(user)} ${user.id}`, user] as const)
  const rising = keyed.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, user]) => user)
  const inOrder = sort.startsWith('-') ? rising.toReversed() : rising
  sorted.set(sort, inOrder)
  return inOrder
}

it('lists every user once', () => {
  expect(everybody).toHaveLength(count + 1)
  expect(new Set(everybody.map(({ id }) => id)).size).toBe(count + 1)
})

const sorts = ['username', '-username', 'createdAt', '-lastSignInAt'] as const
/** Each filter with half of the orders, so that each order is with half of the filters; all with `--all`. */
const isAll = Boolean(process.env['GATEHOUSE_TEST_ALL'])
const cases = filters.map(
  ([what, filter], n) => [what, filter, sorts.filter((_sort, m) => isAll || (n + m) % 2 === 0)] as const,
)

describe.each(cases)('%s', (_what, filter, orderedBy) => {
  it.each(orderedBy)('by %s', async (sort) => {
    const admin = script
    const search = { ...filter(), sort, limit: 150 }
    const all = everybodyBy(sort).flatMap((user) => (matches(user, search) ? [user.username] : []))
    const first = await admin(users.list, { search })
    expect(first.total).toBe(all.length > exactly ? null : all.length)
    expect(first.items.map(({ username }) => username)).toEqual(all.slice(0, 150))
    expect(first.nextCursor === null).toBe(all.length <= 150)
    if (first.nextCursor === null) return
    const second = await admin(users.list, { search: { ...search, cursor: first.nextCursor } })
    expect(second.items.map(({ username }) => username)).toEqual(all.slice(150, 300))
    expect(second.total).toBe(first.total)
  })
})

it.each<['everyone' | 'roles', () => string[], () => boolean]>([
  ['everyone', () => [], () => true],
  ['roles', () => [rare], () => false],
  ['roles', () => [common], () => true],
])('the second factor is missing because of the policy too, for %s %o', async (requiredFor, named, areAll) => {
  const admin = script
  await admin(settings.update, { body: { mfa: { requiredFor, roles: named() } } })
  const people = { 'kind[eq]': 'person', search: 'person.', limit: 200 } as const
  const totals: Record<string, number | null> = {}
  for (const factor of ['on', 'missing', 'off'] as const) {
    const { items, total } = await admin(users.list, { search: { ...people, 'factor[eq]': factor } })
    expect(items.map(factorOf)).toEqual(items.map(() => factor))
    totals[factor] = total
  }
  const demanded = everybody.filter(({ username, mfa }) => username.startsWith('Person') && (areAll() || mfa.required))
  expect(totals).toEqual({ on: 0, missing: demanded.length, off: count / 20 - demanded.length })
})

it('finds a changed display name as it is now, and no deleted user', async () => {
  const admin = script
  const { items } = await admin(users.list, { search: { 'username[eq]': 'Person.00040' } })
  const id = items[0]?.id ?? ''
  const found = async (search: string) => (await admin(users.list, { search: { search } })).items.map((user) => user.id)
  await admin(users.update, { params: { id }, body: { displayName: 'Frøya Østby' } })
  expect(await found('øst')).toEqual([id])
  expect(await found('Ünal 00040')).toEqual([])
  await admin(users.remove, { params: { id } })
  expect(await found('øst')).toEqual([])
  expect(await found('person.00040')).toEqual([])
})
