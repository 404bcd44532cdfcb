// @postgres
/**
 * Certificates that clients connect with are stored: their fields, their user, and when they were first and last seen.
 */
import { createHash, X509Certificate } from 'node:crypto'
import { type ClientCertificate, clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startApp, type TestApp } from '../../../test/app.ts'
import { signIn } from '../../../test/authenticator.ts'
import { eventually } from '../../../test/broker-world.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'
import type { OpenDatabase } from '../../platform/db/database.ts'
import { openDatabase } from '../../platform/db/open.ts'
import { deleteExpired } from '../../retention-job.ts'
import { makeSeenRecorder } from './recorder.ts'

const dayMs = 24 * 60 * 60_000
const inDays = (days: number) => new Date(Date.now() + days * dayMs + 60_000)
const authority = makeAuthority({ subject: 'Plant' })
const issuerKey = createHash('sha256')
  .update(new X509Certificate(authority.der).publicKey.export({ type: 'spki', format: 'der' }))
  .digest('hex')

let app: TestApp
let database: OpenDatabase
beforeAll(async () => {
  app = await startApp()
  database = await openDatabase(app.database)
  await trust(app, authority)
})
afterAll(async () => {
  await database.close()
  await app.stop()
})

type Search = Partial<{ [K in 'state[eq]' | 'user[eq]' | 'kind[eq]' | 'sort']: string }>

async function list(search: Search = { 'kind[eq]': 'seen' }): Promise<ClientCertificate[]> {
  return (await (await app.as('admin'))(clientCertificates.list, { search: search as never })).items
}
const fingerprints = async (search: Search) =>
  (await list({ 'kind[eq]': 'seen', ...search })).map(({ fingerprint }) => fingerprint)

/** As reported by the broker. */
function tell(certificate: Issued, { userId, username, at }: { userId: string; username: string; at: string }) {
  const { fingerprint, der } = certificate
  const seen = { fingerprint, issuerKey, authority: authority.fingerprint, userId, username, at, presented: [der] }
  return makeSeenRecorder(database)([seen])
}

it('lists the certificate of an admitted client with all its fields, and none of a refused client', async () => {
  const line = issueAuthority(authority, { subject: 'Line 3' })
  const id = await addMachine(app, 'press-1')
  const own = issue(line, { subject: 'press-1', serialNumber: 0xabcdn })
  const press = { ...own, certificatePem: own.certificatePem + line.certificatePem }
  for (const [certificate, returnCode] of [
    [issue(makeAuthority({ subject: 'Stranger' }), { subject: 'press-1' }), null],
    [issue(authority, { subject: 'nobody' }), 5],
    [press, 0],
    [press, 0],
  ] as const) {
    const client = await connectMachine(app, certificate)
    expect(await client.connack()).toBe(returnCode)
    client.socket.destroy()
  }
  const found = await eventually(async () => {
    const all = await list()
    expect(all).not.toEqual([])
    return all
  })
  expect(found).toMatchObject([
    {
      fingerprint: own.fingerprint,
      subject: 'CN=press-1',
      issuer: 'CN=Line 3',
      serialNumber: 'abcd',
      keyAlgorithm: 'ECDSA P-256',
      user: { id, username: 'press-1' },
      issued: null,
      renewedBy: null,
      revoked: null,
    },
  ])
  const admin = await app.as('admin')
  expect(await admin(clientCertificates.view, { params: own })).toEqual(found[0])
  expect(await admin(clientCertificates.download, { params: own })).toBe(press.certificatePem)
  // No user issued it here.
  expect(await list({})).toEqual([])
})

describe('a report', () => {
  it('keeps the first time, only advances the last time, and marks a certificate that another one replaced', async () => {
    const userId = await addMachine(app, 'press-2')
    const [first, second] = [issue(authority, { subject: 'press-2' }), issue(authority, { subject: 'press-2' })]
    const about = { userId, username: 'press-2' }
    await tell(first, { ...about, at: '2026-01-01T00:00:00.000Z' })
    await tell(first, { ...about, at: '2026-01-03T00:00:00.000Z' })
    await tell(first, { ...about, at: '2026-01-02T00:00:00.000Z' })
    const of = { 'user[eq]': userId }
    expect((await list({ 'kind[eq]': 'seen', ...of }))[0]?.seen).toEqual({
      firstAt: '2026-01-01T00:00:00.000Z',
      lastAt: '2026-01-03T00:00:00.000Z',
    })
    expect(await fingerprints({ ...of, 'state[eq]': 'current' })).toEqual([first.fingerprint])
    await tell(second, { ...about, at: '2026-01-04T00:00:00.000Z' })
    expect(await fingerprints({ ...of, 'state[eq]': 'current' })).toEqual([second.fingerprint])
    expect((await list({ 'kind[eq]': 'seen', ...of, 'state[eq]': 'renewed' })).map((one) => one.renewedBy)).toEqual([
      second.fingerprint,
    ])
    expect(await fingerprints({ ...of, sort: '-lastSeenAt' })).toEqual([second.fingerprint, first.fingerprint])
    // Two that are used in turn are both current.
    await tell(first, { ...about, at: '2026-01-05T00:00:00.000Z' })
    expect(await fingerprints({ ...of, 'state[eq]': 'current' })).toHaveLength(2)
  })

  it('stays when it is revoked and when its user is deleted, until long after its expiry', async () => {
    const userId = await addMachine(app, 'leaves')
    const own = issue(authority, { subject: 'leaves', notAfter: inDays(3) })
    await tell(own, { userId, username: 'leaves', at: app.now().toISOString() })
    const admin = await app.as('admin')
    await admin(revocations.create, { body: { certificate: own.certificatePem, reason: 'keyCompromise' } })
    expect(await fingerprints({ 'state[eq]': 'revoked' })).toEqual([own.fingerprint])
    await admin(users.remove, { params: { id: userId } })
    expect((await admin(clientCertificates.view, { params: own })).user).toEqual({ id: null, username: 'leaves' })
    const sweepIn = async (days: number) => {
      await deleteExpired({ db: database.db, clock: { now: () => inDays(days) } })
      // All sessions have expired by then.
      const { call } = await signIn(app, 'admin')
      const { items } = await call(clientCertificates.list, { search: { 'kind[eq]': 'seen' } })
      return items.map(({ subject }) => subject)
    }
    expect(await sweepIn(92)).toContain('CN=leaves')
    const left = await sweepIn(94)
    expect(left).not.toContain('CN=leaves')
    expect(left).toContain('CN=press-1')
  })
})
