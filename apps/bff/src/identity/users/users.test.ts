import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { session } from '@gatehouse/contract/identity/sign-in'
import { type UserCreate, type UserUpdate, users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function create(body: UserCreate) {
  return (await app.as('admin'))(users.create, { body })
}

async function eventsOf(id: string) {
  const { items } = await (await app.as('admin'))(audit.list, { search: { 'target[eq]': id } })
  return items
}

/** Expects a refusal, and that nothing changed. */
async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

describe('a user is created', () => {
  it('with all given fields; the audit has them without the password', async () => {
    const role = await (await app.as('admin'))(roles.create, { body: { name: 'packing' } })
    const body = {
      username: 'Packer.07@line-3:a_b',
      displayName: 'Packer 07',
      kind: 'machine',
      grantTypes: [{ method: 'certificate', isRequired: true }, { method: 'password' }],
      roles: [role.id, role.id],
      permissions: [{ context: 'mqtt', resource: 'line-3/+/state', operation: 'write' }],
      mqttPublishPrefix: 'site-1/',
      password: goodPassword,
    } as const satisfies UserCreate
    const made = await create({
      ...body,
      grantTypes: [...body.grantTypes],
      permissions: [...body.permissions],
      roles: [...body.roles],
    })
    const { password: _password, roles: _roles, grantTypes: _grants, ...plain } = body
    expect(made).toMatchObject({
      ...plain,
      identityProvider: 'local',
      roles: [role.id],
      roleNames: ['packing'],
      hasPassword: true,
      mustChangePassword: false,
      mfa: { enabled: false, required: false },
      disabledAt: null,
      version: 1,
      warnings: [],
    })
    expect(made.grantTypes).toEqual([
      { method: 'certificate', isRequired: true },
      { method: 'password', isRequired: false },
    ])
    const [event] = await eventsOf(made.id)
    expect(event).toMatchObject({ action: 'user.created', actor: { username: 'admin' }, before: null })
    expect(event?.after).toMatchObject({ displayName: 'Packer 07', roles: ['packing'], mqttPublishPrefix: 'site-1/' })
    expect(JSON.stringify(event)).not.toMatch(/argon2|perfectly/)
  })

  it('with a role that was found by name', async () => {
    const admin = await app.as('admin')
    const { items } = await admin(roles.list, { search: { 'name[eq]': adminRoleName } })
    const made = await create({
      username: 'device001',
      identityProvider: 'local',
      grantTypes: [{ method: 'certificate', isRequired: false }],
      roles: [items[0]?.id ?? ''],
    })
    expect(made).toMatchObject({ kind: 'machine', hasPassword: false, roleNames: [adminRoleName] })
  })

  it('as a person with a password, and as a machine without one', async () => {
    expect(await create({ username: 'with-password', password: goodPassword })).toMatchObject({
      kind: 'person',
      grantTypes: [{ method: 'password', isRequired: false }],
    })
    expect(await create({ username: 'without' })).toMatchObject({ kind: 'machine', grantTypes: [] })
  })

  it('rejects a username that differs only in case', async () => {
    await create({ username: 'Taken' })
    const problem = await refusedWithoutEffect(() => create({ username: 'tAKEN' }), 'username_taken')
    expect(problem.fields).toEqual({ username: 'username_taken' })
  })
})

describe('a user is changed', () => {
  it('in the given fields and no others', async () => {
    const admin = await app.as('admin')
    const made = await create({ username: 'changing', displayName: 'Before', mqttPublishPrefix: 'a/' })
    const update = (body: UserUpdate) => admin(users.update, { params: { id: made.id }, body })
    const { version: _v, displayName: _d, mqttPublishPrefix: _p, disconnectedByBroker: _b, ...rest } = made
    expect(await update({ displayName: 'After' })).toMatchObject({
      ...rest,
      displayName: 'After',
      mqttPublishPrefix: 'a/',
      version: 2,
    })
    expect(await update({ mqttPublishPrefix: null })).toMatchObject({ displayName: 'After', mqttPublishPrefix: null })
    expect((await eventsOf(made.id))[0]).toMatchObject({
      action: 'user.updated',
      before: { mqttPublishPrefix: 'a/' },
      after: { mqttPublishPrefix: null },
    })
    expect((await update({ disabled: true })).disabledAt).not.toBeNull()
    expect((await update({ disabled: false })).disabledAt).toBeNull()
    expect((await eventsOf(made.id)).map(({ action }) => action)).toEqual([
      'user.enabled',
      'user.disabled',
      'user.updated',
      'user.updated',
      'user.created',
    ])
  })

  it('refuses an outdated version', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'seen-once' })
    const change = { params: { id }, body: { displayName: 'Mine' }, ifMatch: 1 }
    await admin(users.update, change)
    await refusedWithoutEffect(() => admin(users.update, change), 'changed_meanwhile')
    await refusedWithoutEffect(() => admin(users.remove, change), 'changed_meanwhile')
  })

  it('refuses another username and unknown fields', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'keeps-name' })
    const body = { username: 'other', version: 9 } as UserUpdate
    const problem = await refusedWithoutEffect(() => admin(users.update, { params: { id }, body }), 'invalid')
    expect(problem.fields).toEqual({ username: 'unknown', version: 'unknown' })
  })

  it('answers 404 for an unknown user', async () => {
    const admin = await app.as('admin')
    const params = { id: '00000000-0000-7000-8000-000000000000' }
    for (const id of [params.id, 'not-an-id', '../roles']) {
      await refusedWithoutEffect(() => admin(users.view, { params: { id } }), 'not_found')
    }
    await refusedWithoutEffect(() => admin(users.update, { params, body: {} }), 'not_found')
    await refusedWithoutEffect(() => admin(users.remove, { params }), 'not_found')
    await refusedWithoutEffect(() => admin(users.impact, { params, body: { delete: true } }), 'not_found')
    await refusedWithoutEffect(() => admin(users.setPassword, { params, body: {} }), 'not_found')
  })
})

describe('a user is deleted', () => {
  it('with sessions, tokens and grants; the audit keeps the name, which is free again', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'leaving', grantTypes: [{ method: 'password' }, { method: 'token' }] })
    const [cookie, token] = [await door.openSession('leaving'), await door.openToken('leaving')]
    expect(await admin(users.impact, { params: { id }, body: { delete: true } })).toMatchObject({
      connections: 0,
      sessions: 1,
      tokens: 1,
    })
    const { total } = await admin(users.list, {})
    await admin(users.remove, { params: { id } })

    await refused(admin(users.view, { params: { id } }), 'not_found')
    expect((await admin(users.list, {})).total).toBe((total ?? 0) - 1)
    const headers = [{ Cookie: cookie }, { Authorization: `Bearer ${token}` }]
    for (const header of headers) {
      expect((await fetch(`${app.url}/api/users`, { headers: header })).status).toBe(401)
    }
    expect((await eventsOf(id))[0]).toMatchObject({ action: 'user.deleted', target: { id, name: 'leaving' } })
    expect((await create({ username: 'leaving' })).id).not.toBe(id)
  })
})

describe('the impact of a change', () => {
  it('is previewed without changing anything', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'weighed', grantTypes: [{ method: 'password' }, { method: 'token' }] })
    await door.openSession('weighed')
    await door.openSession('weighed', { expired: true })
    await door.openSession('weighed', { seenMsAgo: 30 * 60_000 })
    await door.openToken('weighed')
    await door.openToken('weighed', { expired: true })
    const before = await door.everything()
    const impact = (body: UserUpdate) => admin(users.impact, { params: { id }, body })
    expect(await impact({ displayName: 'x' })).toMatchObject({ connections: 0, sessions: 0, tokens: 0 })
    expect(await impact({ disabled: true })).toMatchObject({ connections: 0, sessions: 1, tokens: 1 })
    expect(await impact({ grantTypes: [{ method: 'token' }] })).toMatchObject({
      connections: 0,
      sessions: 1,
      tokens: 0,
    })
    expect(await door.everything()).toBe(before)
  })
})

describe('a password that is set', () => {
  it('is shown once if the server made it, is not shown if it was given, and both record an event', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'forgot', grantTypes: [{ method: 'password' }] })
    const params = { id }
    const { password } = await admin(users.setPassword, { params, body: {} })
    expect(await admin(users.view, { params })).toMatchObject({
      hasPassword: true,
      mustChangePassword: true,
      version: 2,
    })
    const newPassword = 'quite another password'
    const given = await admin(users.setPassword, { params, body: { newPassword, mustChange: false } })
    expect(given.password).toBeNull()
    expect(await admin(users.view, { params })).toMatchObject({ mustChangePassword: false })
    const signIn = (one: string) => app.anyone(session.signIn, { body: { username: 'forgot', password: one } })
    await refused(signIn(password ?? ''), 'wrong_credentials')
    expect(await signIn(newPassword)).toMatchObject({ stage: 'full' })
    expect((await eventsOf(id)).map(({ action }) => action).slice(1, 3)).toEqual(['password.set', 'password.set'])
    for (const secret of [password ?? '', newPassword]) expect(await door.everything()).not.toContain(secret)
  })

  it('must meet the policy', async () => {
    const admin = await app.as('admin')
    const { id } = await create({ username: 'strict' })
    const set = (newPassword: string) => admin(users.setPassword, { params: { id }, body: { newPassword } })
    expect((await refusedWithoutEffect(() => set('short'), 'password_refused')).fields).toEqual({
      newPassword: 'password_too_short',
    })
  })
})
