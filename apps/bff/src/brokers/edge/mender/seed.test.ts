/** The environment of Mender's mTLS ambassador makes an upstream, a listener and an admission rule, once. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../../test/app.ts'
import { type MenderBackend, managementUser, startMenderBackend } from '../../../../test/mender-backend.ts'
import { failToStartHere } from '../../../../test/start-here.ts'

const plant = makeAuthority({ subject: 'My CA' })
const other = makeAuthority({ subject: 'Another CA' })
const server = issue(plant, { subject: 'my-server.com' })

let folder: string
let backend: MenderBackend

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-mounts-'))
  await mount('good', {})
  backend = await startMenderBackend(Buffer.alloc(0))
})
afterAll(async () => {
  backend.close()
  await rm(folder, { recursive: true })
})

/** Writes the three files of the document, unless another content is given; null: no such file. Returns the folder. */
async function mount(name: string, given: Record<string, string | null>): Promise<string> {
  const files: Record<string, string | null> = {
    'server/server.crt': server.certificatePem,
    'server/server.key': server.privateKeyPem,
    'tenant-ca/tenant.ca.pem': plant.certificatePem,
    ...given,
  }
  for (const part of ['server', 'tenant-ca']) await mkdir(join(folder, name, part), { recursive: true })
  for (const [file, text] of Object.entries(files)) if (text !== null) await writeFile(join(folder, name, file), text)
  return join(folder, name)
}

function environment(certificates: string): Record<string, string> {
  return {
    MTLS_MENDER_USER: managementUser.username,
    MTLS_MENDER_PASS: managementUser.password,
    MTLS_MENDER_BACKEND: backend.origin,
    GATEHOUSE_EDGE_CERTS: certificates,
    GATEHOUSE_EDGE_PORT: '0',
  }
}

async function whatIsThere(app: TestApp) {
  const admin = await app.as('admin')
  const [foundUpstreams, foundListeners, foundRules] = await Promise.all([
    admin(upstreams.list, {}),
    admin(listeners.list, { search: {} }),
    admin(admissionRules.list, {}),
  ])
  return {
    upstreams: foundUpstreams.items,
    listeners: foundListeners.items.filter(({ purpose }) => purpose === 'device-http'),
    rules: foundRules.items,
  }
}

describe('the first start', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp(environment(await mount('two', { 'tenant-ca/more.crt': other.certificatePem })))
  })
  afterAll(() => app.stop())

  it('adds an upstream, the CAs, an open listener for these CAs, and a rule for each CA, with their audit events', async () => {
    const found = await whatIsThere(app)
    const [upstream] = found.upstreams
    const { origin } = backend
    expect(found.upstreams).toEqual([
      expect.objectContaining({ name: 'mender', kind: 'mender', origin, username: managementUser.username }),
    ])
    expect(found.listeners).toEqual([
      expect.objectContaining({
        name: 'mender',
        upstream: upstream?.id,
        address: '127.0.0.1',
        clientCertificate: 'required',
        trustedAuthorities: [other.fingerprint, plant.fingerprint],
        serverCertificate: expect.objectContaining({ fingerprint: server.fingerprint }),
        status: expect.objectContaining({ state: 'open' }),
      }),
    ])
    const rule = { enabled: true, usernames: ['*'], roleNames: ['Mender devices'], problem: null }
    expect(found.rules).toEqual([
      expect.objectContaining({ ...rule, name: 'Mender', authority: other.fingerprint }),
      expect.objectContaining({ ...rule, name: 'Mender-2', authority: plant.fingerprint }),
    ])
    const admin = await app.as('admin')
    const { items } = await admin(audit.list, { search: { limit: '100' } })
    expect(items.filter(({ via }) => via === 'system').map(({ action }) => action)).toEqual(
      expect.arrayContaining(['upstream.created', 'authority.added', 'admission-rule.created', 'role.created']),
    )
    expect(JSON.stringify(items)).not.toContain(managementUser.password)
  })

  it('is the only one that does: what was deleted or changed stays so, without the mounts too', async () => {
    const admin = await app.as('admin')
    const before = await whatIsThere(app)
    for (const { id } of before.listeners) await admin(listeners.remove, { params: { id } })
    for (const { id } of before.upstreams) await admin(upstreams.remove, { params: { id } })
    for (const { id } of before.rules) await admin(admissionRules.remove, { params: { id } })
    await admin(authorities.remove, { params: { fingerprint: other.fingerprint } })
    await rm(join(folder, 'two'), { recursive: true })
    await app.restart()
    expect(await whatIsThere(app)).toEqual({ upstreams: [], listeners: [], rules: [] })
    const trusted = (await admin(authorities.list, { search: {} })).items.map(({ fingerprint }) => fingerprint)
    expect(trusted).not.toContain(other.fingerprint)
  })
})

describe('an installation that exists', () => {
  it('gets it at its first start with these variables, beside what has the same names', async () => {
    const app = await startApp()
    const admin = await app.as('admin')
    await admin(upstreams.create, { body: { name: 'mender', origin: 'http://127.0.0.1:1' } })
    await admin(authorities.create, { body: { certificates: plant.certificatePem } })
    await app.started.stop()
    const found = { dataDir: app.dataDir, database: { place: app.database, env: {}, remove: async () => {} } }
    const again = await startApp({ ...app.env, ...environment(join(folder, 'good')) }, found)
    const { upstreams: there, rules } = await whatIsThere(again)
    expect(there.map(({ name }) => name)).toEqual(['mender', 'mender-2'])
    expect(rules).toHaveLength(1)
    await again.started.stop()
    await app.restart()
    await app.stop()
  })

  it('gets no rule when nobody has the name of the administrator', async () => {
    const app = await startApp()
    await app.started.stop()
    const found = { dataDir: app.dataDir, database: { place: app.database, env: {}, remove: async () => {} } }
    const env = { ...app.env, ...environment(join(folder, 'good')), GATEHOUSE_ADMIN_USERNAME: 'another' }
    const again = await startApp(env, found)
    const { upstreams: there, rules } = await whatIsThere(again)
    expect([there.length, rules.length]).toEqual([1, 0])
    expect((await (await again.as('admin'))(users.list, { search: { 'username[eq]': 'another' } })).items).toEqual([])
    await again.started.stop()
    await app.restart()
    await app.stop()
  })
})

describe('the start is refused, and nothing is stored,', () => {
  let dataDir: string
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-mender-'))
  })
  afterAll(() => rm(dataDir, { recursive: true, force: true }))

  const past = issue(plant, { subject: 'past', notAfter: new Date('2020-01-01') })
  it.each([
    ['without the CA', { 'tenant-ca/tenant.ca.pem': null }, 'tenant-ca: no file with the name'],
    ['with a CA that is none', { 'tenant-ca/tenant.ca.pem': 'junk' }, 'tenant.ca.pem: not CA certificates in PEM'],
    [
      'with a device certificate as CA',
      { 'tenant-ca/tenant.ca.pem': server.certificatePem },
      'cannot be trusted as a CA (not_a_ca)',
    ],
    ['without the key', { 'server/server.key': null }, 'server.key: ENOENT'],
    [
      'with the key of another certificate',
      { 'server/server.key': other.privateKeyPem },
      'server.key is not the key of',
    ],
    [
      'with a server certificate that has expired',
      { 'server/server.crt': past.certificatePem, 'server/server.key': past.privateKeyPem },
      'server.crt: the certificate has expired',
    ],
    ['with a file that is too large', { 'tenant-ca/tenant.ca.pem': 'a'.repeat(300_000) }, 'tenant.ca.pem: larger than'],
  ])('%s', async (name, files, says) => {
    const env = environment(await mount(name, files))
    expect(await failToStartHere(dataDir, env)).toContain(says)
  })

  it('with the port of the console', async () => {
    const env = { ...environment(join(folder, 'good')), GATEHOUSE_HTTP_PORT: '18999', GATEHOUSE_EDGE_PORT: '18999' }
    expect(await failToStartHere(dataDir, env)).toBe('GATEHOUSE_EDGE_PORT: the console uses this port\n')
  })

  it('until the files are mended: then it is the first start', async () => {
    const app = await startApp(environment(join(folder, 'good')), { dataDir })
    expect((await whatIsThere(app)).upstreams).toHaveLength(1)
    await app.stop()
  })
})
