// @postgres
/** Starts the server on the data of an earlier version and uses everything in it. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { createClient } from '@gatehouse/contract/client'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { codeAt, signIn, toNextStep } from '../../../test/authenticator.ts'
import { makeDatabase, type TestDatabase } from '../../../test/database.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import type { Installation } from '../../../test/upgrade/make-installation.ts'
import { openDatabase } from './open.ts'

describe.each(['93fada1'])('an installation of %s', (commit) => {
  let folder: string
  let made: Installation
  let app: TestApp
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-upgrade-'))
    const kind = inject('postgres') ? 'postgres' : 'sqlite'
    await cp(fileURLToPath(new URL(`../../../test/upgrade/${commit}/${kind}`, import.meta.url)), folder, {
      recursive: true,
    })
    made = JSON.parse(await readFile(join(folder, 'installation.json'), 'utf8')) as Installation
    const database = await restore(folder)
    app = await startApp({ GATEHOUSE_DATA_DIR: folder }, { dataDir: folder, database, now: new Date(made.madeAt) })
  })
  afterAll(async () => {
    await app.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const stageOf = async (username: string) =>
    (await app.browser().call(session.signIn, { body: { username, password: made.password } })).stage
  const withCookie = (cookie: string) => createClient({ baseUrl: app.url, headers: { Cookie: cookie } })
  const withToken = (token: string) => createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${token}` } })
  const connect = async (device: keyof Installation['devices']) => {
    const { certificatePem, privateKeyPem } = made.devices[device]
    const port = Number(new URL(app.started.mqttsUrl ?? '').port)
    const client = await connectClient(port, { tls: { cert: certificatePem, key: privateKeyPem } })
    const code = await client.connack()
    client.socket.destroy()
    return code
  }

  it('keeps open sessions with their stage and their recent proof', async () => {
    expect((await withCookie(made.cookies.admin)(session.view, {})).stage).toBe('full')
    const enrolled = withCookie(made.enrolled.cookie)
    expect(await enrolled(session.view, {})).toMatchObject({ stage: 'full', mfaEnabled: true })
    expect(await enrolled(mfa.view, {})).toMatchObject({ enabled: true, backupCodesLeft: 9 })
    // Only a recent proof of the second factor allows this.
    await enrolled(tokens.create, { body: { label: 'after the upgrade' } })
  })

  it('keeps users, their states, roles and policies', async () => {
    const admin = (await signIn(app, 'admin', made.password)).call
    const { items } = await admin(users.list, { search: { limit: 200 } })
    expect(items.map(({ username }) => username).toSorted()).toEqual([
      'admin',
      'area5-oven',
      'begun-one',
      'disabled-one',
      'enrolled-one',
      'press-1',
      'scale-1',
      'told-to-change',
      'told-to-enrol',
    ])
    const one = (username: string) => items.find((user) => user.username === username)
    expect(one('disabled-one')?.disabledAt).not.toBeNull()
    expect(one('enrolled-one')?.mfa.enabled).toBe(true)
    expect(one('scale-1')).toMatchObject({ kind: 'machine', mqttPublishPrefix: 'line-3/', roles: [expect.any(String)] })
    expect((await admin(roles.list, {})).items.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['sensor', 'auditor']),
    )
    expect((await admin(settings.view, {})).session).toMatchObject({ idleMinutes: 60, absoluteHours: 24 })
  })

  it('has the same built-in roles as a new installation', async () => {
    const fresh = await startApp()
    onTestFinished(() => fresh.stop())
    expect(await builtInRoles(app, made.password)).toEqual(await builtInRoles(fresh, goodPassword))
  })

  it('still demands a new password or a second factor from users who had to set one', async () => {
    expect(await stageOf('told-to-change')).toBe('password-change-required')
    expect(await stageOf('told-to-enrol')).toBe('mfa-enrolment-required')
    await expect(stageOf('disabled-one')).rejects.toMatchObject({ code: 'sign_in_refused' })
  })

  it('accepts TOTP codes and unused backup codes, and refuses a used backup code', async () => {
    const signInWith = async (proof: { code: string } | { backupCode: string }) => {
      const { call } = await signIn(app, made.enrolled.username, made.password)
      return (await call(session.secondFactor, { body: proof })).stage
    }
    toNextStep(app)
    expect(await signInWith({ code: codeAt(made.enrolled.secret, app.now()) })).toBe('full')
    expect(await signInWith({ backupCode: made.enrolled.backupCodes[0] ?? '' })).toBe('full')
    await expect(signInWith({ backupCode: made.enrolled.usedBackupCode })).rejects.toMatchObject({ code: 'wrong_code' })
  })

  it('requires a pending enrolment to be started again', async () => {
    const { call } = await signIn(app, made.begun.username, made.password)
    toNextStep(app)
    const code = codeAt(made.begun.secret, app.now())
    await expect(call(mfa.verify, { body: { code } })).rejects.toMatchObject({ code: 'enrolment_expired' })
    const { secret } = await call(mfa.enrol, {})
    const { backupCodes } = await call(mfa.verify, { body: { code: codeAt(secret, app.now()) } })
    expect(backupCodes).toHaveLength(10)
  })

  it('keeps tokens and their limits', async () => {
    for (const token of [made.tokens.fromLogin, made.tokens.fromConsole]) {
      expect((await withToken(token)(roles.list, {})).items.length).toBeGreaterThan(2)
    }
    expect((await withToken(made.tokens.narrowed)(users.list, {})).items).not.toEqual([])
    await expect(withToken(made.tokens.narrowed)(roles.list, {})).rejects.toMatchObject({ code: 'not_permitted' })
  })

  it('has no origin for older tokens', async () => {
    const admin = (await signIn(app, 'admin', made.password)).call
    const { items, madeInConsole } = await admin(tokens.list, {})
    expect(items.length).toBeGreaterThan(0)
    expect(items.every(({ origin }) => origin === null)).toBe(true)
    expect(madeInConsole).toBe(0)
  })

  it('keeps trust, limits, revocations and CRLs on the broker', async () => {
    expect(await connect('good')).toBe(0)
    expect(await connect('limited')).toBe(0)
    expect(await connect('revoked')).toBeNull()
    expect(await connect('onList')).toBeNull()
    const admin = (await signIn(app, 'admin', made.password)).call
    const { items } = await admin(authorities.list, {})
    expect(items.map(({ name }) => name)).toEqual(expect.arrayContaining(['Plant', 'Area 5']))
    expect(items.find(({ name }) => name === 'Area 5')).toMatchObject({ usernames: ['area5-*'], limitedBy: null })
    expect((await admin(revocationLists.list, {})).items).toHaveLength(1)
    const seen = await admin(clientCertificates.list, { search: { 'kind[eq]': 'seen' } })
    expect(seen.items.map(({ user }) => user.username)).toContain('press-1')
  })

  it('keeps the audit', async () => {
    const admin = (await signIn(app, 'admin', made.password)).call
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'user.deleted', limit: 200 } })
    expect(items.map(({ target }) => target?.name)).toContain('deleted-one')
  })
})

async function builtInRoles(at: TestApp, password: string) {
  const { items } = await (await signIn(at, 'admin', password)).call(roles.list, { search: { limit: 200 } })
  return items
    .filter((role) => role.builtIn)
    .map(({ name, description, permissions }) => ({ name, description, permissions }))
}

/** Unpacks the data that the earlier version wrote, into the database of this test project. */
async function restore(folder: string): Promise<TestDatabase> {
  const unpacked = async (name: string) => gunzipSync(await readFile(join(folder, `${name}.gz`)))
  const database = await makeDatabase(folder, 'template0')
  if ('file' in database.place) {
    await writeFile(database.place.file, await unpacked('gatehouse.db'))
    return database
  }
  const { ddl, close } = await openDatabase(database.place)
  await sql.raw((await unpacked('gatehouse.sql')).toString()).execute(ddl)
  await close()
  return database
}
