/**
 * One walk over PostgreSQL through the statements of the stores whose features have no test file there in a normal run. With
 * `--all` their own files run on PostgreSQL too.
 */
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { roles } from '@gatehouse/contract/access/roles'
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { enforcers } from '@gatehouse/contract/brokers/enforcers'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import { toPem } from '@gatehouse/pki/read/certificate'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Browser, refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, makeEnrolled, makeUser, signIn } from '../../../test/authenticator.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { connectMachine } from '../../../test/machines.ts'
import { ConsoleClient } from '../../brokers/agent/console-client.ts'
import { enrol, renew } from '../../brokers/agent/enrol.ts'
import { IdentityFile } from '../../brokers/agent/identity.ts'
import { markRefused } from '../../identity/passwords/store.ts'
import { findProviderNamed } from '../../identity/providers/store.ts'
import { useOnce } from '../../identity/single-sign-on/store.ts'
import type { OpenDatabase } from './database.ts'
import { openDatabase } from './open.ts'

const plant = makeAuthority({ subject: 'Plant' })

let app: TestApp
let admin: Browser['call']
let database: OpenDatabase
beforeAll(async () => {
  app = await startApp({ GATEHOUSE_ENFORCERS_PORT: '0' })
  database = await openDatabase(app.database)
  admin = await freshAdmin(app)
  await admin(authorities.create, { body: { certificates: plant.certificatePem, usernames: ['press-*'] } })
})
afterAll(async () => {
  await database.close()
  await app.stop()
})

const connect = (username: string) => connectMachine(app, issue(plant, { subject: username }))

const pullBy = (agent: ConsoleClient) =>
  agent.pull({ epoch: null, revision: 0, digest: null, waitMs: 0 }, AbortSignal.timeout(60_000))

/** The return code of the CONNACK. */
async function connack(username: string): Promise<number | null> {
  const client = await connect(username)
  const code = await client.connack()
  client.socket.destroy()
  return code
}

test('an authority, the chain below it, and the users whom it may concern', async () => {
  expect(await admin(authorities.view, { params: plant })).toMatchObject({ usernames: ['press-*'] })
  expect((await admin(authorities.chain, { params: plant })).nodes).toMatchObject([{ level: 0 }])
  const other = makeAuthority({ subject: 'Other' })
  await admin(authorities.create, { body: { certificates: other.certificatePem } })
  await admin(authorities.update, { params: other, body: { name: 'Renamed', usernames: ['*'] } })
  expect((await admin(authorities.list, { search: { search: 'renamed' } })).items).toMatchObject([{ name: 'Renamed' }])
  await admin(authorities.remove, { params: other })
  await refused(admin(authorities.view, { params: other }), 'not_found')
  const operator = await app.as('operator')
  const wide = { certificates: other.certificatePem, usernames: ['adm*'] }
  await refused(operator(authorities.create, { body: wide }), 'above_caller')
})

test('a CRL that is replaced, read and deleted', async () => {
  const upload = async (minutesAgo: number) => {
    const now = app.now().getTime()
    const dates = { thisUpdate: new Date(now - minutesAgo * 60_000), nextUpdate: new Date(now + 86_400_000) }
    const crl = toPem('X509 CRL', makeRevocationList(plant, { ...dates, number: 10n - BigInt(minutesAgo) }))
    return admin(revocationLists.create, { params: plant, body: { crl } })
  }
  await upload(2)
  const { fingerprint } = await upload(1)
  expect((await admin(revocationLists.list, {})).items).toMatchObject([{ fingerprint, number: '9' }])
  expect(await admin(revocationLists.download, { params: { fingerprint } })).toContain('BEGIN X509 CRL')
  await admin(revocationLists.remove, { params: { fingerprint } })
  await refused(admin(revocationLists.download, { params: { fingerprint } }), 'not_found')
})

test('a device that a rule admits, whose role changes, whose user is deleted, and that is admitted again', async () => {
  const permissions = [{ context: 'mqtt' as const, resource: 'line-3/#', operation: 'readWrite' as const }]
  const { id: roleId } = await admin(roles.create, { body: { name: 'presses', permissions } })
  const { fingerprint: authority } = plant
  const body = { name: 'presses', authority, usernames: ['press-*'], roles: [roleId], enabled: true }
  expect(await connack('press-0')).not.toBe(0)
  await admin(admissionRules.create, { body })
  const device = await connect('press-1')
  expect(await device.connack()).toBe(0)
  await admin(roles.update, { params: { id: roleId }, body: { permissions: [] } })
  device.socket.destroy()
  expect((await admin(admissionRules.list, {})).items).toMatchObject([{ admitted: 1, admittedLastHour: 1 }])
  const [event] = (await admin(audit.list, { search: { 'action[eq]': 'user.admitted', search: 'press-1' } })).items
  await admin(users.remove, { params: { id: event?.target?.id ?? '' } })
  expect(await connack('press-1')).toBe(5)
  await admin(deniedDevices.deny, { body: { username: 'press-2' } })
  const denied = async (search: string) => (await admin(deniedDevices.list, { search: { search } })).items
  expect(await denied('PRESS-')).toMatchObject([{ username: 'press-2' }, { username: 'press-1', cause: 'deleted' }])
  expect((await admin(overview.view, {})).admissions).toMatchObject({ count: 1 })
  await admin(deniedDevices.forgive, { params: { username: 'press-1' } })
  expect(await connack('press-1')).toBe(0)
  await eventually(async () => {
    const { items } = await admin(admissionRules.preview, { body: { usernames: ['press-*'] } })
    expect(items).toContainEqual(expect.objectContaining({ username: 'press-0', state: 'unknown' }))
  })
})

test('a listener with its own certificate that is changed and deleted, and an upstream', async () => {
  const { certificatePem, privateKeyPem } = issue(plant, { subject: 'server', extendedKeyUsage: ['serverAuth'] })
  const serverCertificate = { certificate: certificatePem, key: privateKeyPem }
  const body = { name: 'north', address: '127.0.0.1', port: 0, serverCertificate }
  const { id, status } = await admin(listeners.create, { body })
  expect(status.state).toBe('open')
  expect(await admin(listeners.update, { params: { id }, body: { name: 'south' } })).toMatchObject({
    name: 'south',
    version: 2,
  })
  await admin(listeners.remove, { params: { id } })
  await refused(admin(listeners.view, { params: { id } }), 'not_found')

  const upstream = await admin(upstreams.create, { body: { name: 'gone', origin: 'http://127.0.0.1:9' } })
  await admin(upstreams.remove, { params: { id: upstream.id } })
  expect((await admin(upstreams.list, {})).items).toEqual([])
})

test('a second factor that is used, turned off and reset', async () => {
  const { id, browser, backupCodes } = await makeEnrolled(app, 'ada')
  const again = await signIn(app, 'ada')
  expect(await again.call(session.secondFactor, { body: { backupCode: backupCodes[0] ?? '' } })).toMatchObject({
    backupCodesLeft: 9,
  })
  await browser.call(mfa.disable, { body: { backupCode: backupCodes[1] ?? '' } })
  expect(await browser.call(mfa.view, {})).toMatchObject({ enabled: false })
  const other = await makeEnrolled(app, 'grace')
  await admin(mfa.reset, { params: { id: other.id }, body: {} })
  expect(await admin(users.view, { params: { id: other.id } })).toMatchObject({ mfa: { enabled: false } })
  await admin(users.remove, { params: { id } })
})

test('what a new password and the deletion of a user end', async () => {
  const { id } = await makeUser(app, 'ends')
  const { call } = await signIn(app, 'ends')
  await call(tokens.create, { body: { label: 'script' } })
  expect((await call(tokens.list, { search: { search: 'scr' } })).items).toMatchObject([{ label: 'script' }])
  expect(await admin(users.impact, { params: { id }, body: { delete: true } })).toMatchObject({
    tokens: 1,
    sessions: 1,
  })
  await admin(users.remove, { params: { id } })
  await refused(call(session.view, {}), 'not_signed_in')
})

test('an agent that enrols, renews its certificate, and is revoked', async () => {
  const id = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76'
  const named = { id, name: 'hall 2', name_folded: 'hall 2', host: '192.0.2.1', port: 1883, tls: 0, settings: '{}' }
  const door = openBackDoor(app)
  await door.insert('brokers', { ...named, kind: 'mosquitto-agent', created_at: new Date().toISOString(), version: 1 })
  await door.close()
  const { token } = await admin(enforcers.enrol, { params: { id } })
  const { address } = await admin(enforcers.view, { params: { id } })
  const file = new IdentityFile(await mkdtemp(join(app.dataDir, 'agent-')))
  const first = await enrol(file, { token, console: address ?? '', version: 'test' })
  const client = new ConsoleClient(first)
  const renewed = new ConsoleClient(await renew(file, first, { client }))
  // Authenticated: the broker has no adapter in this test.
  await expect(pullBy(renewed)).rejects.toMatchObject({ code: 'unavailable' })
  await expect(pullBy(client)).rejects.toMatchObject({ code: 'unknown_enforcer' })
  await admin(enforcers.revoke, { params: { id } })
  await expect(pullBy(renewed)).rejects.toMatchObject({ code: 'unknown_enforcer' })
  for (const each of [client, renewed]) each.close()
})

test('policies, and a batch of users', async () => {
  const { version } = await admin(settings.view, {})
  expect(await admin(settings.update, { body: { decisions: { keepDays: 7 } } })).toMatchObject({ version: version + 1 })
  const batch = Array.from({ length: 3 }, (_, at) => ({ username: `batch-${at}` }))
  expect((await admin(userTransfer.batch, { body: { users: batch } })).users).toHaveLength(3)
})

test('the state of a single sign-on, which is used once, and a closed pool of attempts', async () => {
  const flow = { hash: 'a'.repeat(64), until: '2049-12-31T23:59:59.000Z' }
  const use = () => database.db.transaction().execute((trx) => useOnce(trx, flow))
  expect([await use(), await use()]).toEqual([true, false])
  expect(await findProviderNamed(database.reader, 'nobody')).toBeNull()
  await database.db.transaction().execute((trx) => markRefused(trx, 'password|address|192.0.2.1', flow.until))
})
