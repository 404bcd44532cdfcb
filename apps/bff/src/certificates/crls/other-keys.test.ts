/** A CRL that an authority signed with its new key also ends what its old key signed, and the preview says so. */
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { type Call, createClient } from '@gatehouse/contract/client'
import { toPem } from '@gatehouse/pki/read/certificate'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'

const day = 24 * 60 * 60_000
const root = makeAuthority({ subject: 'Root' })
const newCa = issueAuthority(root, { subject: 'Plant' })
const oldKey = makeAuthority({ subject: 'Plant' })
const oldCa = issueAuthority(newCa, { subject: 'Plant', privateKeyPem: oldKey.privateKeyPem })
const twin = makeAuthority({ subject: 'Plant' })
const device = issue(oldCa, { subject: 'device001' })
const deviceOfTwin = issue(twin, { subject: 'device002', serialNumber: numberOf(device) })

function numberOf({ der }: Issued): Uint8Array {
  return Buffer.from(readFields(der).serialNumber, 'hex')
}

let app: TestApp
let admin: Call
beforeEach(async () => {
  app = await startApp()
  admin = createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${await app.token('admin')}` } })
  for (const authority of [root, oldCa, twin]) await trust(app, authority)
  for (const username of ['device001', 'device002']) await addMachine(app, username)
})
afterEach(() => app.stop())

function crl(): string {
  const now = app.now().getTime()
  const dates = { thisUpdate: new Date(now - 60_000), nextUpdate: new Date(now + day) }
  return toPem('X509 CRL', makeRevocationList(newCa, { ...dates, entries: [{ serialNumber: numberOf(device) }] }))
}

const params = { fingerprint: newCa.fingerprint }

async function connack(certificate: Issued) {
  const client = await connectMachine(app, certificate)
  return { client, code: await client.connack() }
}

it('ends what another key of the same authority signed, and nothing of another authority with the same name', async () => {
  await trust(app, newCa)
  const { client, code } = await connack(device)
  expect(code).toBe(0)
  const inspected = await admin(revocationLists.inspect, { params, body: { crl: crl() } })
  expect(inspected).toMatchObject({ connections: 1, usernames: ['device001'] })
  expect(inspected.otherKeys.map(({ fingerprint, isCovered }) => [fingerprint, isCovered])).toEqual(
    expect.arrayContaining([
      [oldCa.fingerprint, true],
      [twin.fingerprint, false],
    ]),
  )
  expect(await admin(revocationLists.create, { params, body: { crl: crl() } })).toMatchObject({ disconnected: 1 })
  await client.closed
  expect((await connack(device)).code).toBeNull()
  expect((await connack(deviceOfTwin)).code).toBe(0)
})

it('still applies after its authority was deleted', async () => {
  await trust(app, newCa)
  await admin(revocationLists.create, { params, body: { crl: crl() } })
  await admin(authorities.remove, { params })
  expect((await connack(device)).code).toBeNull()
})

it('applies to no other key if an operator uploads it', async () => {
  await trust(app, newCa)
  const operator = await app.as('operator')
  await refused(operator(revocationLists.create, { params, body: { crl: crl() } }), 'above_caller')
  const inspected = await operator(revocationLists.inspect, { params, body: { crl: crl() } })
  expect(inspected.otherKeys.filter(({ isCovered }) => isCovered)).toEqual([])
  expect((await connack(device)).code).toBe(0)
})

it('applies to no other key if its authority may vouch only for some users', async () => {
  await trust(app, newCa, ['line-3-*'])
  const inspected = await admin(revocationLists.inspect, { params, body: { crl: crl() } })
  expect(inspected.connections).toBe(0)
  expect(inspected.otherKeys.filter(({ isCovered }) => isCovered)).toEqual([])
  await admin(revocationLists.create, { params, body: { crl: crl() } })
  expect((await connack(device)).code).toBe(0)
})
