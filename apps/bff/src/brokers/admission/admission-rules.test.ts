/** Who may make, change and delete admission rules, and what the audit keeps. */
import { roles } from '@gatehouse/contract/access/roles'
import { type AdmissionRuleCreate, admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { openProvisioning } from '../../../test/provisioning.ts'

const { fingerprint: authority, certificatePem } = makeAuthority({ subject: 'Plant' })

let app: TestApp
let admin: Awaited<ReturnType<typeof freshAdmin>>
let topics: string
let console: string
beforeAll(async () => {
  app = await startApp()
  admin = await freshAdmin(app)
  await admin(authorities.create, { body: { certificates: certificatePem } })
  topics = (
    await admin(roles.create, {
      body: { name: 'line-3', permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }] },
    })
  ).id
  console = (
    await admin(roles.create, {
      body: { name: 'reader', permissions: [{ context: 'http', resource: '/api/audit', operation: 'read' }] },
    })
  ).id
})
afterAll(() => app.stop())

const body = (more: Partial<AdmissionRuleCreate> = {}): AdmissionRuleCreate => ({
  name: 'presses',
  authority,
  usernames: ['press-*'],
  roles: [topics],
  ...more,
})
const create = (more: Partial<AdmissionRuleCreate> = {}) => admin(admissionRules.create, { body: body(more) })

/** A person who may change rules and has these MQTT permissions only. */
async function makeKeeper(username: string, resource: string) {
  const permissions = [
    { context: 'http', resource: '/api/admission-rules/#', operation: 'readWrite' },
    { context: 'mqtt', resource, operation: 'readWrite' },
  ] as const
  await makeUser(app, username, { permissions: [...permissions] })
  return (await signIn(app, username)).call
}

describe('a new rule', () => {
  test('is off unless it is turned on, and names its author', async () => {
    const rule = await create({ name: 'off at first' })
    expect(rule).toMatchObject({ enabled: false, author: { username: 'admin' }, admitted: 0, problem: null })
    expect(await create({ name: 'on', enabled: true })).toMatchObject({ enabled: true })
  })

  test.each<[string, () => Partial<AdmissionRuleCreate>, ErrorCode, string]>([
    ['a role with permissions in the console', () => ({ roles: [topics, console] }), 'console_role', 'roles.1'],
    [
      'a role that does not exist',
      () => ({ roles: ['01938a00-0000-7000-8000-000000000001'] }),
      'unknown_role',
      'roles.0',
    ],
    ['a CA that is not trusted', () => ({ authority: 'f'.repeat(64) }), 'unknown_authority', 'authority'],
    ['a name that another rule has in another case', () => ({ name: 'OFF at first' }), 'name_taken', 'name'],
  ])('with %s is refused', async (_, more, code, field) => {
    const problem = await refused(create({ name: `refused ${code}`, ...more() }), code)
    expect(Object.keys(problem.fields)).toEqual([field])
  })

  test.each([
    ['no pattern', { usernames: [] }],
    ['a pattern with other wildcards', { usernames: ['press-?'] }],
    ['a regular expression', { usernames: ['(a+)+$'] }],
    ['a limit of zero', { maxPerHour: 0 }],
    ['a limit with a fraction', { maxTotal: 1.5 }],
  ])('with %s is invalid', async (_, more) => {
    await refused(create(more), 'invalid')
  })

  test('gives no more than its author holds', async () => {
    const keeper = await makeKeeper('keeper-4', 'line-4/#')
    await refused(keeper(admissionRules.create, { body: body({ name: 'too much' }) }), 'more_than_held')
  })
})

describe('a change', () => {
  test('makes the caller responsible for what the rule gives', async () => {
    const { id } = await create({ name: 'handed over', enabled: true })
    const keeper = await makeKeeper('keeper-3', 'line-3/#')
    const params = { id }
    expect(await keeper(admissionRules.update, { params, body: { maxTotal: 10 } })).toMatchObject({
      author: { username: 'keeper-3' },
      maxTotal: 10,
    })
    expect(await admin(admissionRules.update, { params, body: {} })).toMatchObject({ author: { username: 'admin' } })
  })

  test('by a person who does not hold what the rule gives may only rename it and turn it off', async () => {
    const { id } = await create({ name: 'not theirs', enabled: true })
    const keeper = await makeKeeper('keeper-5', 'line-5/#')
    const params = { id }
    for (const wider of [{ maxTotal: 10 }, { enabled: true }, { usernames: ['*'] }, {}]) {
      await refused(keeper(admissionRules.update, { params, body: wider }), 'more_than_held')
    }
    expect(await keeper(admissionRules.update, { params, body: { name: 'renamed', enabled: false } })).toMatchObject({
      name: 'renamed',
      enabled: false,
      author: { username: 'admin' },
    })
    await keeper(admissionRules.remove, { params })
    await refused(admin(admissionRules.view, { params }), 'not_found')
  })

  test('of an older version is refused', async () => {
    const { id, version } = await create({ name: 'versions' })
    const params = { id }
    await admin(admissionRules.update, { params, body: { maxTotal: 5 }, ifMatch: version })
    await refused(
      admin(admissionRules.update, { params, body: { maxTotal: 6 }, ifMatch: version }),
      'changed_meanwhile',
    )
    await refused(admin(admissionRules.remove, { params, ifMatch: version }), 'changed_meanwhile')
  })

  test('is recorded with the names of the roles', async () => {
    const { id } = await create({ name: 'recorded' })
    await admin(admissionRules.update, { params: { id }, body: { enabled: true, usernames: ['*'] } })
    await admin(admissionRules.remove, { params: { id } })
    const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
    expect(items.map(({ action }) => action)).toEqual([
      'admission-rule.deleted',
      'admission-rule.updated',
      'admission-rule.created',
    ])
    expect(items[1]).toMatchObject({
      before: { enabled: false, usernames: ['press-*'], roles: ['line-3'] },
      after: { enabled: true, usernames: ['*'], roles: ['line-3'] },
    })
  })
})

test('a rule admits nobody while the identity provider of its author is disabled', async () => {
  const settings = { urls: ['ldaps://directory.example'], bindDn: 'cn=gatehouse', searchBase: 'dc=plant' }
  const provider = { kind: 'ldap' as const, name: 'plant', label: 'plant', secret: 'secret', settings }
  const params = { id: (await admin(identityProviders.create, { body: provider })).id }
  const world = await openProvisioning(app)
  await world.provide(params.id, { subject: 'e-grace', username: 'grace' })
  await world.close()
  const rule = await create({ name: 'of grace', enabled: true })
  const door = openBackDoor(app)
  const grace = "(select id from users where username = 'grace')"
  await door.run(`insert into user_permissions (user_id, context, resource, operation)
    values (${grace}, 'mqtt', 'line-3/#', 'readWrite')`)
  await door.run(`update admission_rules set author_id = ${grace} where id = ?`, rule.id)
  await door.close()
  const problem = async () => (await admin(admissionRules.view, { params: { id: rule.id } })).problem
  const enable = (enabled: boolean) => admin(identityProviders.update, { params, body: { kind: 'ldap', enabled } })
  expect(await problem()).toBeNull()
  await enable(false)
  expect(await problem()).toBe('admission_author')
  await enable(true)
  expect(await problem()).toBeNull()
})

describe('denied names', () => {
  test('contain each deleted user and each denied name, whatever its case', async () => {
    const { id } = await admin(users.create, { body: { username: 'Press-70' } })
    await admin(userChanges.apply, { body: { users: [id], change: { delete: true } } })
    await admin(deniedDevices.deny, { body: { username: 'press-71' } })
    const { items, total } = await admin(deniedDevices.list, { search: { search: 'press-7', sort: 'username' } })
    expect(items).toMatchObject([
      { username: 'Press-70', cause: 'deleted', by: 'admin' },
      { username: 'press-71', cause: 'denied', by: 'admin' },
    ])
    expect(total).toBe(2)
    await admin(deniedDevices.forgive, { params: { username: 'PRESS-70' } })
    await refused(admin(deniedDevices.forgive, { params: { username: 'press-70' } }), 'not_found')
    const { items: events } = await admin(audit.list, { search: { 'targetType[eq]': 'denied-device' } })
    expect(events.map(({ action, target }) => [action, target?.name])).toEqual([
      ['device.forgiven', 'Press-70'],
      ['device.denied', 'press-71'],
    ])
  })
})
