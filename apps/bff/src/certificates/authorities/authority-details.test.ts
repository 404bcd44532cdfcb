/** The details of one authority, its download formats, and its note. */

import { authorities } from '@gatehouse/contract/certificates/authorities'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

async function uploaded(subject: string, recipe: object = {}) {
  const authority = makeAuthority({ subject, ...recipe })
  await (await app.as('admin'))(authorities.create, { body: { certificates: authority.certificatePem } })
  return authority
}

it('shows its extensions', async () => {
  const basicConstraints = { isAuthority: true, pathLength: 1 }
  const params = await uploaded('With all', {
    key: 'rsa-2048',
    basicConstraints,
    alternativeNames: ['ca.plant.example'],
  })
  expect(await (await app.as('admin'))(authorities.view, { params })).toMatchObject({
    keyAlgorithm: 'RSA 2048',
    signatureAlgorithm: 'SHA256 with RSA',
    pathLength: 1,
    keyUsage: ['keyCertSign', 'cRLSign'],
    subjectAlternativeNames: ['DNS:ca.plant.example'],
    criticalExtensions: ['basicConstraints', 'keyUsage'],
    nameConstraints: null,
    revocationPoints: [],
    informationAccess: [],
  })
})

it('can be downloaded as DER, byte for byte', async () => {
  const { fingerprint, der } = await uploaded('As DER')
  const { call, fetch } = app.browser()
  await call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  const response = await fetch(`${app.url}/api/authorities/${fingerprint}/certificate.der`)
  expect(response.headers.get('Content-Type')).toBe('application/pkix-cert')
  expect(Buffer.from(await response.arrayBuffer()).equals(der)).toBe(true)
})

it('keeps notes, and the audit records the earlier ones', async () => {
  const admin = await app.as('admin')
  const params = await uploaded('Noted')
  const notes = 'Made by Acme.\nRoot is in the safe.'
  expect(await admin(authorities.update, { params, body: { notes } })).toMatchObject({ notes, version: 2 })
  expect(await admin(authorities.update, { params, body: { name: 'Renamed' } })).toMatchObject({ notes })
  expect(await admin(authorities.update, { params, body: { notes: null } })).toMatchObject({ notes: null })
  const { items } = await admin(audit.list, { search: { 'target[eq]': params.fingerprint, limit: 1 } })
  expect(items).toMatchObject([{ before: { notes }, after: { notes: null } }])
  for (const bad of ['', 'a\u202eb', 'x'.repeat(2_001), 'bell\u0007']) {
    const { fields } = (await refused(admin(authorities.update, { params, body: { notes: bad } }), 'invalid')).problem
    expect(Object.keys(fields ?? {})).toEqual(['notes'])
  }
  expect(await admin(authorities.view, { params })).toMatchObject({ notes: null, name: 'Renamed', version: 4 })
})
