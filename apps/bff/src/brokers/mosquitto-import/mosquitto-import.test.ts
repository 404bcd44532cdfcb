// @postgres
/** The import by the API: preview, all or nothing, what the caller must hold, and what it leaves in the audit. */
import { roles } from '@gatehouse/contract/access/roles'
import { type MosquittoImport, mosquittoImports } from '@gatehouse/contract/brokers/mosquitto-import'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { toPem } from '@gatehouse/pki/read/certificate'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { hashLine } from '../../../test/mosquitto-hashes.ts'

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

type Files = { path: string; text: string }[]

const plant = (prefix: string): Files => [
  {
    path: 'passwd',
    text: [1, 2, 3].map((n) => `${hashLine(`${prefix}-0${n}`, `password ${n}`)}\n`).join(''),
  },
  {
    path: 'acl',
    text: [1, 2].map((n) => `user ${prefix}-0${n}\ntopic read line-3/#\n`).join('') + 'pattern write devices/%u/#\n',
  },
]

async function preview(call: Call, files: Files) {
  return call(mosquittoImports.preview, { body: { files } })
}

async function ended(call: Call, id: string): Promise<MosquittoImport> {
  return eventually(async () => {
    const run = await call(mosquittoImports.view, { params: { id } })
    expect(['hashing', 'writing']).not.toContain(run.state)
    return run
  })
}

async function runImport(call: Call, files: Files): Promise<MosquittoImport> {
  const { digest } = await preview(call, files)
  const { id } = await call(mosquittoImports.create, { body: { files, digest } })
  return ended(call, id)
}

/** May import, and hold or give only `line-3/#`. */
async function limitedImporter(): Promise<Call> {
  const admin = await app.as('admin')
  const permissions = [
    { context: 'http' as const, resource: '/api/imports/#', operation: 'readWrite' as const },
    { context: 'mqtt' as const, resource: 'line-3/#', operation: 'readWrite' as const },
  ]
  const user = { username: 'importer', password: goodPassword, mustChangePassword: false, permissions }
  await admin(users.create, { body: user })
  const { call } = app.browser()
  await call(session.signIn, { body: { username: 'importer', password: goodPassword } })
  return call
}

function listOf(authority: Issued): string {
  const now = app.now().getTime()
  const dates = { thisUpdate: new Date(now - 60_000), nextUpdate: new Date(now + 86_400_000) }
  return toPem('X509 CRL', makeRevocationList(authority, dates))
}

const countUsers = () => door.value<number>('select count(*) from users')

describe('a preview', () => {
  it('shows users, roles and findings, changes nothing, and contains no hash', async () => {
    const before = await countUsers()
    const admin = await app.as('admin')
    const shown = await preview(admin, plant('seen'))
    expect(shown.totals).toMatchObject({ users: 3, existingUsers: 0, roles: 1, lost: 0, changed: 1 })
    expect(shown.roles).toMatchObject([{ name: 'seen', users: 2, exists: false }])
    expect(shown.users[0]).toMatchObject({
      username: 'seen-01',
      hasPassword: true,
      roles: ['seen'],
      permissions: [{ resource: 'devices/seen-01/#', operation: 'write' }],
    })
    expect(shown.obstacles).toEqual([])
    expect(JSON.stringify(shown)).not.toContain('$7$')
    expect(await countUsers()).toBe(before)
  })

  it('says which permission the caller does not hold, and an import by that caller is refused', async () => {
    const operator = await limitedImporter()
    const files = plant('above')
    const shown = await preview(operator, files)
    expect(shown.obstacles).toEqual([
      { code: 'more_than_held', permission: { context: 'mqtt', resource: 'devices/above-01/#', operation: 'write' } },
    ])
    const before = await countUsers()
    const { id } = await operator(mosquittoImports.create, { body: { files, digest: shown.digest } })
    expect(await ended(operator, id)).toMatchObject({ state: 'failed', problem: 'more_than_held', created: null })
    expect(await countUsers()).toBe(before)
    await refused((await app.as('admin'))(mosquittoImports.view, { params: { id } }), 'not_found')
  })
})

describe('an import', () => {
  it('creates users with their grants, roles and rights, with an event for each and one for the whole', async () => {
    const admin = await app.as('admin')
    expect(await runImport(admin, plant('made'))).toMatchObject({
      state: 'done',
      hashed: 3,
      passwords: 3,
      created: { users: 3, roles: 1, authorities: 0, crls: 0 },
    })
    const { items } = await admin(users.list, { search: { search: 'made-' } })
    expect(items).toMatchObject([
      {
        username: 'made-01',
        kind: 'machine',
        roleNames: ['made'],
        grantTypes: [{ method: 'password', isRequired: false }],
        hasPassword: true,
        mustChangePassword: false,
        permissions: [{ resource: 'devices/made-01/#', operation: 'write' }],
      },
      { username: 'made-02' },
      { username: 'made-03', roleNames: [] },
    ])
    const events = await admin(audit.list, { search: { search: 'made' } })
    expect(events.items.map(({ action }) => action).toSorted()).toEqual([
      'role.created',
      'user.created',
      'user.created',
      'user.created',
    ])
    const whole = await admin(audit.list, { search: { 'action[eq]': 'mosquitto.imported' } })
    expect(whole.items[0]).toMatchObject({ after: { users: 3, roles: 1, authorities: 0, crls: 0, lost: 0 } })
  })

  it('leaves users that exist as they are, and gives a role that exists with the same permissions', async () => {
    const admin = await app.as('admin')
    const [passwd, acl] = plant('again')
    if (!passwd || !acl) throw new Error('no files')
    await runImport(admin, [passwd, acl])
    const more = { path: 'passwd', text: `${passwd.text}${hashLine('again-04', 'x')}\n` }
    const rules = { path: 'acl', text: `${acl.text}user again-04\ntopic read line-3/#\n` }
    const shown = await preview(admin, [more, rules])
    expect(shown.totals).toMatchObject({ users: 1, existingUsers: 3, roles: 0 })
    expect(shown.roles).toMatchObject([{ name: 'again', exists: true, users: 1 }])
    expect(await runImport(admin, [more, rules])).toMatchObject({ created: { users: 1, roles: 0 } })
    expect((await admin(roles.list, { search: { 'name[contains]': 'again' } })).items).toHaveLength(1)
  })

  it('imports CA certificates and CRLs, and lists those that are refused', async () => {
    const admin = await app.as('admin')
    const authority = makeAuthority({ subject: 'Import CA' })
    const files = [
      { path: 'certs/ca.crt', text: authority.certificatePem },
      { path: 'certs/leaf.crt', text: issue(authority, { subject: 'leaf' }).certificatePem },
      { path: 'certs/crl.pem', text: listOf(authority) },
      { path: 'certs/other.pem', text: listOf(makeAuthority({ subject: 'Unknown CA' })) },
      { path: 'certs/server.key', text: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' },
    ]
    const shown = await preview(admin, files)
    expect(shown.totals).toMatchObject({ authorities: 1, crls: 1 })
    expect(shown.findings.map(({ file, code }) => `${file} ${code}`)).toEqual([
      'certs/leaf.crt authority_refused',
      'certs/other.pem crl_refused',
      'certs/server.key private_key_left_out',
    ])
    expect(await runImport(admin, files)).toMatchObject({ state: 'done', created: { authorities: 1, crls: 1 } })
    const { items } = await admin(authorities.list, { search: { search: 'Import CA' } })
    const { fingerprint = '' } = items[0] ?? {}
    expect((await admin(revocationLists.view, { params: { fingerprint } })).items).toHaveLength(1)
  })

  it('is refused if the plan is no longer what the preview showed', async () => {
    const admin = await app.as('admin')
    const files = plant('late')
    const { digest } = await preview(admin, files)
    await admin(users.create, { body: { username: 'late-02' } })
    const before = await countUsers()
    await refused(admin(mosquittoImports.create, { body: { files, digest } }), 'import_changed')
    expect(await countUsers()).toBe(before)
  })

  it('that can import nothing is refused', async () => {
    const admin = await app.as('admin')
    const files = [{ path: 'passwd', text: 'nobody:plain\n' }]
    const shown = await preview(admin, files)
    expect(shown.obstacles).toMatchObject([{ code: 'nothing_to_import' }])
    expect(await runImport(admin, files)).toMatchObject({ state: 'failed', problem: 'import_empty' })
  })
})
