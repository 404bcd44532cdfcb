/** Who may revoke a certificate or undo a revocation. The operator of `app.ts` covers only line 3. */

import { roles } from '@gatehouse/contract/access/roles'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { type RevocationCreate, revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addMachine, trust } from '../../../test/machines.ts'

const anybody = makeAuthority({ subject: 'For anybody' })
const line3 = makeAuthority({ subject: 'For line 3' })
const below = issueAuthority(anybody, { subject: 'Below' })
const reads = (resource: string) => [{ context: 'mqtt' as const, resource, operation: 'read' as const }]

let app: TestApp
let door: BackDoor
let operator: Call
let admin: Call
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  await trust(app, anybody)
  await trust(app, line3, ['line-3-*'])
  await addMachine(app, 'line-3-packer', reads('line-3/#'))
  await addMachine(app, 'line-4-packer', reads('line-4/#'))
  const permissions = [
    { context: 'http' as const, resource: '/api/revocations/#', operation: 'readWrite' as const },
    ...reads('line-3/#'),
  ]
  const role = await admin(roles.create, { body: { name: 'revoker', permissions } })
  await admin(users.create, {
    body: { username: 'revoker', password: goodPassword, mustChangePassword: false, roles: [role.id] },
  })
  const browser = app.browser()
  await browser.call(session.signIn, { body: { username: 'revoker', password: goodPassword } })
  operator = browser.call
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  await refused(calling(), code)
  expect(await door.everything()).toBe(before)
}

const given = (certificate: Issued): RevocationCreate => ({ certificate: certificate.certificatePem })
const of = (authority: Issued, subject: string) => issue(authority, { subject })

describe('with the permission to write revocations, a caller revokes and undoes the revocation of', () => {
  it.each<[string, RevocationCreate]>([
    ['a certificate of a user that the caller covers', given(of(anybody, 'line-3-packer'))],
    [
      'a serial number of an authority whose users the caller covers',
      { authority: line3.fingerprint, serialNumber: '4711' },
    ],
    ['a certificate of no user, of such an authority', given(of(line3, 'line-3-gone'))],
  ])('%s', async (_what, body) => {
    const made = await operator(revocations.create, { body })
    await operator(revocations.remove, { params: made })
    expect((await admin(revocations.list, {})).total).toBe(0)
  })
})

describe('but of none of these', () => {
  it.each<[string, RevocationCreate]>([
    ['a certificate of an administrator', given(of(anybody, 'admin'))],
    ['a certificate of a user who may do other things', given(of(anybody, 'line-4-packer'))],
    ['a certificate of no user, of an authority for all users', given(of(anybody, 'nobody-yet'))],
    ['a serial number of an authority for all users', { authority: anybody.fingerprint, serialNumber: '4712' }],
    [
      'an authority’s own certificate, even with a user’s name',
      given(issueAuthority(anybody, { subject: 'line-3-packer' })),
    ],
    ['an intermediate', given(below)],
  ])('%s', async (_what, body) => {
    await refusedWithoutEffect(() => operator(revocations.create, { body }), 'above_caller')
    const made = await admin(revocations.create, { body })
    await refusedWithoutEffect(() => operator(revocations.remove, { params: made }), 'above_caller')
    await admin(revocations.remove, { params: made })
  })

  it('a revocation of a user whose rights have grown since', async () => {
    const id = await addMachine(app, 'grows-soon', reads('line-3/#'))
    const made = await operator(revocations.create, { body: given(of(anybody, 'grows-soon')) })
    await admin(users.update, { params: { id }, body: { permissions: reads('#') } })
    await refusedWithoutEffect(() => operator(revocations.remove, { params: made }), 'above_caller')
    await admin(revocations.remove, { params: made })
  })

  it('a revocation under a key that no authority has any more', async () => {
    const passing = makeAuthority({ subject: 'Passing' })
    await trust(app, passing, ['line-3-*'])
    const made = await operator(revocations.create, { body: { authority: passing.fingerprint, serialNumber: '01' } })
    await admin(authorities.remove, { params: passing })
    await refusedWithoutEffect(() => operator(revocations.remove, { params: made }), 'above_caller')
    await admin(revocations.remove, { params: made })
  })
})

it('the limits of all authorities with the key count', async () => {
  const copy = issueAuthority(anybody, { subject: 'For line 3', privateKeyPem: line3.privateKeyPem })
  await trust(app, copy)
  const body = { authority: line3.fingerprint, serialNumber: '4713' }
  await refusedWithoutEffect(() => operator(revocations.create, { body }), 'above_caller')
})

const revoke = (body: RevocationCreate) => operator(revocations.create, { body })

describe('an operator cannot revoke', () => {
  it('an authority that vouches for others, through the authority above it that the operator limits', async () => {
    const lower = issueAuthority(line3, { subject: 'Lower' })
    await trust(app, lower)
    await refusedWithoutEffect(() => revoke(given(lower)), 'above_caller')
    const byNumber = { authority: line3.fingerprint, serialNumber: serialOf(lower) }
    await refusedWithoutEffect(() => revoke(byNumber), 'above_caller')
  })

  it('serial numbers of a key that a certificate has without proof', async () => {
    const victim = makeAuthority({ subject: 'Not here yet' })
    const stranger = makeAuthority({ subject: 'Stranger' })
    const forged = issueAuthority(stranger, { subject: 'Not here yet', privateKeyPem: victim.privateKeyPem })
    await trust(app, forged, ['line-3-*'])
    const byNumber = { authority: forged.fingerprint, serialNumber: '4714' }
    await refusedWithoutEffect(() => revoke(byNumber), 'above_caller')
    await refusedWithoutEffect(() => revoke(given(of(victim, 'line-5-new'))), 'above_caller')
  })

  it('but can revoke a certificate of an intermediate whose root is unknown, within its limit', async () => {
    const lone = issueAuthority(makeAuthority({ subject: 'Away' }), { subject: 'Lone' })
    await trust(app, lone, ['line-3-*'])
    const made = await revoke(given(of(lone, 'line-3-packer')))
    await operator(revocations.remove, { params: made })
    expect((await admin(revocations.list, {})).total).toBe(0)
  })
})

function serialOf({ der }: Issued): string {
  return readFields(der).serialNumber
}
