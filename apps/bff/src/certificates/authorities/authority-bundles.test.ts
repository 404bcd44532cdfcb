/** Uploads with very many certificates. */
import { type AuthorityUpload, authorities } from '@gatehouse/contract/certificates/authorities'
import { toPem } from '@gatehouse/pki/read/certificate'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

// Made before the server starts: it runs in this process and could not answer meanwhile.
const { privateKeyPem, der } = makeAuthority()
const thousand = Array.from({ length: 1_000 }, (_, n) => {
  return makeAuthority({ privateKeyPem, subject: `Bundle ${n}` }).certificatePem
}).join('')

/** Certificates that differ in their signature, which is wrong. It would be checked after they are counted. */
const tooMany = Array.from({ length: 2_001 }, (_, n) => {
  const other = Buffer.from(der)
  other.writeUInt32BE(n, other.length - 4)
  return toPem('CERTIFICATE', other)
}).join('')

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

async function upload(certificates: string, more: Partial<AuthorityUpload> = {}) {
  return (await app.as('admin'))(authorities.create, { body: { certificates, ...more } })
}

it('adds a thousand authorities of one upload', async () => {
  const { added, live } = await upload(thousand, { name: 'Many' })
  expect({ count: added.length, live }).toEqual({ count: 1_000, live: true })
  expect(added.map(({ name }) => name)).toContain('Many: Bundle 7')
  const admin = await app.as('admin')
  expect(await admin(authorities.list, { search: { search: 'Many: Bundle', limit: 1 } })).toMatchObject({
    total: 1_000,
  })
  const pem = await admin(authorities.bundle, {})
  expect(pem.match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(1_000)
})

it.each([
  ['more than 4 MiB', 'A'.repeat(4 * 1024 * 1024), 'too_large'],
  ['more than 2,000 certificates', tooMany, 'too_many_certificates'],
] as const)('refuses %s, and the inspection too', async (_what, certificates, code) => {
  const admin = await app.as('admin')
  const before = await door.everything()
  await refused(upload(certificates), code)
  await refused(admin(authorities.inspect, { body: { certificates } }), code)
  expect(await door.everything()).toBe(before)
})
