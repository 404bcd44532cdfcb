import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import { users } from '@gatehouse/contract/identity/users'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'

const authority = makeAuthority({ subject: 'Plant' })
const device = issue(authority, { subject: 'device001' })

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  const admin = await app.as('admin')
  await admin(users.create, { body: { username: 'device001', grantTypes: [{ method: 'certificate' }] } })
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function check(text: string) {
  return (await app.as('auditor'))(certificates.check, { body: { certificates: text } })
}

test('checks with the CAs that the broker trusts at this moment', async () => {
  expect(await check(device.certificatePem)).toMatchObject({ admitted: false, reason: 'unknown_authority' })
  const admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: authority.certificatePem } })
  expect(await check(`from device001:\n${device.certificatePem}`)).toMatchObject({
    admitted: true,
    username: 'device001',
  })
  expect(await check(Buffer.from(device.der).toString('base64'))).toMatchObject({ admitted: true })
  await admin(authorities.remove, { params: authority })
  expect(await check(device.certificatePem)).toMatchObject({ admitted: false, reason: 'unknown_authority' })
})

test.each([
  ['a private key', device.privateKeyPem, 'private_key'],
  ['a private key behind the certificate', device.certificatePem + device.privateKeyPem, 'private_key'],
  ['words', 'certainly not a certificate', 'not_a_certificate'],
  ['half a certificate', device.certificatePem.slice(0, 200), 'not_a_certificate'],
  ['nothing', '', 'invalid'],
] as const)('%s is refused, not repeated, and changes nothing', async (_what, text, code) => {
  const before = await door.everything()
  const { problem } = await refused(check(text), code)
  expect(JSON.stringify(problem)).not.toContain(text.split('\n')[1] ?? 'certainly')
  expect(await door.everything()).toEqual(before)
})

test('records no decision, no sign-in and no audit event for a check', async () => {
  const before = await door.everything()
  await check(device.certificatePem)
  expect(await door.everything()).toEqual(before)
})
