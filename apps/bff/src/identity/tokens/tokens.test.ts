// @postgres
import { type Call, createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type TokenCreate, tokenPattern, tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  await app.as('operator')
  await app.as('auditor')
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const minute = 60_000
const day = 24 * 60 * minute
const inDays = (days: number) => new Date(app.now().getTime() + days * day).toISOString()

/** Signs in now, because making a token needs a recent proof. */
async function as(username: string): Promise<Call> {
  const { call } = app.browser()
  await call(session.signIn, { body: { username, password: goodPassword } })
  return call
}

async function makeToken(username: string, more: Partial<TokenCreate> = {}) {
  const made = await (await as(username))(tokens.create, { body: { label: 'nightly import', ...more } })
  return { ...made, call: callWith(made.token) }
}

const callWith = (token: string) => createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })

/** The last event about a token. */
const lastEvent = async () =>
  (await (await as('admin'))(audit.list, { search: { limit: 1, 'targetType[eq]': 'token' } })).items[0]

/** Expects a refusal that changes nothing. */
async function refusedWhole(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

describe('making a token', () => {
  it('shows the secret once, stores its hash, records it without the secret, and the token works at once', async () => {
    const expiresAt = inDays(7)
    const { token, call, ...made } = await makeToken('operator', { expiresAt })
    expect(token).toMatch(tokenPattern)
    expect(made).toMatchObject({ label: 'nightly import', expiresAt, permissions: null, lastUsedAt: null })
    expect(await door.everything()).not.toContain(token)
    expect(await lastEvent()).toMatchObject({
      action: 'token.created',
      actor: { username: 'operator' },
      via: 'session',
      target: { type: 'token', id: made.id, name: 'nightly import' },
      after: { label: 'nightly import', expiresAt, permissions: null },
    })
    expect(await call(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    const { items, hasGrant } = await (await as('operator'))(tokens.list, {})
    expect(hasGrant).toBe(true)
    expect(items[0]).toEqual({ ...made, lastUsedAt: expect.any(String) })
    expect(JSON.stringify(items)).not.toContain(token)
  })

  it('gives it 30 days by default, no end on request, and rejects an end in the past', async () => {
    const { expiresAt } = await makeToken('operator')
    expect(Math.round((Date.parse(expiresAt ?? '') - app.now().getTime()) / minute)).toBe(30 * 24 * 60)
    const forEver = await makeToken('operator', { expiresAt: null })
    expect(forEver.expiresAt).toBeNull()
    app.advance(3_000 * day)
    expect(await forEver.call(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
    const call = await as('operator')
    for (const past of [app.now().toISOString(), inDays(-1), '1970-01-01T00:00:00Z']) {
      const body = { label: 'too late', expiresAt: past }
      const { fields } = await refusedWhole(() => call(tokens.create, { body }), 'invalid')
      expect(fields).toEqual({ expiresAt: 'past' })
    }
  })

  it.each([
    [{ label: '' }, 'label'],
    [{ label: 'a\nb' }, 'label'],
    [{ label: 'x'.repeat(101) }, 'label'],
    [{ label: 'a', expiresAt: '2999-02-30T00:00:00Z' }, 'expiresAt'],
    [{ label: 'a', expiresAt: 'never' }, 'expiresAt'],
    [{ label: 'a', permissions: [] }, 'permissions'],
    [{ label: 'a', userId: '0198f2d0-0000-7000-8000-000000000000' }, 'userId'],
    [{ label: 'a', token: 'chosen' }, 'token'],
  ])('rejects %j', async (body, field) => {
    const call = await as('operator')
    const { fields } = await refusedWhole(() => call(tokens.create, { body }), 'invalid')
    expect(Object.keys(fields)).toEqual([field])
  })

  it('rejects a proof that is older than ten minutes', async () => {
    const call = await as('operator')
    app.advance(11 * minute)
    await refusedWhole(() => call(tokens.create, { body: { label: 'a' } }), 'proof_required')
  })

  it('rejects a user without the token grant, and the list says so beforehand', async () => {
    const admin = await as('admin')
    await admin(users.create, { body: { username: 'no-tokens', password: goodPassword, mustChangePassword: false } })
    const call = await as('no-tokens')
    expect(await call(tokens.list, {})).toEqual({
      items: [],
      nextCursor: null,
      total: 0,
      madeInConsole: 0,
      hasGrant: false,
    })
    await refusedWhole(() => call(tokens.create, { body: { label: 'a' } }), 'no_token_grant')
  })
})

describe('the own tokens', () => {
  it('are neither listed nor revoked by another user through these routes', async () => {
    const { id } = await makeToken('operator')
    const admin = await as('admin')
    expect((await admin(tokens.list, {})).items.map((token) => token.id)).not.toContain(id)
    await refusedWhole(() => admin(tokens.revoke, { params: { id } }), 'not_found')
  })

  it('are refused from the next request on after they are revoked', async () => {
    const { id, call } = await makeToken('operator')
    await call(users.list, { search: { limit: 1 } })
    const own = await as('operator')
    await own(tokens.revoke, { params: { id } })
    expect(await lastEvent()).toMatchObject({
      action: 'token.revoked',
      actor: { username: 'operator' },
      target: { id, name: 'nightly import' },
      before: { user: 'operator', label: 'nightly import' },
    })
    await refused(call(users.list, {}), 'not_signed_in')
    await refusedWhole(() => own(tokens.revoke, { params: { id } }), 'not_found')
  })

  it('are listed in pages, the newest first, and found by their label', async () => {
    const admin = await as('admin')
    const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
    await admin(users.create, {
      body: { username: 'many-tokens', password: goodPassword, mustChangePassword: false, grantTypes },
    })
    const call = await as('many-tokens')
    for (const label of ['one', 'two', 'three', 'Two more'])
      await call(tokens.create, { body: { label } }).then(() => app.advance(1_000))
    const first = await call(tokens.list, { search: { limit: 3 } })
    expect([first.total, first.items.map(({ label }) => label)]).toEqual([4, ['Two more', 'three', 'two']])
    const second = await call(tokens.list, { search: { limit: 3, cursor: first.nextCursor ?? '' } })
    expect([second.nextCursor, second.items.map(({ label }) => label)]).toEqual([null, ['one']])
    const found = await call(tokens.list, { search: { search: 'two', sort: 'createdAt' } })
    expect(found.items.map(({ label }) => label)).toEqual(['two', 'Two more'])
  })
})

describe('the last use', () => {
  it('is written at most once a minute', async () => {
    const { id, call } = await makeToken('operator')
    const own = await as('operator')
    const lastUse = async () => (await own(tokens.list, {})).items.find((token) => token.id === id)?.lastUsedAt ?? null
    const use = () => call(users.list, { search: { limit: 1 } })
    expect(await lastUse()).toBeNull()
    await use()
    const first = await lastUse()
    const commits = await door.commits()
    app.advance(30_000)
    await use()
    expect([await lastUse(), await door.commits()]).toEqual([first, commits])
    app.advance(30_000)
    await Promise.all([use(), use(), use()])
    expect(Date.parse((await lastUse()) ?? '') - Date.parse(first ?? '')).toBeGreaterThanOrEqual(minute)
  })

  it('is not written for a request with an expired token', async () => {
    const { id, call } = await makeToken('operator', { expiresAt: inDays(1) })
    app.advance(day)
    await refused(call(users.list, {}), 'not_signed_in')
    const { items } = await (await as('operator'))(tokens.list, {})
    expect(items.find((token) => token.id === id)).toMatchObject({ lastUsedAt: null })
  })
})

describe('an administrator', () => {
  it('lists tokens of a user without secrets and revokes one', async () => {
    const { token, call, ...made } = await makeToken('operator')
    const params = { id: await door.idOf('operator') }
    const admin = await as('admin')
    const listed = await admin(tokens.listOf, { params })
    expect(listed.items[0]).toEqual(made)
    expect(JSON.stringify(listed)).not.toContain(token)
    await admin(tokens.revokeOf, { params: { ...params, tokenId: made.id } })
    expect(await lastEvent()).toMatchObject({
      action: 'token.revoked',
      actor: { username: 'admin' },
      target: { id: made.id },
      before: { user: 'operator' },
    })
    await refused(call(users.list, {}), 'not_signed_in')
  })

  it('cannot revoke a token through another user, or one that does not exist', async () => {
    const { id, call } = await makeToken('operator')
    const admin = await as('admin')
    const nobody = '00000000-0000-7000-8000-000000000000'
    const auditor = { id: await door.idOf('auditor'), tokenId: id }
    await refusedWhole(() => admin(tokens.revokeOf, { params: auditor }), 'not_found')
    await refusedWhole(() => admin(tokens.revokeOf, { params: { id: nobody, tokenId: id } }), 'not_found')
    await refused(admin(tokens.listOf, { params: { id: nobody } }), 'not_found')
    expect(await call(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
  })

  it('has to cover the user: an operator lists a token of the administrator, but cannot revoke it', async () => {
    const { id, call } = await makeToken('admin')
    const operator = await as('operator')
    const params = { id: await door.idOf('admin'), tokenId: id }
    const listed = await operator(tokens.listOf, { params: { id: params.id } })
    expect(listed.items.map((token) => token.id)).toContain(id)
    await refusedWhole(() => operator(tokens.revokeOf, { params }), 'above_caller')
    expect(await call(users.list, { search: { limit: 1 } })).toMatchObject({ items: [{}] })
  })
})
