/** Who may decide which users an authority vouches for; the built-in authority; changing and deleting authorities. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { type Issued, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const admin = await app.as('admin')
  const permissions = [{ context: 'mqtt' as const, resource: 'line-3/#', operation: 'read' as const }]
  await admin(users.create, { body: { username: 'line-3-packer', permissions } })
  await admin(users.create, {
    body: { username: 'Line-4-Packer', permissions: [{ ...permissions[0]!, resource: 'line-4/#' }] },
  })
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await door.everything()
  const problem = await refused(calling(), code)
  expect(await door.everything()).toBe(before)
  return problem
}

async function uploaded(usernames: string[] = [], subject = `CA ${usernames.join()}`): Promise<Issued> {
  const authority = makeAuthority({ subject })
  await (await app.as('admin'))(authorities.create, { body: { certificates: authority.certificatePem, usernames } })
  return authority
}

describe('an operator cannot upload an authority', () => {
  it.each([
    ['for all users', [], 'limit_required'],
    ['for all names', ['*'], 'above_caller'],
    ['for an administrator', ['adm*'], 'above_caller'],
    ['for one administrator among others', ['line-3-*', 'admin'], 'above_caller'],
    ['for a user with permissions beyond the operator, in any letter case', ['line-4-*'], 'above_caller'],
    ['for such a user by a glob in the middle', ['*-4-*'], 'above_caller'],
  ] as const)('not %s', async (_whom, usernames, code) => {
    const operator = await app.as('operator')
    const certificates = makeAuthority({ subject: 'Too wide' }).certificatePem
    await refusedWithoutEffect(
      () => operator(authorities.create, { body: { certificates, usernames: [...usernames] } }),
      code,
    )
  })

  it('but can for users that the operator covers, and for names of no user', async () => {
    const operator = await app.as('operator')
    const certificates = makeAuthority({ subject: 'Line 3' }).certificatePem
    const { added } = await operator(authorities.create, {
      body: { certificates, usernames: ['line-3-*', 'line_3%*'.replace('%', '_')] },
    })
    expect(added).toMatchObject([{ usernames: ['line-3-*', 'line_3_*'], uploadedBy: 'operator' }])
  })

  it('cannot widen a limit, but can narrow it and change the name', async () => {
    const operator = await app.as('operator')
    const params = await uploaded(['line-3-*', 'line-9-*'])
    const update = (body: object) => operator(authorities.update, { params, body })
    await refusedWithoutEffect(() => update({ usernames: [] }), 'limit_required')
    await refusedWithoutEffect(() => update({ usernames: ['line-3-*', 'line-4-*'] }), 'above_caller')
    await refusedWithoutEffect(() => update({ usernames: ['*'] }), 'above_caller')
    expect(await update({ usernames: ['line-3-*'] })).toMatchObject({ usernames: ['line-3-*'] })
    expect(await update({ name: 'Line 3' })).toMatchObject({ name: 'Line 3', usernames: ['line-3-*'], version: 3 })
  })
})

describe('changing an authority', () => {
  it('requires the current version, and records before and after in one event', async () => {
    const admin = await app.as('admin')
    const params = await uploaded(['a-*'], 'Seen once')
    const change = { params, body: { usernames: ['b-*'] }, ifMatch: 1 }
    await admin(authorities.update, change)
    await refusedWithoutEffect(() => admin(authorities.update, change), 'changed_meanwhile')
    const { items } = await admin(audit.list, { search: { 'target[eq]': params.fingerprint, limit: 1 } })
    expect(items).toMatchObject([
      { action: 'authority.updated', before: { usernames: ['a-*'] }, after: { usernames: ['b-*'] } },
    ])
  })

  it('requires a recent proof, and is refused for a withdrawn one', async () => {
    const { call: admin } = app.browser()
    await admin(session.signIn, { body: { username: 'admin', password: goodPassword } })
    const params = await uploaded([], 'Stays')
    const problem = await refusedWithoutEffect(
      () => admin(authorities.update, { params, body: { withdrawn: true } }),
      'invalid',
    )
    expect(problem.fields).toEqual({ withdrawn: 'invalid' })
    await door.run('update session_proofs set at = ?', '2020-01-01T00:00:00.000Z')
    await refusedWithoutEffect(() => admin(authorities.remove, { params }), 'proof_required')
    await admin(session.prove, { body: { password: goodPassword } })
    expect(await admin(authorities.remove, { params })).toMatchObject({ disconnected: 0 })
    await refused(admin(authorities.view, { params }), 'not_found')
    const { items } = await admin(audit.list, { search: { 'target[eq]': params.fingerprint, limit: 1 } })
    expect(items).toMatchObject([{ action: 'authority.deleted', target: { name: 'Stays' } }])
    const proved = new Date().toISOString()
    await door.run('update session_proofs set at = ?', proved)
  })

  it('is refused if it does not exist', async () => {
    const admin = await app.as('admin')
    const params = { fingerprint: '0'.repeat(64) }
    await refusedWithoutEffect(() => admin(authorities.update, { params, body: { name: 'x' } }), 'not_found')
    await refusedWithoutEffect(() => admin(authorities.remove, { params }), 'not_found')
    await refusedWithoutEffect(() => admin(authorities.impact, { params, body: { delete: true } }), 'not_found')
    await refusedWithoutEffect(() => admin(authorities.download, { params }), 'not_found')
    await refusedWithoutEffect(() => admin(authorities.view, { params: { fingerprint: '../users' } }), 'not_found')
  })
})

describe('the built-in authority', () => {
  it('exists from the start, and every signed-in caller may download it, with or without a token', async () => {
    const nobody = await app.as('nobody')
    const pem = await nobody(authorities.builtIn, {})
    expect(pem).toContain('BEGIN CERTIFICATE')
    expect(await (await door.asToken('nobody'))(authorities.builtIn, {})).toBe(pem)
    expect(pem).not.toContain('PRIVATE')
  })

  it('cannot be deleted; withdrawing and restoring its trust each record an event', async () => {
    const admin = await app.as('admin')
    const { items } = await admin(authorities.list, { search: { search: 'Gatehouse' } })
    const params = { fingerprint: items.find(({ builtIn }) => builtIn)?.fingerprint ?? '' }
    await refusedWithoutEffect(() => admin(authorities.remove, { params }), 'built_in')
    const bundled = async () => (await admin(authorities.bundle, {})).includes(await admin(authorities.builtIn, {}))
    expect(await bundled()).toBe(true)

    const withdrawn = await admin(authorities.update, { params, body: { withdrawn: true } })
    expect(withdrawn.withdrawnAt).not.toBeNull()
    expect(withdrawn.warnings).toContain('withdrawn')
    expect(await bundled()).toBe(false)
    const operator = await app.as('operator')
    await refusedWithoutEffect(
      () => operator(authorities.update, { params, body: { withdrawn: false } }),
      'limit_required',
    )
    expect(await admin(authorities.update, { params, body: { withdrawn: false } })).toMatchObject({ withdrawnAt: null })
    const events = await admin(audit.list, { search: { 'target[eq]': params.fingerprint, limit: 2 } })
    expect(events.items.map(({ action }) => action)).toEqual(['authority.restored', 'authority.withdrawn'])
  })

  it('is the same after a restart', async () => {
    const before = await (await app.as('admin'))(authorities.builtIn, {})
    await app.restart()
    expect(await (await app.as('admin'))(authorities.builtIn, {})).toBe(before)
  })
})

const asOperator: Call = async (route, input) => (await app.as('operator'))(route, input)

const narrow = (params: Issued, usernames: string[]) => asOperator(authorities.update, { params, body: { usernames } })

describe('an operator who removes access', () => {
  it.each<[string, string[], (params: Issued) => Promise<unknown>]>([
    ['by deleting an authority for all users', [], (params) => asOperator(authorities.remove, { params })],
    [
      'by deleting one for users beyond the operator',
      ['line-*'],
      (params) => asOperator(authorities.remove, { params }),
    ],
    ['by limiting one for all users', [], (params) => narrow(params, ['line-3-*'])],
    [
      'by removing users beyond the operator from a limit',
      ['line-3-*', 'line-4-*'],
      (params) => narrow(params, ['line-3-*']),
    ],
  ])('is refused %s', async (_what, usernames, change) => {
    const params = await uploaded(usernames, 'Of others')
    await refusedWithoutEffect(() => change(params), 'above_caller')
  })

  it('is refused when withdrawing the built-in authority', async () => {
    const { items } = await (await app.as('admin'))(authorities.list, { search: { search: 'Gatehouse' } })
    const params = { fingerprint: items.find(({ builtIn }) => builtIn)?.fingerprint ?? '' }
    await refusedWithoutEffect(
      () => asOperator(authorities.update, { params, body: { withdrawn: true } }),
      'above_caller',
    )
  })

  it('may do so for users that the operator covers: by a narrower limit, and by deleting the authority', async () => {
    const params = await uploaded(['line-3-*', 'line-9-*'], 'Own')
    expect(await narrow(params, ['line-3-p*'])).toMatchObject({ usernames: ['line-3-p*'] })
    expect(await asOperator(authorities.remove, { params })).toMatchObject({ disconnected: 0 })
  })

  it('cannot remove the limit from another authority with the same key', async () => {
    const own = await uploaded([], 'Unlimited')
    const copy = makeAuthority({ subject: 'Copy', privateKeyPem: own.privateKeyPem })
    const body = { certificates: copy.certificatePem, usernames: ['line-3-*'] }
    await (await app.as('admin'))(authorities.create, { body })
    await refusedWithoutEffect(() => asOperator(authorities.remove, { params: copy }), 'above_caller')
  })
})
