/** An authority's CRL is uploaded, read and replaced, and the connections that it revokes end. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { maxListBytes, revocationLists } from '@gatehouse/contract/certificates/crls'
import { type Call, createClient } from '@gatehouse/contract/client'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import { toPem } from '@gatehouse/pki/read/certificate'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { distributionPoint, type ListRecipe, makeRevocationList } from '@gatehouse/pki/testing/revocation'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { eventually } from '../../../test/broker-world.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'

const minute = 60_000
const day = 24 * 60 * minute
const root = makeAuthority({ subject: 'Plant' })
const twin = makeAuthority({ subject: 'Plant' })
const device = issue(root, { subject: 'device001' })
const neighbour = issue(root, { subject: 'device002' })

let app: TestApp
let door: BackDoor
let admin: Call
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  // With a token: sessions end while the clock is moved.
  admin = createClient({ baseUrl: app.url, headers: { Authorization: `Bearer ${await app.token('admin')}` } })
  await trust(app, root)
  for (const username of ['device001', 'device002']) await addMachine(app, username)
})
afterEach(async () => {
  for (const { fingerprint } of (await admin(revocationLists.list, {})).items) {
    await admin(revocationLists.remove, { params: { fingerprint } })
  }
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const numberOf = ({ der }: Issued) => ({ serialNumber: Buffer.from(readFields(der).serialNumber, 'hex') })

interface ListOptions extends Omit<ListRecipe, 'entries'> {
  revoked?: readonly Issued[]
}

/** Issued now, valid for a day. */
function listOf({ revoked = [], ...recipe }: ListOptions = {}, by: Issued = root): Uint8Array {
  const now = app.now().getTime()
  const dates = { thisUpdate: new Date(now - minute), nextUpdate: new Date(now + 30 * day) }
  return makeRevocationList(by, { ...dates, ...recipe, entries: revoked.map(numberOf) })
}

const pem = (der: Uint8Array) => toPem('X509 CRL', der)
const upload = (crl: string, { fingerprint }: Issued = root, call = admin) =>
  call(revocationLists.create, { params: { fingerprint }, body: { crl } })
const inspect = (crl: string, { fingerprint }: Issued = root) =>
  admin(revocationLists.inspect, { params: { fingerprint }, body: { crl } })

/** Ignores what is stored every few seconds: last use and counters. */
const everything = async () =>
  (await door.everything()).replaceAll(/"last_sign_in_at":[^,]+,|\n\{"kind":"broker\.[^\n]*/g, '')

/** The preview and a refused upload change nothing, and both report the same. */
async function refusedWithoutEffect(crl: string, code: Parameters<typeof refused>[1], authority: Issued = root) {
  const before = await everything()
  await refused(inspect(crl, authority), code)
  const problem = await refused(upload(crl, authority), code)
  expect(await everything()).toBe(before)
  return problem
}

async function connected(certificate: Issued) {
  const client = await connectMachine(app, certificate)
  expect(await client.connack()).toBe(0)
  return client
}

describe('an uploaded CRL', () => {
  it('in PEM: the preview counts connections, then it is listed, can be downloaded, and is in the audit', async () => {
    const client = await connected(device)
    const other = await connected(neighbour)
    const crl = pem(listOf({ revoked: [device], number: 7n }))
    expect(await inspect(crl)).toMatchObject({ connections: 1, usernames: ['device001'], count: 1, replaces: null })
    expect(await client.settle()).toBe(true)

    const { disconnected, disconnectedByBroker: _by, ...list } = await upload(crl)
    expect(disconnected).toBe(1)
    expect(list).toMatchObject({
      issuer: 'CN=Plant',
      number: '7',
      count: 1,
      signatureAlgorithm: 'ECDSA with SHA256',
      warnings: [],
      uploadedBy: 'admin',
    })
    await client.closed
    expect(await other.settle()).toBe(true)
    expect(await (await connectMachine(app, device)).connack()).toBeNull()
    const { items } = await admin(broker.decisions, { search: { search: 'device001' } })
    expect(items.slice(0, 2).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['refused', 'revoked'],
      ['closed', 'revoked'],
    ])
    const shown = await admin(revocationLists.view, { params: root })
    expect(shown).toEqual({ items: [list], whenExpired: 'accept' })
    const authority = { fingerprint: root.fingerprint, name: 'Plant' }
    expect((await admin(revocationLists.list, {})).items).toEqual([{ ...list, authority }])
    expect(await admin(revocationLists.download, { params: list })).toBe(crl)
    const events = await admin(audit.list, { search: { 'target[eq]': root.fingerprint } })
    expect(events.items[0]).toMatchObject({
      action: 'crl.uploaded',
      actor: { username: 'admin' },
      before: null,
      after: { number: '7', count: 1 },
    })
    other.socket.destroy()
  })

  it('in base64 of DER works; uploading the same again changes nothing', async () => {
    const crl = Buffer.from(listOf()).toString('base64')
    const first = await upload(crl)
    expect(await inspect(crl)).toMatchObject({ existing: true, replaces: null })
    const before = await everything()
    expect(await upload(crl)).toEqual({ ...first, disconnected: 0, disconnectedByBroker: [] })
    expect(await everything()).toBe(before)
  })

  it('replaces the earlier one: a certificate that is no longer on it connects again', async () => {
    const held = await upload(pem(listOf({ revoked: [device] })))
    const next = pem(listOf({ number: 2n, revoked: [neighbour] }))
    expect(await inspect(next)).toMatchObject({ replaces: { number: '1', fingerprint: held.fingerprint } })
    await upload(next)
    expect((await admin(revocationLists.view, { params: root })).items).toHaveLength(1)
    ;(await connected(device)).socket.destroy()
    expect(await (await connectMachine(app, neighbour)).connack()).toBeNull()
  })

  it('in parts replaces only its own part', async () => {
    const users = listOf({ revoked: [device], extensions: [distributionPoint(0x81)] })
    const others = listOf({ revoked: [neighbour], extensions: [distributionPoint(0x82)] })
    await upload(pem(users))
    await upload(pem(others))
    const { items } = await admin(revocationLists.view, { params: root })
    expect(items.map(({ warnings }) => warnings)).toEqual([['partial'], ['partial']])
    expect(await (await connectMachine(app, device)).connack()).toBeNull()
    expect(await (await connectMachine(app, neighbour)).connack()).toBeNull()
  })

  it('also applies to a cross-signed copy of the authority, and stays when that is deleted and uploaded again', async () => {
    const passing = makeAuthority({ subject: 'Passing' })
    const its = issue(passing, { subject: 'device001' })
    const copy = makeAuthority({ subject: 'Passing', privateKeyPem: passing.privateKeyPem, serialNumber: 99n })
    await trust(app, passing)
    await upload(pem(listOf({ revoked: [its] }, passing)), passing)
    await admin(authorities.remove, { params: passing })
    await trust(app, copy)
    expect((await admin(revocationLists.view, { params: copy })).items).toMatchObject([{ count: 1 }])
    expect(await (await connectMachine(app, its)).connack()).toBeNull()
    await admin(authorities.remove, { params: copy })
    expect((await admin(revocationLists.list, {})).items).toMatchObject([{ authority: null }])
  })

  it('shows its warnings', async () => {
    const soon = listOf({ number: null, nextUpdate: new Date(app.now().getTime() + day) })
    expect(await upload(pem(soon))).toMatchObject({ number: null, warnings: ['outdated_soon', 'no_number'] })
    const endless = listOf({ number: null, nextUpdate: null })
    expect(await upload(pem(endless))).toMatchObject({ nextUpdate: null, warnings: ['no_next_update', 'no_number'] })
  })
})

describe('a refused upload changes nothing:', () => {
  it.each<[string, ListOptions, Parameters<typeof refused>[1], Issued?]>([
    ['forged', { isForged: true }, 'crl_bad_signature'],
    ['a CRL of another key with the same name', {}, 'crl_wrong_issuer', twin],
    ['a CRL of another authority', {}, 'crl_wrong_issuer', makeAuthority({ subject: 'Other' })],
    ['a delta CRL', { extensions: [{ oid: '2.5.29.27', critical: true, value: Buffer.from([2, 1, 1]) }] }, 'crl_delta'],
    ['indirect', { extensions: [distributionPoint(0x84)] }, 'crl_indirect'],
    ['a CRL of attribute certificates', { extensions: [distributionPoint(0x85)] }, 'crl_indirect'],
    [
      'demanding',
      { extensions: [{ oid: '1.2.3', critical: true, value: Buffer.from([5, 0]) }] },
      'crl_unknown_extension',
    ],
    ['a CRL with a weak signature', { hash: 'sha1' }, 'crl_weak_signature'],
    ['a CRL from the future', { thisUpdate: new Date(Date.now() + 60 * minute) }, 'crl_not_yet_valid'],
  ])('%s', async (_what, options, code, by) => {
    await refusedWithoutEffect(pem(listOf(options, by)), code)
  })

  it.each<[string, string, Parameters<typeof refused>[1]]>([
    ['words', 'words', 'not_a_crl'],
    ['a certificate', root.certificatePem, 'not_a_crl'],
    ['a private key', root.privateKeyPem, 'private_key'],
    ['nothing', '', 'invalid'],
    ['a CRL over the size limit', 'A'.repeat(maxListBytes), 'too_large'],
  ])('%s', async (_what, crl, code) => {
    await refusedWithoutEffect(crl, code)
  })

  it('a CRL of an authority that may not sign CRLs', async () => {
    const certifier = makeAuthority({ subject: 'Certifier', keyUsage: ['keyCertSign'] })
    await trust(app, certifier)
    await refusedWithoutEffect(pem(listOf({}, certifier)), 'crl_not_signer', certifier)
  })

  it('a CRL for an unknown authority', async () => {
    await refusedWithoutEffect(pem(listOf({}, twin)), 'not_found', twin)
  })

  it('a CRL with a lower number, or an earlier date', async () => {
    await upload(pem(listOf({ number: 20n })))
    const problem = await refusedWithoutEffect(pem(listOf({ number: 19n })), 'crl_older')
    expect(problem.problem).toMatchObject({ status: 409, facts: { number: '20' } })
    const earlier = new Date(app.now().getTime() - day)
    await refusedWithoutEffect(pem(listOf({ number: 21n, thisUpdate: earlier })), 'crl_older')
    await refusedWithoutEffect(pem(listOf({ number: null })), 'crl_older')
  })

  it('deleting or downloading a CRL that does not exist', async () => {
    const before = await everything()
    await refused(admin(revocationLists.remove, { params: root }), 'not_found')
    await refused(admin(revocationLists.download, { params: root }), 'not_found')
    expect(await everything()).toBe(before)
  })

  it('a caller who does not cover the authority’s users, also when deleting', async () => {
    const operator = await app.as('operator')
    const held = await upload(pem(listOf({ revoked: [device] })))
    const before = await everything()
    await refused(upload(pem(listOf({ number: 2n })), root, operator), 'above_caller')
    await refused(operator(revocationLists.remove, { params: held }), 'not_permitted')
    expect(await everything()).toBe(before)
    const limited = makeAuthority({ subject: 'Line 3' })
    await trust(app, limited, ['line-3-*'])
    expect(await upload(pem(listOf({}, limited)), limited, operator)).toMatchObject({ uploadedBy: 'operator' })
  })
})

it('accepts the CRL of an authority whose clock is ahead, as far as the policy allows', async () => {
  const allow = (clockSkewMinutes: number) => admin(settings.update, { body: { certificates: { clockSkewMinutes } } })
  const ahead = pem(listOf({ number: 7n, thisUpdate: new Date(app.now().getTime() + 2 * minute) }))
  await allow(1)
  await refusedWithoutEffect(ahead, 'crl_not_yet_valid')
  await allow(5)
  const list = await upload(ahead)
  await admin(revocationLists.remove, { params: list })
})

it('a deleted CRL no longer applies', async () => {
  const list = await upload(pem(listOf({ revoked: [device] })))
  expect(await admin(revocationLists.remove, { params: list })).toEqual({ live: true })
  ;(await connected(device)).socket.destroy()
  const { items } = await admin(audit.list, { search: { 'action[eq]': 'crl.deleted' } })
  expect(items[0]).toMatchObject({ target: { id: root.fingerprint }, before: { number: '1', count: 1 } })
})

const policy = (whenExpired: 'accept' | 'refuse') => admin(settings.update, { body: { crl: { whenExpired } } })
const refusals = async () => {
  const { items } = await admin(broker.decisions, { search: { search: 'device001' } })
  return items.map(({ outcome, reason }) => `${outcome} ${reason}`)
}

describe('an expired CRL', () => {
  it('is a warning; by policy it closes live connections when it expires, and the next CRL admits them again', async () => {
    await upload(pem(listOf({ nextUpdate: new Date(app.now().getTime() + 30 * minute) })))
    expect(await policy('refuse')).toMatchObject({ crl: { whenExpired: 'refuse' }, disconnected: 0 })
    const client = await connected(device)
    app.advance(31 * minute)
    await client.closed
    await eventually(async () => expect((await refusals())[0]).toBe('closed crl_expired'))
    expect(await (await connectMachine(app, device)).connack()).toBeNull()
    const shown = await admin(revocationLists.view, { params: root })
    expect(shown).toMatchObject({ items: [{ warnings: ['outdated'] }], whenExpired: 'refuse' })

    await upload(pem(listOf({ number: 2n })))
    ;(await connected(device)).socket.destroy()
  })

  it('admits certificates that are not on it, until the policy forbids it', async () => {
    await policy('accept')
    await upload(pem(listOf({ nextUpdate: new Date(app.now().getTime() - 1_000) })))
    const client = await connected(device)
    expect(await policy('refuse')).toMatchObject({ disconnected: 1 })
    await client.closed
    await policy('accept')
  })
})
