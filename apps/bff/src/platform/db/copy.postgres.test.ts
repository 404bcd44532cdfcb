/** `npm run admin -- copy-to`: moves an installation from SQLite to PostgreSQL. Only the operator notices. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { roles } from '@gatehouse/contract/access/roles'
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, makeBrowser, startApp, type TestApp } from '../../../test/app.ts'
import { codeAt, makeUser, signIn } from '../../../test/authenticator.ts'
import { openBackDoor } from '../../../test/back-door.ts'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { outsideEnv } from '../../../test/server-process.ts'
import { openSql } from '../../../test/sql.ts'

let dataDir: string
let onSqlite: TestDatabase
let onPostgres: TestDatabase
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gatehouse-copy-'))
  onSqlite = { place: { file: join(dataDir, 'gatehouse.db') }, env: {}, remove: async () => {} }
  onPostgres = await makeDatabase(dataDir)
})
afterAll(async () => {
  await onPostgres.remove()
  await rm(dataDir, { recursive: true })
})

const startOn = (database: TestDatabase) =>
  startApp({ GATEHOUSE_DATA_DIR: dataDir, ...database.env }, { database: { ...database, remove: async () => {} } })

function copyTo(url: string): Promise<{ code: number; out: string; err: string }> {
  const entry = fileURLToPath(new URL('../../admin.ts', import.meta.url))
  const env = { ...outsideEnv(), GATEHOUSE_DATA_DIR: dataDir }
  return new Promise((resolve) => {
    execFile(process.execPath, [entry, 'copy-to', url], { env }, (error, out, err) =>
      resolve({ code: Number(error?.code ?? 0), out, err }),
    )
  })
}

const urlOf = ({ place }: TestDatabase) => ('url' in place ? place.url : '')

/** All rows, without SQLite's row numbers and without what the copy itself wrote. */
async function everythingIn(database: TestDatabase): Promise<Map<string, string[]>> {
  const sql = openSql(database.place)
  const tables = (await sql.tables()).filter((name) => !/^(kysely_|user_trigrams)/.test(name))
  const all = new Map<string, string[]>()
  for (const table of tables) {
    const rows = await sql.rows(`select * from ${table}`)
    const kept = rows.filter(({ action }) => action !== 'installation.copied')
    all.set(table, kept.map((row) => JSON.stringify({ ...row, number: undefined }, inOrder)).toSorted())
  }
  await sql.close()
  return all
}

function inOrder(_key: string, value: unknown): unknown {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  return isPlain ? Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))) : value
}

const authority = makeAuthority({ subject: 'Plant' })
let cookieCall: Awaited<ReturnType<typeof signIn>>
let phoneSecret: string
let url: string

async function fill(app: TestApp): Promise<void> {
  const admin = await app.as('admin')
  const permissions = [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' }] as const
  const role = await admin(roles.create, { body: { name: 'Line 3', permissions: [...permissions] } })
  await admin(users.create, {
    body: { username: 'press-7', displayName: 'Prëss 7', grantTypes: [{ method: 'certificate' }], roles: [role.id] },
  })
  const { certificatePem } = authority
  await admin(authorities.create, { body: { certificates: certificatePem, usernames: ['press-*'] } })
  await admin(admissionRules.create, {
    body: { name: 'presses', authority: authority.fingerprint, usernames: ['press-*'], roles: [role.id] },
  })
  await admin(deniedDevices.deny, { body: { username: 'press-13' } })
  await makeUser(app, 'ada')
  // A browser that stays open while the server moves keeps its session cookie.
  const there = await signIn(app, 'ada')
  const { secret } = await there.call(mfa.enrol, {})
  await there.call(mfa.verify, { body: { code: codeAt(secret, new Date(Date.now() - 30_000)) } })
  phoneSecret = secret
  url = app.url
  cookieCall = makeBrowser(() => url, there.cookie())
}

it('is refused while the server runs, and copies nothing', async () => {
  const app = await startOn(onSqlite)
  await fill(app)
  const before = await everythingIn(onPostgres)
  const { code, err } = await copyTo(urlOf(onPostgres))
  expect({ code, err }).toEqual({
    code: 1,
    err: 'Gatehouse runs on this data folder. Stop it first; nothing was copied.\n',
  })
  expect(await everythingIn(onPostgres)).toEqual(before)
  await app.stop()
})

it.each([
  ['no address', 'nonsense', /^GATEHOUSE_DATABASE_URL: an address such as/],
  ['a server that is not there', 'postgres://a:secret-word@127.0.0.1:1/x', /^GATEHOUSE_DATABASE_URL: .*ECONNREFUSED/],
])('is refused in one line for %s, without the password', async (_what, address, says) => {
  const { code, err } = await copyTo(address)
  expect(code).toBe(1)
  expect(err).toMatch(says)
  expect(err.trim().split('\n')).toHaveLength(1)
  expect(err).not.toContain('secret-word')
})

it('copies everything, prints the number of rows, and is recorded in the audit', async () => {
  const before = await everythingIn(onSqlite)
  const { code, out, err } = await copyTo(urlOf(onPostgres))
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(await everythingIn(onPostgres)).toEqual(before)
  for (const [table, rows] of before) expect(out).toMatch(new RegExp(`^${table} +${rows.length}$`, 'm'))
  expect(before.get('users')).toHaveLength(3)
  expect(before.get('authenticators')).toHaveLength(11)
})

it('is refused if the target is not empty, and changes nothing', async () => {
  const before = await everythingIn(onPostgres)
  const { code, err } = await copyTo(urlOf(onPostgres))
  expect({ code, err }).toEqual({
    code: 1,
    err: 'That database is not empty; nothing was copied.\n',
  })
  expect(await everythingIn(onPostgres)).toEqual(before)
})

it('works with the copied sessions, passwords, second factors, permissions and certificates, and continues the audit', async () => {
  const app = await startOn(onPostgres)
  url = app.url
  expect(await cookieCall.call(session.view, {})).toMatchObject({ stage: 'full', user: { username: 'ada' } })
  const again = await signIn(app, 'ada')
  expect(await again.call(session.view, {})).toEqual({ stage: 'mfa-required' })
  await again.call(session.secondFactor, { body: { code: codeAt(phoneSecret, new Date(Date.now() + 30_000)) } })

  const admin = await app.as('admin')
  const found = await admin(users.list, { search: { search: 'prëss' } })
  expect(found.items).toMatchObject([{ username: 'press-7', roleNames: ['Line 3'] }])
  await admin(users.create, { body: { username: 'press-8' } })
  expect((await admin(users.list, {})).total).toBe(4)
  const [newest, ...older] = (await admin(audit.list, {})).items
  expect(newest).toMatchObject({ action: 'user.created', target: { name: 'press-8' } })
  expect(older.map(({ action }) => action)).toEqual(expect.arrayContaining(['installation.copied', 'mfa.enabled']))

  const leaf = issue(authority, { subject: 'press-7' })
  const client = await connectAsync(app.started.mqttsUrl ?? '', {
    cert: leaf.certificatePem,
    key: leaf.privateKeyPem,
    rejectUnauthorized: false,
    reconnectPeriod: 0,
  })
  expect(await client.subscribeAsync('line-3/#')).toMatchObject([{ qos: 0 }])
  await client.endAsync()
  await app.stop()
  const door = openBackDoor({ database: onPostgres.place, url: '' })
  expect(await door.everything()).not.toContain(goodPassword)
  await door.close()
})
