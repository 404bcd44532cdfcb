// @postgres
import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Search } from '@gatehouse/contract/route'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { sendRaw } from '../../../test/raw-request.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const admin = await app.as('admin')
  for (let n = 0; n < 7; n++) await admin(roles.create, { body: { name: `paged-${n}` } })
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

type Filters = Search<typeof audit.list>

async function find(search: Filters) {
  const { items, total } = await (await app.as('admin'))(audit.list, { search: { limit: 200, ...search } })
  expect(total).toBe(items.length)
  return items
}

const namesOf = (events: { target: { name: string } | null }[]) => events.map(({ target }) => target?.name ?? null)

describe('an event', () => {
  it('cannot be changed or deleted by the API or in the database', async () => {
    const before = await door.everything()
    const [event] = await find({ limit: 1, 'target[eq]': (await find({ search: 'paged-3' }))[0]?.target?.id ?? '' })
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST']) {
      for (const path of ['/api/audit', `/api/audit/${event?.id}`]) {
        const { status } = await sendRaw(app, { method, path }, { token: await door.openToken('admin') })
        expect([404, 405]).toContain(status)
      }
    }
    const statements = [
      "update audit_events set action = 'x'",
      'delete from audit_events',
      "update audit_events set reason = 'x' where seq = 1",
    ]
    for (const statement of statements)
      await expect(door.run(statement)).rejects.toThrow(/audit events (are final|stay)/)
    await door.run('delete from tokens')
    expect(await door.everything()).toBe(before)
  })

  it('is committed with its change, or neither is', async () => {
    const admin = await app.as('admin')
    const before = await door.everything()
    await refused(admin(roles.create, { body: { name: 'paged-3' } }), 'name_taken')
    expect(await door.everything()).toBe(before)
  })
})

describe('one event', () => {
  it('is found by its id, as the list has it', async () => {
    const [event] = await find({ search: 'paged-4' })
    if (!event) throw new Error('there is no event of paged-4')
    expect(await (await app.as('admin'))(audit.view, { params: { id: event.id } })).toEqual(event)
  })

  it('is refused with not_found for an id that no event has', async () => {
    const params = { id: '019d2a3f-7e21-7a65-8c90-6d4b2a1f0e93' }
    await refused((await app.as('admin'))(audit.view, { params }), 'not_found')
  })
})

describe('events are found', () => {
  it('newest first, in the order of writing also within a millisecond', async () => {
    const paged = await find({ search: 'paged-' })
    expect(namesOf(paged)).toEqual(['paged-6', 'paged-5', 'paged-4', 'paged-3', 'paged-2', 'paged-1', 'paged-0'])
    expect(namesOf(await find({ search: 'PAGED-' }))).toEqual(namesOf(paged))
    expect(namesOf(await find({ search: 'paged-', sort: 'at' }))).toEqual(namesOf(paged).toReversed())
    const inOrder = await door.column('select id from audit_events order by seq desc')
    expect((await find({})).map(({ id }) => id)).toEqual(inOrder)
  })

  it('by actor, action, target and address', async () => {
    const [role] = await find({ search: 'paged-2' })
    expect(namesOf(await find({ 'target[eq]': role?.target?.id ?? '' }))).toEqual(['paged-2'])
    expect(namesOf(await find({ 'action[eq]': 'role.created', 'actor[eq]': 'admin' }))).toHaveLength(7)
    expect(await find({ 'action[eq]': 'role.created', 'actor[eq]': 'nobody' })).toEqual([])
    expect(namesOf(await find({ 'targetType[eq]': 'authority' }))).toEqual(['Gatehouse'])
    expect((await find({ search: '127.0.0.1' })).length).toBeGreaterThan(7)
    for (const search of ['%', '_aged', '\\', "' or 1=1 --"]) expect(await find({ search })).toEqual([])
  })

  it('by time, in any notation', async () => {
    const [last] = await find({ search: 'paged-6' })
    const at = last?.at ?? ''
    const wholeSecond = at.replace(/\.\d+Z$/, 'Z')
    const nextSecond = new Date(Date.parse(wholeSecond) + 1_000).toISOString().replace('.000Z', 'Z')
    expect(namesOf(await find({ 'at[gte]': at, search: 'paged-6' }))).toEqual(['paged-6'])
    expect(namesOf(await find({ 'at[lt]': at, search: 'paged-6' }))).toEqual([])
    expect(namesOf(await find({ 'at[gte]': wholeSecond, 'at[lt]': nextSecond, search: 'paged-6' }))).toEqual([
      'paged-6',
    ])
    expect(namesOf(await find({ 'at[lt]': wholeSecond, search: 'paged-6' }))).toEqual([])
    expect(namesOf(await find({ 'at[gte]': nextSecond, search: 'paged-6' }))).toEqual([])
  })

  it.each([
    'yesterday',
    '2026-13-01T00:00:00Z',
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T00:00:00+02:00',
    '2026-01-01T25:00:00Z',
  ])('not by %s, which is not a valid time', async (time) => {
    const admin = await app.as('admin')
    const problem = await refused(admin(audit.list, { search: { 'at[gte]': time } }), 'invalid')
    expect(problem.fields).toEqual({ 'at[gte]': 'invalid' })
  })

  it('page by page without a gap while new events are written', async () => {
    const admin = await app.as('admin')
    const expected = (await find({})).map(({ id }) => id)
    const found: string[] = []
    let cursor: string | null = null
    do {
      const page: { items: { id: string }[]; nextCursor: string | null } = await admin(audit.list, {
        search: { limit: 3, ...(cursor !== null && { cursor }) },
      })
      found.push(...page.items.map(({ id }) => id))
      cursor = page.nextCursor
      await admin(users.create, { body: { username: `meanwhile-${found.length}` } })
    } while (cursor !== null)
    expect(found).toEqual(expected)
  })
})

describe('no secret', () => {
  it('is in any event, and no password is stored in clear text', async () => {
    const admin = await app.as('admin')
    const secrets = [
      'first secret pass phrase',
      'second secret pass phrase',
      'third secret pass phrase',
      'typed in vain secret',
    ]
    const [first = '', second = '', third = '', vain = ''] = secrets
    const grantTypes = [{ method: 'password' as const }, { method: 'token' as const }]
    const { id } = await admin(users.create, { body: { username: 'discreet', password: first, grantTypes } })
    const params = { id }
    await admin(users.setPassword, { params, body: { newPassword: second, mustChange: false } })
    const { password } = await admin(users.setPassword, { params, body: {} })
    const browser = app.browser()
    await refused(browser.call(session.signIn, { body: { username: vain, password: vain } }), 'wrong_credentials')
    await browser.call(session.signIn, { body: { username: 'discreet', password: password ?? '' } })
    await browser.call(session.changePassword, { body: { currentPassword: password ?? '', newPassword: third } })
    await browser.call(session.prove, { body: { password: third } })
    const { token } = await app.anyone(session.login, { body: { username: 'discreet', password: third } })
    const authority = makeAuthority({ subject: 'Discreet CA' })
    await refused(admin(authorities.create, { body: { certificates: authority.privateKeyPem } }), 'private_key')
    await admin(authorities.create, { body: { certificates: authority.certificatePem } })
    await admin(users.update, { params, body: { disabled: true } })
    await admin(users.remove, { params })

    const known = [...secrets, password ?? '-', token, browser.cookie()?.split('=')[1] ?? '-', goodPassword]
    const everything = await door.everything()
    for (const secret of known) expect(everything).not.toContain(secret)
    const events = JSON.stringify(await door.rows('select * from audit_events'))
    expect(events).not.toMatch(/argon2|BEGIN|PRIVATE|secret_hash|password_hash/)
    expect(events).not.toContain(authority.privateKeyPem.split('\n')[1])
  })
})
