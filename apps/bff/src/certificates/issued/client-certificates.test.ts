// @postgres
/**
 * Certificates issued by the built-in authority: for whom, by whom, for which key, for how long; and that the broker
 * accepts them.
 */
import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type ClientCertificateCreate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { makeAuthority } from '@gatehouse/pki/make/issue'
import { toPem } from '@gatehouse/pki/read/certificate'
import { readCommonName } from '@gatehouse/pki/read/common-name'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, signIn } from '../../../test/authenticator.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addMachine, connectMachine } from '../../../test/machines.ts'

const dayMs = 24 * 60 * 60_000
const reads = (resource: string) => [{ context: 'mqtt' as const, resource, operation: 'read' as const }]

let app: TestApp
let door: BackDoor
let admin: Call
let folder: string
let device: string
let csr: string
let privateKeyPem: string
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  device = await addMachine(app, 'device001', reads('line-3/#'))
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-request-'))
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', join(folder, 'own.key')]
  csr = execFileSync('openssl', ['req', '-new', ...key, '-subj', '/CN=somebody-else'], { stdio: 'pipe' }).toString()
  privateKeyPem = await readFile(join(folder, 'own.key'), 'utf8')
})
afterAll(async () => {
  await door.close()
  await app.stop()
  await rm(folder, { recursive: true })
})

const ask = (call: Call, more: Partial<ClientCertificateCreate> = {}) =>
  call(clientCertificates.create, { body: { csr, userId: device, days: 30, ...more } })

/** Ignores what the broker reports every few seconds. */
const everything = async () => (await door.everything()).replaceAll(/\{"kind":"broker[^}]+\}\n/g, '')

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await everything()
  const problem = await refused(calling(), code)
  expect(await everything()).toBe(before)
  return problem
}

function asIssued(certificatePem: string): Issued {
  const { raw } = new X509Certificate(certificatePem)
  return { certificatePem, privateKeyPem, der: raw, fingerprint: '' }
}

describe('a certificate is issued', () => {
  it('under the user’s name whatever the request contains; the broker accepts it, and it is in the list and the audit', async () => {
    const made = await ask(admin)
    const { certificate, ...listed } = made
    const read = new X509Certificate(certificate)
    expect(readCommonName(read.raw)).toEqual({ ok: true, commonName: 'device001' })
    expect(Date.parse(read.validTo) - app.now().getTime()).toBeLessThanOrEqual(30 * dayMs)
    expect(made).toMatchObject({
      subject: 'CN=device001',
      issuer: 'CN=Gatehouse',
      keyAlgorithm: 'ECDSA P-256',
      user: { id: device, username: 'device001' },
      issued: { by: 'admin' },
      revoked: null,
    })
    expect(read.serialNumber.toLowerCase()).toBe(made.serialNumber)
    expect(await admin(clientCertificates.view, { params: made })).toEqual(listed)
    expect(await admin(clientCertificates.download, { params: made })).toBe(certificate)
    const search = { 'user[eq]': device } as const
    expect(await admin(clientCertificates.list, { search })).toMatchObject({ items: [listed], total: 1 })
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'certificate.issued' } })
    expect(items).toMatchObject([
      {
        actor: { username: 'admin' },
        target: { type: 'certificate', id: made.fingerprint, name: 'CN=device001' },
        after: { user: 'device001', serialNumber: made.serialNumber },
      },
    ])
    const client = await connectMachine(app, asIssued(certificate))
    expect(await client.connack()).toBe(0)
    client.socket.destroy()
  })

  it('to replace another, which stays valid and is marked; both can be revoked', async () => {
    const first = await ask(admin)
    const second = await ask(admin, { renews: first.fingerprint })
    expect((await admin(clientCertificates.view, { params: first })).renewedBy).toBe(second.fingerprint)
    const body = { certificate: first.certificate, reason: 'superseded' as const }
    const revoked = await admin(revocations.create, { body })
    expect(await admin(clientCertificates.view, { params: first })).toMatchObject({
      revoked: { id: revoked.id, reason: 'superseded' },
    })
    expect(await (await connectMachine(app, asIssued(first.certificate))).connack()).toBeNull()
    const client = await connectMachine(app, asIssued(second.certificate))
    expect(await client.connack()).toBe(0)
    client.socket.destroy()
    const list = (state: 'current' | 'revoked' | 'renewed') =>
      admin(clientCertificates.list, { search: { 'state[eq]': state, 'user[eq]': device } })
    const states = await Promise.all((['current', 'revoked', 'renewed'] as const).map(list))
    expect(states.map(({ items }) => items.map(({ fingerprint }) => fingerprint).includes(first.fingerprint))).toEqual([
      false,
      true,
      true,
    ])
  })

  it('and revoked when its user is deleted, so that a later user of the name does not share it', async () => {
    const id = await addMachine(app, 'leaves-soon')
    const [made, ended] = [await ask(admin, { userId: id }), await ask(admin, { userId: id })]
    await admin(revocations.create, { body: { certificate: ended.certificate, reason: 'superseded' } })
    await admin(users.remove, { params: { id } })
    expect(await admin(clientCertificates.view, { params: made })).toMatchObject({
      user: { id: null, username: 'leaves-soon' },
      revoked: { reason: 'cessationOfOperation' },
    })
    expect((await admin(clientCertificates.view, { params: ended })).revoked?.reason).toBe('superseded')
    const { items } = await admin(audit.list, { search: { 'target[eq]': made.fingerprint } })
    expect(items.map(({ action, actor }) => [action, actor?.username])).toEqual([
      ['certificate.revoked', 'admin'],
      ['certificate.issued', 'admin'],
    ])
    await addMachine(app, 'leaves-soon')
    expect(await (await connectMachine(app, asIssued(made.certificate))).connack()).toBeNull()
  })

  it('by a caller who covers the user', async () => {
    const caller = await whoMayIssue('issuer-of-line-3', 'line-3/#')
    expect(await ask(caller)).toMatchObject({ issued: { by: 'issuer-of-line-3' } })
  })
})

async function whoMayIssue(username: string, topics: string): Promise<Call> {
  const http = { context: 'http' as const, resource: '/api/client-certificates', operation: 'readWrite' as const }
  const password = 'a perfectly good password'
  const permissions = [http, { context: 'mqtt' as const, resource: topics, operation: 'readWrite' as const }]
  await admin(users.create, {
    body: { username, password, mustChangePassword: false, grantTypes: [{ method: 'password' }], permissions },
  })
  return (await signIn(app, username)).call
}

describe('none is issued', () => {
  it.each<[string, Partial<ClientCertificateCreate>, Parameters<typeof refused>[1], Record<string, string>]>([
    ['for a text that is not a request', { csr: 'please' }, 'not_a_request', { csr: 'not_a_request' }],
    ['for less than a day', { days: 0 }, 'invalid', { days: 'too_small' }],
    ['for half days', { days: 1.5 }, 'invalid', { days: 'invalid' }],
    ['for longer than the policy allows', { days: 398 }, 'validity_too_long', { days: 'too_large' }],
    ['as replacement of one that does not exist', { renews: 'a'.repeat(64) }, 'not_found', { renews: 'unknown' }],
    ['with a name that the caller chooses', { commonName: 'admin' } as never, 'invalid', { commonName: 'unknown' }],
  ])('%s', async (_what, more, code, fields) => {
    expect((await refusedWithoutEffect(() => ask(admin, more), code)).fields).toEqual(fields)
  })

  it('for an unknown user', async () => {
    await refusedWithoutEffect(() => ask(admin, { userId: '01938a00-0000-7000-8000-000000000000' }), 'not_found')
  })

  it('for a request whose signature is another key’s', async () => {
    const der = Buffer.from(csr.replace(/-----.*-----|\s/g, ''), 'base64')
    // Changes the last byte of the public key, so the signature does not match.
    const at = der.indexOf(Buffer.from('034200', 'hex')) + 20
    der.writeUInt8(der.readUInt8(at) ^ 1, at)
    const forged = toPem('CERTIFICATE REQUEST', der)
    const problem = await refusedWithoutEffect(() => ask(admin, { csr: forged }), 'request_refused')
    expect(problem.fields).toEqual({ csr: 'bad_signature' })
  })

  it('for a private key, which appears nowhere afterwards', async () => {
    const { problem } = await refusedWithoutEffect(() => ask(admin, { csr: csr + privateKeyPem }), 'private_key')
    expect(JSON.stringify(problem)).not.toContain(privateKeyPem.split('\n')[1])
  })

  it('for a key whose earlier certificate was revoked as compromised, also one of another user', async () => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
    const stolen = execFileSync('openssl', ['req', '-new', ...key, '-subj', '/CN=x'], { stdio: 'pipe' }).toString()
    const { certificate } = await ask(admin, { csr: stolen })
    const { id } = await admin(revocations.create, { body: { certificate, reason: 'keyCompromise' } })
    const userId = await addMachine(app, 'device003')
    const problem = await refusedWithoutEffect(() => ask(admin, { csr: stolen, userId }), 'request_refused')
    expect(problem.fields).toEqual({ csr: 'compromised_key' })
    await admin(revocations.remove, { params: { id } })
    await ask(admin, { csr: stolen, userId })
  })

  it('as replacement of another user’s', async () => {
    const other = await ask(admin, { userId: await addMachine(app, 'device002') })
    await refusedWithoutEffect(() => ask(admin, { renews: other.fingerprint }), 'not_found')
    expect((await admin(clientCertificates.view, { params: other })).renewedBy).toBeNull()
  })

  it('by a caller who does not cover the user, lacks the permission, or has no recent proof', async () => {
    const caller = await whoMayIssue('issuer-of-line-4', 'line-4/#')
    await refusedWithoutEffect(() => ask(caller), 'above_caller')
    const auditor = await app.as('auditor')
    await refusedWithoutEffect(() => ask(auditor), 'not_permitted')
    const browser = await signIn(app, 'admin')
    app.advance(11 * 60_000)
    await refusedWithoutEffect(() => ask(browser.call), 'proof_required')
    admin = await freshAdmin(app)
  })

  it('for longer than a policy that was just made stricter, while a shorter one is', async () => {
    await admin(settings.update, { body: { clientCertificates: { maxDays: 7 } } })
    const problem = await refusedWithoutEffect(() => ask(admin, { days: 8 }), 'validity_too_long')
    expect(problem.problem.facts).toEqual({ maxDays: 7 })
    await ask(admin, { days: 7 })
    await admin(settings.update, { body: { clientCertificates: { maxDays: 397 } } })
  })

  it('if the built-in authority may not vouch for the user, or is not trusted for clients', async () => {
    const { authority } = await admin(clientCertificates.policy, {})
    const change = (body: object) => admin(authorities.update, { params: authority, body })
    await change({ usernames: ['line-3-*'] })
    await refusedWithoutEffect(() => ask(admin), 'authority_limited')
    await change({ usernames: [], withdrawn: true })
    await refusedWithoutEffect(() => ask(admin), 'authority_withdrawn')
    expect((await admin(clientCertificates.policy, {})).authority.withdrawnAt).not.toBeNull()
    await change({ withdrawn: false })
    await ask(admin)
  })

  it('by an expired authority', async () => {
    const dataDir = join(folder, 'ending')
    await mkdir(dataDir)
    const ending = await makeAuthority({ commonName: 'Ending', days: 10, at: new Date() })
    await writeFile(join(dataDir, 'authority.crt'), ending.certificatePem)
    await writeFile(join(dataDir, 'authority.key'), ending.privateKeyPem)
    const other = await startApp({ GATEHOUSE_DATA_DIR: dataDir, GATEHOUSE_FRESH_START: 'allow' })
    const userId = await addMachine(other, 'device001')
    const made = await ask(await other.as('admin'), { userId })
    expect(Date.parse(made.notAfter) - other.now().getTime()).toBeLessThan(10 * dayMs)
    other.advance(10 * dayMs)
    const late = await freshAdmin(other)
    await refused(ask(late, { userId }), 'authority_ended')
    expect((await late(clientCertificates.list, {})).total).toBe(1)
    await other.stop()
  })
})
