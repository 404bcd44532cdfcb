/** Devices that nobody entered, on a real broker with real certificates and a real database. */
import type { Permission } from '@gatehouse/contract/access/permission'
import { roles } from '@gatehouse/contract/access/roles'
import type { AdmissionRuleCreate } from '@gatehouse/contract/brokers/admission-rules'
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeUser, signIn } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { type ConnectOptions, connectClient, type RawClient } from '../../../test/mqtt-client.ts'

const plant = makeAuthority({ subject: 'Plant' })
const other = makeAuthority({ subject: 'Other' })
const hourMs = 3_600_000

let app: TestApp
let admin: Awaited<ReturnType<typeof freshAdmin>>
let roleId: string
const clients: RawClient[] = []
beforeAll(async () => {
  app = await startApp()
  admin = await freshAdmin(app)
  for (const { certificatePem } of [plant, other])
    await admin(authorities.create, { body: { certificates: certificatePem } })
  roleId = await makeRole('line-3', [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }])
})
afterAll(async () => {
  for (const { socket } of clients) socket.destroy()
  await app.stop()
})
beforeEach(async () => {
  admin = await freshAdmin(app)
  for (const { id } of (await admin(admissionRules.list, {})).items)
    await admin(admissionRules.remove, { params: { id } })
})

async function makeRole(name: string, permissions: Permission[]): Promise<string> {
  return (await admin(roles.create, { body: { name, permissions } })).id
}

async function makeRule(more: Partial<AdmissionRuleCreate> = {}) {
  const { fingerprint: authority } = plant
  const body = { name: 'presses', authority, usernames: ['press-*'], roles: [roleId], enabled: true, ...more }
  return admin(admissionRules.create, { body })
}

async function connect(tls: Issued, fields: ConnectOptions['connect'] = {}): Promise<RawClient> {
  const port = Number(new URL(app.started.mqttsUrl ?? '').port)
  const client = await connectClient(port, { tls, connect: fields })
  clients.push(client)
  return client
}

/** The return code of the CONNACK. Null: the connection ended before. */
async function connack(tls: Issued): Promise<number | null> {
  return (await connect(tls)).connack()
}

/** How many of twenty new devices are admitted that connect at once. */
async function countAdmitted(from: number): Promise<number> {
  const codes = await Promise.all(Array.from({ length: 20 }, (_, at) => connack(press(`press-limit-${from + at}`))))
  return codes.filter((code) => code === 0).length
}

const press = (name: string, authority = plant) => issue(authority, { subject: name })

async function lastDecision() {
  return (await admin(broker.decisions, { search: {} })).items[0]
}

async function findUser(username: string) {
  return (await admin(users.list, { search: { 'username[eq]': username } })).items[0]
}

describe('a rule', () => {
  test('creates the user of a device with its roles and the certificate grant only', async () => {
    await makeRule()
    const client = await connect(press('press-1'))
    expect(await client.connack()).toBe(0)
    await client.subscribe('line-3/press-1')
    expect(await findUser('press-1')).toMatchObject({
      kind: 'machine',
      roles: [roleId],
      permissions: [],
      grantTypes: [{ method: 'certificate', isRequired: false }],
    })
    expect(await lastDecision()).toMatchObject({ outcome: 'admitted', username: 'press-1', admissionRule: 'presses' })
    const events = await admin(audit.list, { search: { 'action[eq]': 'user.admitted', search: 'press-1' } })
    expect(events.items).toMatchObject([
      {
        actor: null,
        via: 'system',
        address: '127.0.0.1',
        target: { name: 'press-1' },
        after: { admissionRule: 'presses' },
      },
    ])
    expect((await admin(admissionRules.list, {})).items).toMatchObject([{ admitted: 1, admittedLastHour: 1 }])
    expect(await connack(press('press-1'))).toBe(0)
    expect(await lastDecision()).toMatchObject({ outcome: 'admitted', admissionRule: null })
    expect((await admin(overview.view, {})).admissions).toMatchObject({ count: 1, blockedRules: 0 })
  })

  test.each([
    ['is off', { enabled: false }, press('off-1'), 'unknown_user'],
    ['names another CA', { authority: other.fingerprint }, press('press-2'), 'unknown_user'],
    ['has no pattern that fits', { usernames: ['pump-*'] }, press('press-2'), 'unknown_user'],
    ['has a pattern in another case', { usernames: ['Press-*'] }, press('press-2'), 'unknown_user'],
    ['meets a name in another spelling', { usernames: ['*'] }, press('ADMIN'), 'spelling_taken'],
    ['meets an empty name', { usernames: ['*'] }, press(''), 'common_name_length'],
    ['meets a name with a control character', { usernames: ['*'] }, press('press-\u0001'), 'common_name_characters'],
    ['meets a name of 64 kB', { usernames: ['*'] }, press('p'.repeat(65_536)), 'certificate_too_large'],
    ['meets a name with a space', { usernames: ['*'] }, press('press 1'), 'common_name_characters'],
    ['meets a name of two characters', { usernames: ['*'] }, press('ab'), 'not_a_username'],
  ])('that %s admits nobody', async (_, more, tls, reason) => {
    await makeRule(more)
    expect(await connack(tls)).not.toBe(0)
    expect(await lastDecision()).toMatchObject({ outcome: 'refused', reason })
  })

  test.each(['u:press-1', 'press@hall.3', '0:0'])('admits %s as an ordinary name', async (name) => {
    await makeRule({ usernames: ['*'] })
    expect(await connack(press(name))).toBe(0)
    expect(await findUser(name)).toMatchObject({ username: name, roles: [roleId] })
  })

  test('creates no user for a device whose will would be refused', async () => {
    await makeRule()
    const will = { topic: 'line-4/press-3', payload: Buffer.from('gone'), qos: 0 as const, retain: false }
    const client = await connect(press('press-3'), { will })
    expect(await client.connack()).toBe(5)
    expect(await lastDecision()).toMatchObject({ reason: 'will_refused', username: 'press-3' })
    expect(await findUser('press-3')).toBeUndefined()
  })

  test('admits a device once when it connects a hundred times at once', async () => {
    await makeRule()
    const tls = press('press-storm')
    const codes = await Promise.all(Array.from({ length: 100 }, () => connack(tls)))
    expect(codes.every((code) => code === 0)).toBe(true)
    const events = await admin(audit.list, { search: { 'action[eq]': 'user.admitted', search: 'press-storm' } })
    expect(events.total).toBe(1)
    expect((await admin(admissionRules.list, {})).items[0]?.admitted).toBe(1)
  })

  test('never admits more than its limit when many devices connect at once, and more after an hour', async () => {
    await makeRule({ maxPerHour: 5, maxTotal: 7 })
    expect(await countAdmitted(0)).toBe(5)
    expect((await admin(admissionRules.list, {})).items[0]).toMatchObject({ admitted: 5, problem: 'admission_limit' })
    app.advance(hourMs + 1_000)
    admin = await freshAdmin(app)
    expect(await countAdmitted(100)).toBe(2)
    expect(await lastDecision()).toMatchObject({ reason: 'admission_limit' })
  })

  test('refuses while its author lacks what its roles give, and admits again afterwards', async () => {
    const { id: keeperRole } = await admin(roles.create, {
      body: {
        name: 'keeper',
        permissions: [
          { context: 'http', resource: '/api/admission-rules/#', operation: 'readWrite' },
          { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' },
        ],
      },
    })
    const keeper = await makeUser(app, 'keeper', { roles: [keeperRole] })
    const { call: asKeeper } = await signIn(app, 'keeper')
    const { fingerprint: authority } = plant
    const body = { name: 'kept', authority, usernames: ['kept-*'], roles: [roleId], enabled: true }
    await asKeeper(admissionRules.create, { body })
    await admin(users.update, { params: { id: keeper.id }, body: { disabled: true } })
    expect(await connack(press('kept-1'))).toBe(5)
    expect(await lastDecision()).toMatchObject({ reason: 'admission_author' })
    expect((await admin(admissionRules.list, {})).items).toMatchObject([{ problem: 'admission_author' }])
    await admin(users.update, { params: { id: keeper.id }, body: { disabled: false } })
    expect(await connack(press('kept-1'))).toBe(0)
    await admin(users.remove, { params: { id: keeper.id } })
    expect(await connack(press('kept-2'))).toBe(5)
  })

  test('refuses when one of its roles gives rights in the console by now, or was deleted', async () => {
    const widened = await makeRole('widened', [])
    await makeRule({ roles: [widened], usernames: ['wide-*'] })
    await admin(roles.update, {
      params: { id: widened },
      body: { permissions: [{ context: 'http', resource: '/api/audit', operation: 'read' }] },
    })
    expect(await connack(press('wide-1'))).toBe(5)
    expect(await lastDecision()).toMatchObject({ reason: 'admission_roles' })
    await admin(roles.remove, { params: { id: widened }, search: {} })
    expect(await connack(press('wide-2'))).toBe(5)
    expect((await admin(admissionRules.list, {})).items).toMatchObject([
      { problem: 'admission_roles', roleNames: [null] },
    ])
  })

  test('admits no device whose user was deleted, until somebody forgives it', async () => {
    await makeRule()
    expect(await connack(press('press-gone'))).toBe(0)
    const id = (await findUser('press-gone'))?.id ?? ''
    await admin(users.remove, { params: { id } })
    expect(await connack(press('press-gone'))).toBe(5)
    expect(await connack(press('PRESS-gone'))).not.toBe(0)
    expect(await connack(press('press-gone'))).toBe(5)
    expect(await lastDecision()).toMatchObject({ reason: 'device_denied' })
    expect((await admin(deniedDevices.list, { search: { search: 'press-gone' } })).items).toMatchObject([
      { username: 'press-gone', cause: 'deleted', by: 'admin' },
    ])
    await admin(deniedDevices.forgive, { params: { username: 'press-gone' } })
    expect(await connack(press('press-gone'))).toBe(0)
  })

  test('admits no device that was denied', async () => {
    await makeRule()
    await admin(deniedDevices.deny, { body: { username: 'press-stolen' } })
    expect(await connack(press('press-stolen'))).toBe(5)
    expect(await lastDecision()).toMatchObject({ reason: 'device_denied' })
  })

  test('no longer admits after its CA was deleted', async () => {
    const third = makeAuthority({ subject: 'Third' })
    await admin(authorities.create, { body: { certificates: third.certificatePem } })
    await makeRule({ authority: third.fingerprint, usernames: ['third-*'] })
    expect(await connack(press('third-1', third))).toBe(0)
    await admin(authorities.remove, { params: { fingerprint: third.fingerprint } })
    expect(await connack(press('third-2', third))).toBeNull()
    expect((await admin(admissionRules.list, {})).items).toMatchObject([{ authorityName: null }])
  })

  test('is shown by the check of a certificate, which creates nothing', async () => {
    await makeRule()
    const { certificatePem } = press('press-checked')
    const checked = await admin(certificates.check, { body: { certificates: certificatePem } })
    expect(checked).toMatchObject({ admitted: true, returnCode: 0, userId: null })
    expect(checked.checks.find(({ check }) => check === 'user')).toMatchObject({
      ok: true,
      detail: { admissionRule: 'presses' },
    })
    expect(await findUser('press-checked')).toBeUndefined()
  })

  test('is previewed by the devices that were refused in the last days', async () => {
    expect(await connack(press('seen-1'))).toBe(5)
    expect(await connack(press('seen-2', other))).toBe(5)
    await eventually(async () => {
      const all = await admin(admissionRules.preview, { body: { usernames: ['seen-*'] } })
      expect(all.items.map(({ username }) => username).toSorted()).toEqual(['seen-1', 'seen-2'])
    })
    const { fingerprint: authority } = plant
    const some = await admin(admissionRules.preview, { body: { authority, usernames: ['*'], roles: [] } })
    expect(some.items.map(({ username }) => username)).toContain('seen-1')
    expect(some.items.map(({ username }) => username)).not.toContain('seen-2')
    expect(some.warnings).toEqual(['matches_everything', 'no_roles'])
  })
})
