/** Replacing the built-in authority: who may do it, with what, and what is trusted afterwards. */
import { execFileSync } from 'node:child_process'
import { createPrivateKey } from 'node:crypto'
import { mkdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type BuiltInReplacement, builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { audit } from '@gatehouse/contract/operations/audit'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
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

const fileOf = (name: string) => readFileSync(join(app.dataDir, name), 'utf8')
const given = ({ certificatePem, privateKeyPem }: Issued) => ({ certificate: certificatePem, key: privateKeyPem })

async function replace(body: BuiltInReplacement) {
  return (await app.as('admin'))(builtInAuthority.replace, { body })
}

async function current() {
  return (await app.as('admin'))(builtInAuthority.view, {})
}

/** Connects to the MQTT listener as a client that trusts these authorities. Returns null, or OpenSSL's error. */
function complaintWith(...cas: string[]): Promise<string | null> {
  const { port } = new URL(app.started.mqttsUrl ?? '')
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: Number(port), ca: cas, servername: 'localhost' })
    socket.once('secureConnect', () => {
      resolve(null)
      socket.destroy()
    })
    socket.once('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
  })
}

async function refusedWithoutEffect(body: BuiltInReplacement, code: Parameters<typeof refused>[1]) {
  const files = ['authority.crt', 'authority.key', 'server.crt', 'server.key']
  const look = async () => [await door.everything(), ...files.map(fileOf)]
  const before = await look()
  const problem = await refused(replace(body), code)
  expect(await look()).toEqual(before)
  expect(() => fileOf('authority.next.key')).toThrow('ENOENT')
  expect(JSON.stringify(problem.problem)).not.toMatch(/[A-Za-z0-9+/]{40}/)
  return problem.problem.fields
}

describe('nobody can replace it', () => {
  it('without covering everything, whatever else they may do', async () => {
    const operator = await app.as('operator')
    const before = fileOf('authority.crt')
    await refused(operator(builtInAuthority.replace, { body: { renew: true } }), 'above_caller')
    await refused(operator(builtInAuthority.replace, { body: given(makeAuthority()) }), 'above_caller')
    await refused((await app.as('nobody'))(builtInAuthority.view, {}), 'not_permitted')
    expect(fileOf('authority.crt')).toBe(before)
  })

  const past = new Date(Date.now() - 86_400_000)
  const future = new Date(Date.now() + 86_400_000)
  it.each([
    ['with a client certificate', () => issue(makeAuthority()), 'not_a_ca'],
    ['with an expired certificate', () => makeAuthority({ notAfter: past }), 'expired'],
    ['with one that is not valid yet', () => makeAuthority({ notBefore: future }), 'not_yet_valid'],
    ['with one of version 1', () => makeAuthority({ version: 1 }), 'not_a_ca'],
    ['with one with a weak key', () => makeAuthority({ key: 'rsa-1024' }), 'weak_key'],
    ['with one limited to servers', () => makeAuthority({ extendedKeyUsage: ['serverAuth'] }), 'wrong_usage'],
    ['with one limited to clients', () => makeAuthority({ extendedKeyUsage: ['clientAuth'] }), 'not_for_servers'],
    ['with one without the root above it', () => issueAuthority(makeAuthority()), 'root_missing'],
    [
      'with one that is signed with SHA-3',
      () => issueAuthority(makeAuthority(), { hash: 'sha3-256' }),
      'unsupported_signature',
    ],
    ['with one that may not sign', () => makeAuthority({ keyUsage: ['cRLSign'] }), 'not_a_ca'],
  ])('with %s', async (_what, make, problem) => {
    expect(await refusedWithoutEffect(given(make()), 'authority_refused')).toEqual({ certificate: problem })
  })

  it('with one below an expired certificate', async () => {
    const root = makeAuthority({ subject: 'Root', notAfter: past })
    const middle = issueAuthority(root)
    const body = { certificate: middle.certificatePem + root.certificatePem, key: middle.privateKeyPem }
    expect(await refusedWithoutEffect(body, 'authority_refused')).toEqual({ certificate: 'expired' })
  })

  it('with text that is not a certificate or not a key, or with the key of another one', async () => {
    const { certificatePem: certificate, privateKeyPem: key } = makeAuthority()
    const p224 = makeAuthority({ key: 'secp256k1' }).privateKeyPem
    expect(await refusedWithoutEffect({ certificate: 'x', key }, 'not_a_certificate')).toEqual({
      certificate: 'not_a_certificate',
    })
    expect(await refusedWithoutEffect({ certificate: certificate + key, key }, 'private_key')).toEqual({
      certificate: 'private_key',
    })
    expect(await refusedWithoutEffect({ certificate, key: certificate }, 'not_a_private_key')).toEqual({
      key: 'not_a_private_key',
    })
    expect(await refusedWithoutEffect({ certificate, key: p224 }, 'not_a_private_key')).toEqual({
      key: 'key_unsupported',
    })
    const other = makeAuthority().privateKeyPem
    expect(await refusedWithoutEffect({ certificate, key: other }, 'key_mismatch')).toEqual({ key: 'key_mismatch' })
    const admin = await app.as('admin')
    for (const body of [{}, { renew: false }, { renew: true, key }, { certificate }, { certificate, key, more: 1 }]) {
      await refused(admin(builtInAuthority.replace, { body: body as never }), 'invalid')
    }
  })

  it('with an encrypted key and no password, or a wrong one', async () => {
    const { certificatePem: certificate, privateKeyPem } = makeAuthority()
    const key = encrypted(privateKeyPem)
    expect(await refusedWithoutEffect({ certificate, key }, 'key_password_required')).toEqual({ password: 'required' })
    expect(await refusedWithoutEffect({ certificate, key, password: 'wrong' }, 'wrong_password')).toEqual({
      password: 'wrong_password',
    })
  })

  it("if another caller has replaced it since the caller's version", async () => {
    const { authority } = await current()
    await replace({ renew: true, replaces: authority.fingerprint })
    expect((await current()).authority.fingerprint).not.toBe(authority.fingerprint)
    await refusedWithoutEffect({ renew: true, replaces: authority.fingerprint }, 'changed_meanwhile')
    const other = { ...given(makeAuthority()), replaces: authority.fingerprint }
    await refusedWithoutEffect(other, 'changed_meanwhile')
  })

  it('with itself', async () => {
    const body = { certificate: fileOf('authority.crt'), key: fileOf('authority.key') }
    expect(await refusedWithoutEffect(body, 'already_built_in')).toEqual({ certificate: 'duplicate' })
  })
})

function encrypted(privateKeyPem: string): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const
  return createPrivateKey(privateKeyPem).export(options).toString()
}

describe('it can be replaced', () => {
  it('by a company’s own with an encrypted key; both are trusted until the old one is deleted', async () => {
    const admin = await app.as('admin')
    const { authority: before } = await current()
    const oldPem = fileOf('authority.crt')
    const company = makeAuthority({ subject: 'Company CA', key: 'rsa-2048' })
    const key = encrypted(company.privateKeyPem)
    const answer = await replace({ certificate: company.certificatePem, key, password: 'secret' })
    expect(answer).toMatchObject({
      authority: { fingerprint: company.fingerprint, name: 'Company CA', builtIn: true, uploadedBy: 'admin' },
      server: { isGiven: false, issuer: 'CN=Company CA' },
      overlap: { authority: { fingerprint: before.fingerprint, builtIn: false, withdrawnAt: null } },
      disconnected: 0,
    })
    expect(fileOf('authority.crt')).toBe(company.certificatePem)
    expect(fileOf('authority.key')).toBe(company.privateKeyPem)
    expect(statSync(join(app.dataDir, 'authority.key')).mode & 0o777).toBe(0o600)
    expect(() => fileOf('authority.next.key')).toThrow('ENOENT')
    expect(await admin(authorities.builtIn, {})).toBe(company.certificatePem)
    expect(await admin(authorities.bundle, {})).toContain(oldPem)
    expect(await (await app.as('nobody'))(builtInAuthority.overlapBundle, {})).toBe(company.certificatePem + oldPem)
    // Connect immediately, with clients of the old and of the new authority.
    expect(await complaintWith(company.certificatePem)).toBeNull()
    expect(await complaintWith(oldPem)).toBeNull()
    expect(await complaintWith(company.certificatePem, oldPem)).toBeNull()
    expect(await complaintWith(makeAuthority({ subject: 'Company CA' }).certificatePem)).not.toBeNull()

    const { items } = await admin(audit.list, { search: { 'target[eq]': company.fingerprint } })
    expect(items).toMatchObject([
      {
        action: 'authority.replaced',
        actor: { username: 'admin' },
        before: { fingerprint: before.fingerprint },
        after: { fingerprint: company.fingerprint, subject: 'CN=Company CA' },
      },
    ])
    expect(JSON.stringify(items)).not.toContain('PRIVATE')

    await app.restart()
    expect(await complaintWith(oldPem)).toBeNull()
    expect(await current()).toMatchObject({ overlap: { authority: { fingerprint: before.fingerprint } } })

    await (await app.as('admin'))(authorities.remove, { params: before })
    expect(await current()).toMatchObject({ overlap: null, authority: { fingerprint: company.fingerprint } })
    expect(await complaintWith(oldPem)).not.toBeNull()
    expect(await complaintWith(company.certificatePem)).toBeNull()
    await refused((await app.as('admin'))(builtInAuthority.overlapBundle, {}), 'not_found')
  })

  it('by a new generated one, and again', async () => {
    const before = await current()
    const renewed = await replace({ renew: true })
    expect(renewed.authority.commonName).toMatch(/^Gatehouse \d{4}-\d\d-\d\d( |$)/)
    expect(renewed).toMatchObject({
      authority: { uploadedBy: null },
      overlap: { authority: before.authority.fingerprint && { fingerprint: before.authority.fingerprint } },
    })
    expect(Date.parse(renewed.overlap?.serverUntil ?? '')).toBeGreaterThan(Date.now() + 300 * 86_400_000)
    const again = await replace({ renew: true })
    expect(again.authority.fingerprint).not.toBe(renewed.authority.fingerprint)
    // Two of one day have different names.
    expect(again.authority.commonName).toMatch(/^Gatehouse [\d-]{10} \d\d:\d\d:\d\d$/)
    expect(again.overlap?.authority.fingerprint).toBe(renewed.authority.fingerprint)
    expect(await complaintWith(fileOf('authority.crt'))).toBeNull()
  })

  it('by one below another: clients need the root, and no cross certificate is made', async () => {
    const root = makeAuthority({ subject: 'Company root' })
    const middle = issueAuthority(root, { subject: 'Company issuing CA' })
    const before = fileOf('authority.crt')
    // In the wrong order, and with an unrelated one.
    const certificate = root.certificatePem + makeAuthority({ subject: 'Else' }).certificatePem + middle.certificatePem
    const { overlap } = await replace({ certificate, key: middle.privateKeyPem })
    expect(overlap?.serverUntil).toBeNull()
    expect(fileOf('authority.crt')).toBe(middle.certificatePem + root.certificatePem)
    expect(await complaintWith(root.certificatePem)).toBeNull()
    expect(await complaintWith(before)).not.toBeNull()
    await app.restart()
    expect(await complaintWith(root.certificatePem)).toBeNull()
  })

  it('by one of the trust store, which keeps its name, notes and limit', async () => {
    const admin = await app.as('admin')
    const line3 = makeAuthority({ subject: 'Line 3' })
    await admin(authorities.create, {
      body: { certificates: line3.certificatePem, name: 'Third line', usernames: ['line-3-*'] },
    })
    expect((await replace(given(line3))).authority).toMatchObject({
      name: 'Third line',
      usernames: ['line-3-*'],
      builtIn: true,
      version: 2,
    })
    await refused(admin(authorities.remove, { params: line3 }), 'built_in')
  })

  it('while its trust is withdrawn: the previous one can then be restored, or deleted', async () => {
    const admin = await app.as('admin')
    const { authority } = await current()
    await admin(authorities.update, { params: authority, body: { withdrawn: true } })
    const { overlap } = await replace({ renew: true })
    expect(overlap?.authority).toMatchObject({ fingerprint: authority.fingerprint, builtIn: false })
    expect(overlap?.authority.withdrawnAt).not.toBeNull()
    const restored = await admin(authorities.update, { params: authority, body: { withdrawn: false } })
    expect(restored.withdrawnAt).toBeNull()
    await refused(admin(authorities.update, { params: authority, body: { withdrawn: true } }), 'invalid')
    await admin(authorities.remove, { params: authority })
  })
})

it('although its files cannot be moved: it signs, and a start finds it', async () => {
  const place = join(app.dataDir, 'authority.crt')
  rmSync(place)
  mkdirSync(place)
  const { authority } = await replace({ renew: true })
  expect((await current()).authority.fingerprint).toBe(authority.fingerprint)
  const admin = await app.as('admin')
  expect(await admin(authorities.builtIn, {})).toBe(fileOf('authority.next.crt'))
  rmdirSync(place)
  await app.restart()
  expect(await (await app.as('admin'))(authorities.builtIn, {})).toBe(fileOf('authority.crt'))
  expect(await complaintWith(fileOf('authority.crt'))).toBeNull()
  expect((await current()).authority.fingerprint).toBe(authority.fingerprint)
})

it('with openssl accepting the server before and after', async () => {
  const oldFile = join(app.dataDir, 'old.crt')
  execFileSync('cp', [join(app.dataDir, 'authority.crt'), oldFile])
  await replace({ renew: true })
  const { port } = new URL(app.started.mqttsUrl ?? '')
  for (const file of [oldFile, join(app.dataDir, 'authority.crt')]) {
    const options = [
      '-connect',
      `127.0.0.1:${port}`,
      '-CAfile',
      file,
      '-verify_return_error',
      '-verify_hostname',
      'localhost',
    ]
    const said = execFileSync('openssl', ['s_client', ...options], { input: '', stdio: ['pipe', 'pipe', 'pipe'] })
    expect(said.toString()).toContain('Verification: OK')
  }
})
