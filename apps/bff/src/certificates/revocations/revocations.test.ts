// @postgres
/** Revoking one certificate, named in each possible way, and undoing it. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import { type RevocationCreate, revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Search } from '@gatehouse/contract/route'
import { readFields } from '@gatehouse/pki/read/certificate-fields'
import { type Issued, issue, issueAuthority, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { addMachine, connectMachine, trust } from '../../../test/machines.ts'
import { withChain } from '../../../test/mqtt-client.ts'

const root = makeAuthority({ subject: 'Plant' })
const middle = issueAuthority(root, { subject: 'Line 3' })
const device = issue(root, { subject: 'device001', serialNumber: 0xc0ffeen })
const deeper = issue(middle, { subject: 'device002' })
const stranger = issue(makeAuthority({ subject: 'Stranger' }), { subject: 'device001' })

let app: TestApp
let door: BackDoor
let admin: Call
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
  admin = await app.as('admin')
  await trust(app, root)
  await addMachine(app, 'device001')
  await addMachine(app, 'device002')
})
afterEach(async () => {
  const { items } = await admin(revocations.list, {})
  for (const { id } of items) await admin(revocations.remove, { params: { id } })
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

const revoke = (body: RevocationCreate) => admin(revocations.create, { body })

/** Ignores what is stored every few seconds: last use and counters. */
const everything = async () =>
  (await door.everything()).replaceAll(/"last_sign_in_at":[^,]+,|\n\{"kind":"broker\.[^\n]*/g, '')

async function refusedWithoutEffect(calling: () => Promise<unknown>, code: Parameters<typeof refused>[1]) {
  const before = await everything()
  const problem = await refused(calling(), code)
  expect(await everything()).toBe(before)
  return problem
}

async function connected(certificate: Issued) {
  const client = await connectMachine(app, certificate)
  expect(await client.connack()).toBe(0)
  return client
}

describe('a certificate is revoked', () => {
  it('but not if it is signed with SHA-3: the refusal says so, and not that its issuer is unknown', async () => {
    const unusual = issue(root, { subject: 'device001', hash: 'sha3-256' })
    const revoking = () => revoke({ certificate: unusual.certificatePem })
    const { fields } = await refusedWithoutEffect(revoking, 'unknown_issuer')
    expect(fields).toEqual({ certificate: 'unsupported_signature' })
  })

  it('as pasted PEM: the preview counts connections, then it is in the list and the audit; undone, it connects again', async () => {
    const client = await connected(device)
    const impact = await admin(revocations.impact, { body: { certificate: device.certificatePem } })
    expect(impact).toEqual({
      serialNumber: 'c0ffee',
      issuer: 'CN=Plant',
      subject: 'CN=device001',
      username: 'device001',
      fingerprint: device.fingerprint,
      notAfter: '2049-12-31T23:59:59.000Z',
      certificate: device.certificatePem,
      existing: null,
      connections: 1,
      connectionsByBroker: [
        { id: 'embedded', name: 'embedded', ends: 'concerned', connections: 1, admitsWithoutRights: false },
      ],
      usernames: ['device001'],
      userCount: 1,
    })
    const note = 'Stolen from the van'
    const made = await revoke({ certificate: device.certificatePem, reason: 'keyCompromise', note })
    expect(made).toMatchObject({
      serialNumber: 'c0ffee',
      subject: 'CN=device001',
      authority: { fingerprint: root.fingerprint, name: 'Plant' },
      reason: 'keyCompromise',
      note,
      revokedBy: 'admin',
      disconnected: 1,
    })
    await client.closed
    expect(await (await connectMachine(app, device)).connack()).toBeNull()
    const { disconnected: _disconnected, disconnectedByBroker: _byBroker, ...listed } = made
    expect(await admin(revocations.list, {})).toEqual({ items: [listed], nextCursor: null, total: 1 })
    const again = await admin(revocations.impact, { body: { certificate: device.certificatePem } })
    expect(again).toMatchObject({ existing: made.id, connections: 0 })

    expect(await admin(revocations.remove, { params: made })).toEqual({ live: true })
    ;(await connected(device)).socket.destroy()
    const { items } = await admin(audit.list, { search: { 'target[eq]': device.fingerprint } })
    expect(items.map(({ action, target, actor }) => [action, target?.name, actor?.username])).toEqual([
      ['certificate.reinstated', 'device001', 'admin'],
      ['certificate.revoked', 'device001', 'admin'],
    ])
    expect(items[1]?.after).toMatchObject({ serialNumber: 'c0ffee', reason: 'keyCompromise', note })
    expect(items[0]?.before).toMatchObject({ serialNumber: 'c0ffee', reason: 'keyCompromise', note })
  })

  it('as base64 of DER, and below a pasted intermediate', async () => {
    const client = await connected(withChain(deeper, middle))
    await refusedWithoutEffect(() => revoke({ certificate: deeper.certificatePem }), 'unknown_issuer')
    const made = await revoke({ certificate: withChain(deeper, middle).certificatePem })
    expect(made).toMatchObject({ issuer: 'CN=Line 3', authority: null, reason: 'unspecified', disconnected: 1 })
    await client.closed
    const base64 = Buffer.from(device.der).toString('base64')
    expect(await revoke({ certificate: base64 })).toMatchObject({ serialNumber: 'c0ffee', disconnected: 0 })
  })

  it.each(['C0:FF:EE', '0xc0ffee', '00 C0 FF EE', 'c0ffee'])(
    'by its authority and the serial number %s',
    async (serialNumber) => {
      const client = await connected(device)
      const made = await revoke({ authority: root.fingerprint, serialNumber })
      expect(made).toMatchObject({ serialNumber: 'c0ffee', subject: null, username: null, disconnected: 1 })
      await client.closed
    },
  )

  it('by a live connection, also below an intermediate', async () => {
    const client = await connected(withChain(deeper, middle))
    const { items } = await admin(broker.connections, { search: { search: 'device002' } })
    const connectionId = items[0]?.id ?? ''
    expect(items[0]?.certificate).toMatchObject({ serialNumber: expect.stringMatching(/^[0-9a-f]{4,}$/) })
    const impact = await admin(revocations.impact, { body: { connectionId } })
    expect(impact).toMatchObject({ subject: 'CN=device002', connections: 1 })
    // What the dialog sends if the connection has ended meanwhile.
    expect(impact.certificate).toBe(deeper.certificatePem + middle.certificatePem)
    expect(await revoke({ connectionId })).toMatchObject({ subject: 'CN=device002', disconnected: 1 })
    await client.closed
    await refusedWithoutEffect(() => revoke({ connectionId }), 'unknown_connection')
  })

  it('as an authority’s own: all connections below it end', async () => {
    const client = await connected(withChain(deeper, middle))
    expect(await revoke({ certificate: middle.certificatePem })).toMatchObject({
      subject: 'CN=Line 3',
      username: null,
      disconnected: 1,
    })
    await client.closed
  })

  it('and decisions name the revocation, of several with the same serial number', async () => {
    const other = makeAuthority({ subject: 'Same numbers' })
    await trust(app, other)
    await revoke({ authority: other.fingerprint, serialNumber: readFields(middle.der).serialNumber })
    const client = await connected(withChain(deeper, middle))
    const { id } = await revoke({ certificate: middle.certificatePem })
    await client.closed
    expect(await (await connectMachine(app, withChain(deeper, middle))).connack()).toBeNull()
    const { items } = await admin(broker.decisions, { search: { search: 'device002' } })
    const [refusedNow, closed] = items.map(({ outcome, certificate }) => ({ outcome, of: certificate?.revocation }))
    expect([refusedNow?.outcome, closed?.outcome]).toEqual(['refused', 'closed'])
    for (const { issuerKey = '', serialNumber = '' } of [refusedNow?.of ?? {}, closed?.of ?? {}]) {
      const found = await admin(revocations.list, {
        search: { 'issuerKey[eq]': issuerKey, 'serialNumber[eq]': serialNumber },
      })
      expect(found.items.map((each) => each.id)).toEqual([id])
    }
    const check = await admin(certificates.check, { body: { certificates: withChain(deeper, middle).certificatePem } })
    const looked = check.checks.find(({ check: name }) => name === 'revocation')
    expect(looked?.detail.revocation).toEqual(closed?.of)
  })

  it('and stays revoked when its authority is deleted and uploaded again', async () => {
    const passing = makeAuthority({ subject: 'Passing' })
    const its = issue(passing, { subject: 'device001' })
    await trust(app, passing)
    const { id } = await revoke({ certificate: its.certificatePem })
    await admin(authorities.remove, { params: passing })
    const { items } = await admin(revocations.list, {})
    expect(items).toMatchObject([{ id, authority: null }])
    await trust(app, passing)
    expect(await (await connectMachine(app, its)).connack()).toBeNull()
    await admin(revocations.remove, { params: { id } })
    ;(await connected(its)).socket.destroy()
  })

  it('and stays revoked after a restart', async () => {
    await revoke({ certificate: device.certificatePem })
    await app.restart()
    expect(await (await connectMachine(app, device)).connack()).toBeNull()
  })
})

describe('a refused revocation changes nothing', () => {
  it('of a certificate that is already revoked', async () => {
    await revoke({ certificate: device.certificatePem })
    await refusedWithoutEffect(() => revoke({ certificate: device.certificatePem }), 'already_revoked')
    const serialNumber = 'C0FFEE'
    await refusedWithoutEffect(() => revoke({ authority: root.fingerprint, serialNumber }), 'already_revoked')
  })

  it.each<[string, RevocationCreate, Parameters<typeof refused>[1]]>([
    ['of a certificate that no authority here has signed', { certificate: stranger.certificatePem }, 'unknown_issuer'],
    ['of one that only names the authority as issuer', { certificate: forged().certificatePem }, 'unknown_issuer'],
    ['words', { certificate: 'words' }, 'not_a_certificate'],
    ['of a private key', { certificate: device.privateKeyPem }, 'private_key'],
    ['of an unknown authority', { authority: '0'.repeat(64), serialNumber: '01' }, 'unknown_authority'],
    ['of an unknown connection', { connectionId: 'nobody' }, 'unknown_connection'],
    ['nothing', {}, 'invalid'],
    ['named in two ways at once', { certificate: device.certificatePem, connectionId: 'x' }, 'invalid'],
    ['of a serial number without an authority', { serialNumber: '01' }, 'invalid'],
    ['of an authority without a serial number', { authority: root.fingerprint }, 'invalid'],
    ['of a malformed serial number', { authority: root.fingerprint, serialNumber: '--1' }, 'invalid'],
    ['of a serial number that is too long', { authority: root.fingerprint, serialNumber: 'f'.repeat(130) }, 'invalid'],
    [
      'with an unknown reason',
      { certificate: device.certificatePem, reason: 'removeFromCRL' as 'superseded' },
      'invalid',
    ],
    ['with a note of two lines', { certificate: device.certificatePem, note: 'one\ntwo' }, 'invalid'],
  ])('%s', async (_what, body, code) => {
    const problem = await refusedWithoutEffect(() => revoke(body), code)
    expect(JSON.stringify(problem.problem)).not.toContain(device.privateKeyPem.slice(40, 80))
    const { reason: _reason, note: _note, ...which } = body
    if (code !== 'invalid') await refusedWithoutEffect(() => admin(revocations.impact, { body: which }), code)
  })

  it('when undoing one that does not exist', async () => {
    await refusedWithoutEffect(
      () => admin(revocations.remove, { params: { id: '019a0000-0000-7000-8000-000000000000' } }),
      'not_found',
    )
  })

  it('when undoing without a recent proof; revoking needs none', async () => {
    const browser = app.browser()
    await browser.call(session.signIn, {
      body: { username: 'admin', password: goodPassword },
    })
    app.advance(11 * 60_000)
    const made = await browser.call(revocations.create, { body: { certificate: device.certificatePem } })
    await refusedWithoutEffect(() => browser.call(revocations.remove, { params: made }), 'proof_required')
    app.advance(-11 * 60_000)
  })
})

/** Its authority’s name with another key’s signature. */
function forged(): Issued {
  return issue(makeAuthority({ subject: 'Plant' }), { subject: 'device001' })
}

describe('the list', () => {
  const other = makeAuthority({ subject: 'Other' })
  const names = ['pump-1', 'pump-2', 'valve-1', 'Valve-2']

  it('is paged, sorted, searched and filtered', async () => {
    await trust(app, other)
    for (const subject of names)
      await revoke({ certificate: issue(root, { subject }).certificatePem, note: `of ${subject}` })
    await revoke({ authority: other.fingerprint, serialNumber: 'abcdef', reason: 'superseded' })
    const list = async (search: Search<typeof revocations.list>) =>
      (await admin(revocations.list, { search })).items.map(({ username, serialNumber }) => username ?? serialNumber)
    expect(await list({})).toEqual(['abcdef', ...names.toReversed()])
    expect(await list({ sort: 'subject' })).toEqual(['abcdef', ...names])
    const first = await admin(revocations.list, { search: { sort: 'revokedAt', limit: 3 } })
    expect(first.items.map(({ username }) => username)).toEqual(names.slice(0, 3))
    expect(await list({ sort: 'revokedAt', limit: 3, cursor: first.nextCursor ?? '' })).toEqual(['Valve-2', 'abcdef'])
    expect(await list({ search: 'VALVE', sort: 'revokedAt' })).toEqual(['valve-1', 'Valve-2'])
    expect(await list({ search: 'of pump-1' })).toEqual(['pump-1'])
    expect(await list({ search: 'AB:CD' })).toEqual(['abcdef'])
    expect(await list({ search: '00:AB:CD:EF' })).toEqual(['abcdef'])
    expect(await list({ search: 'pump%' })).toEqual([])
    expect(await list({ 'authority[eq]': other.fingerprint })).toEqual(['abcdef'])
    expect(await list({ 'authority[eq]': root.fingerprint, 'reason[eq]': 'superseded' })).toEqual([])
    expect(await list({ 'reason[eq]': 'superseded' })).toEqual(['abcdef'])
  })
})

it('a serial number is stored in one form, however the certificate encodes it', async () => {
  const padded = issue(root, { subject: 'device001', serialNumber: 0xc3n })
  expect(readFields(padded.der).serialNumber).toBe('00c3')
  expect(await revoke({ certificate: padded.certificatePem })).toMatchObject({ serialNumber: 'c3' })
})
