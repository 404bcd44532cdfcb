// @postgres
/** The listener of Mender's mounts gets a renewed server certificate, and keeps its connections. */
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { type Logger, pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { openKeyring } from '../../identity/second-factors/data-key.ts'
import { systemClock } from '../../platform/base/clock.ts'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { MountedCertificate } from './mounted-certificate.ts'

const plant = makeAuthority({ subject: 'Tenant CA' })
const first = issueServer()
const lookEveryMs = 60_000

let folder: string
let app: TestApp
let device: TLSSocket
let versions = 0
/** What the files hold. */
let mounted: Pick<Issued, 'certificatePem' | 'privateKeyPem'>

function issueServer(recipe: { notAfter?: Date; notBefore?: Date } = {}): Issued {
  return issue(plant, { subject: 'mtls.plant', extendedKeyUsage: ['serverAuth'], ...recipe })
}

beforeAll(async () => {
  // The test decides when the console looks at the files.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-mount-'))
  await mkdir(join(folder, 'tenant-ca'))
  await writeFile(join(folder, 'tenant-ca', 'tenant.ca.pem'), plant.certificatePem)
  await mount(first)
  app = await startApp({
    MTLS_MENDER_USER: 'mtls@mender.io',
    MTLS_MENDER_PASS: 'password',
    MTLS_MENDER_BACKEND: 'https://127.0.0.1:1',
    GATEHOUSE_EDGE_CERTS: folder,
    GATEHOUSE_EDGE_PORT: '0',
  })
  const admin = await app.as('admin')
  await admin(users.create, { body: { username: 'press-1', grantTypes: [{ method: 'certificate' }] } })
  device = await openDevice()
})
afterAll(async () => {
  device.destroy()
  await app.stop()
  vi.useRealTimers()
  await rm(folder, { recursive: true })
})

/** As Kubernetes renews a secret: `server` is a link, and is replaced in one step. */
async function mount(pair: typeof mounted): Promise<void> {
  const version = `..${++versions}`
  await mkdir(join(folder, version))
  await writeFile(join(folder, version, 'server.crt'), pair.certificatePem)
  await writeFile(join(folder, version, 'server.key'), pair.privateKeyPem)
  await symlink(version, join(folder, '..next'))
  await rename(join(folder, '..next'), join(folder, 'server'))
  mounted = pair
}

async function listener(): Promise<StoredListener> {
  const { items } = await (await app.as('admin'))(listeners.list, { search: {} })
  const found = items.find(({ purpose }) => purpose === 'device-http')
  if (!found) throw new Error('There is no listener for devices')
  return found
}

async function openDevice(): Promise<TLSSocket> {
  const { certificatePem: cert, privateKeyPem: key } = issue(plant, { subject: 'press-1' })
  const port = (await listener()).status.boundPort ?? 0
  const socket = connect({ host: '127.0.0.1', port, cert, key, rejectUnauthorized: false })
  await new Promise((resolve, reject) => void socket.once('secureConnect', resolve).once('error', reject))
  return socket.on('error', () => {})
}

/** The fingerprint of the certificate that a new connection gets. */
async function presented(): Promise<string> {
  const socket = await openDevice()
  const { fingerprint256 } = socket.getPeerCertificate()
  socket.destroy()
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

function look(): void {
  vi.advanceTimersByTime(lookEveryMs)
}

it('the listener says where its server certificate comes from', async () => {
  expect(await listener()).toMatchObject({
    serverCertificate: { fingerprint: first.fingerprint },
    certificateMount: { file: join(folder, 'server', 'server.crt'), problem: null },
  })
})

it('a renewed pair reaches new connections, keeps the others, and is in the audit', async () => {
  const second = issueServer()
  await mount(second)
  look()
  await expect.poll(presented).toBe(second.fingerprint)
  expect(await listener()).toMatchObject({ certificateMount: { problem: null } })
  expect(device.destroyed).toBe(false)
  const { items } = await (await app.as('admin'))(audit.list, { search: { 'action[eq]': 'listener.updated' } })
  expect(items).toEqual([
    expect.objectContaining({
      via: 'system',
      before: expect.objectContaining({ serverCertificate: first.fingerprint }),
      after: expect.objectContaining({ serverCertificate: second.fingerprint }),
    }),
  ])
})

describe('the listener keeps its certificate and names the reason', () => {
  const other = issueServer()
  const past = issueServer({ notBefore: new Date('2020-01-01'), notAfter: new Date('2021-01-01') })
  it.each([
    ['not_a_certificate', { ...other, certificatePem: 'junk' }],
    ['not_a_private_key', { ...other, privateKeyPem: 'junk' }],
    ['key_mismatch', { ...other, privateKeyPem: first.privateKeyPem }],
    ['expired', past],
    ['unreadable', { ...other, certificatePem: other.certificatePem + '\n'.repeat(64 * 1024) }],
    ['unreadable', { ...other, privateKeyPem: other.privateKeyPem + '\n'.repeat(32 * 1024) }],
  ])('%s', async (problem, pair) => {
    const before = (await listener()).serverCertificate
    await mount(pair)
    look()
    await expect.poll(async () => (await listener()).certificateMount?.problem).toBe(problem)
    expect((await listener()).serverCertificate).toEqual(before)
    expect(await presented()).toBe(before?.fingerprint)
  })
})

it('a pair that was renewed while Gatehouse did not run counts from the start on', async () => {
  const third = issueServer()
  await mount(third)
  await app.restart()
  expect(await presented()).toBe(third.fingerprint)
})

it('a CA that is added to the mounts later is not trusted', async () => {
  const foreign = makeAuthority({ subject: 'Foreign CA' })
  await writeFile(join(folder, 'tenant-ca', 'foreign.pem'), foreign.certificatePem)
  await app.restart()
  const { items } = await (await app.as('admin'))(authorities.list, { search: {} })
  expect(items.map(({ fingerprint }) => fingerprint)).not.toContain(foreign.fingerprint)
  expect((await listener()).trustedAuthorities).toEqual([plant.fingerprint])
})

describe('a look at the files', () => {
  let database: OpenDatabase
  let keyring: Keyring
  beforeAll(async () => {
    database = await openDatabase(app.database)
    keyring = await openKeyring(database.db, { given: null, dataDir: app.dataDir })
  })
  afterAll(() => database.close())

  function open(log: Logger): Promise<MountedCertificate> {
    const files = { certFile: join(folder, 'server', 'server.crt'), keyFile: join(folder, 'server', 'server.key') }
    return MountedCertificate.open({ ...database, keyring, clock: systemClock, log }, files)
  }

  async function renameTable(from: string, to: string): Promise<void> {
    await database.db.schema.alterTable(from).renameTo(to).execute()
  }

  it('does not wait for the turn to write when nothing has changed', async () => {
    await database.db.transaction().execute(async () => {
      expect((await open(pino({ level: 'silent' }))).mount?.problem).toBeNull()
    })
  })

  it('that cannot read the database warns once for each failure', async () => {
    const lines: string[] = []
    const follower = await open(pino({}, { write: (line: string) => void lines.push(line) }))
    const lookOnce = async () => {
      const stop = follower.watch()
      look()
      await stop()
    }
    for (const failures of [1, 2]) {
      await renameTable('installation', 'away')
      await lookOnce()
      await lookOnce()
      await renameTable('away', 'installation')
      await lookOnce()
      expect(lines).toHaveLength(failures)
    }
  })
})

async function giveByConsole({ certificatePem: certificate, privateKeyPem: key }: typeof mounted): Promise<void> {
  const { id } = await listener()
  const body = { serverCertificate: { certificate, key } }
  await (await app.as('admin'))(listeners.update, { params: { id }, body })
}

it('the files do not count any more after the console gave the listener the same certificate with its chain', async () => {
  const whole = mounted.certificatePem + plant.certificatePem
  await giveByConsole({ ...mounted, certificatePem: whole })
  expect((await listener()).certificateMount).toBeNull()
  await app.restart()
  expect(await listener()).toMatchObject({ certificateMount: null, serverCertificate: { certificate: whole } })
})

it('the console giving the mounted pair does not make the listener follow the files again', async () => {
  const given = mounted
  await giveByConsole(given)
  expect((await listener()).certificateMount).toBeNull()
  await mount(issueServer())
  await app.restart()
  expect(await listener()).toMatchObject({
    certificateMount: null,
    serverCertificate: { certificate: given.certificatePem },
  })
})
