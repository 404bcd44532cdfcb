/** Listeners are opened, changed and closed while the broker runs, beside connections on other listeners. */
import { createServer } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { everything } from '@gatehouse/contract/access/permission'
import { broker } from '@gatehouse/contract/brokers/broker'
import { type ListenerCreate, type ListenerUpdate, listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { type ConnectOptions, connectClient, type RawClient } from '../../../test/mqtt-client.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { type Db, openDatabase } from '../../platform/db/open.ts'
import type { Caller, RequestInfo } from '../../platform/http/request.ts'
import { createListener, type ListenersContext, removeListener, updateListener } from './service.ts'

const [north, south] = [makeAuthority({ subject: 'North CA' }), makeAuthority({ subject: 'South CA' })]
const ofNorth = issue(north, { subject: 'press-north' })
const ofSouth = issue(south, { subject: 'press-south' })

let app: TestApp
const clients: RawClient[] = []
beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  for (const { certificatePem } of [north, south]) {
    await admin(authorities.create, { body: { certificates: certificatePem } })
  }
  for (const username of ['press-north', 'press-south']) {
    await admin(users.create, {
      body: {
        username,
        password: goodPassword,
        mustChangePassword: false,
        grantTypes: ['certificate', 'password'].map((method) => ({ method: method as 'password' })),
      },
    })
  }
})
afterAll(async () => {
  for (const { socket } of clients) socket.destroy()
  await app.stop()
})

async function connect(port: number | null, options: ConnectOptions): Promise<RawClient> {
  const client = await connectClient(port ?? 0, options)
  clients.push(client)
  return client
}

/** The return code of the CONNACK. Null: refused in the handshake. */
async function tryCertificate(port: number | null, certificate: Issued): Promise<number | null> {
  return (await connect(port, { tls: certificate })).connack()
}

const as = (username: string) => ({ username, password: Buffer.from(goodPassword), clientId: `besides-${username}` })

const pair = ({ certificatePem }: Issued, { privateKeyPem }: Issued) => ({
  serverCertificate: { certificate: certificatePem, key: privateKeyPem },
})

/** Fingerprint of the server's certificate. */
async function servedBy(port: number | null): Promise<string> {
  const { socket } = await connect(port, { tls: {}, isSilent: true })
  return (socket as TLSSocket).getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase() ?? ''
}

async function add(body: Partial<ListenerCreate> & { name: string }) {
  const created = await (await app.as('admin'))(listeners.create, { body: { address: '127.0.0.1', port: 0, ...body } })
  expect(created.status).toMatchObject({ state: 'open', error: null })
  return created
}

async function remove(id: string) {
  return (await app.as('admin'))(listeners.remove, { params: { id } })
}

const lastReason = async () =>
  (await (await app.as('admin'))(broker.decisions, { search: { 'outcome[eq]': 'refused' } })).items[0]

it('lists the two listeners of the environment, which are open', async () => {
  const { items } = await (await app.as('auditor'))(listeners.list, { search: {} })
  expect(items.map(({ name, tls, status }) => [name, tls, status.state])).toEqual([
    ['mqtt', false, 'open'],
    ['mqtts', true, 'open'],
  ])
})

describe('a listener that trusts one CA', () => {
  it('is named by the check of a certificate, with the reason why it refuses', async () => {
    const { id } = await add({ name: 'checked', trustedAuthorities: [north.fingerprint] })
    const besides = await add({ name: 'by password', identity: 'password' })
    const admin = await app.as('admin')
    const check = async (certificate: Issued, listener?: string) =>
      admin(certificates.check, { body: { certificates: certificate.certificatePem, ...(listener && { listener }) } })
    const { listener, listeners: each } = await check(ofSouth)
    expect(listener).toBe('mqtts')
    expect(each.map(({ name, outcome, reason }) => [name, outcome, reason])).toEqual([
      ['by password', 'password-needed', null],
      ['checked', 'refused', 'unknown_authority'],
      ['mqtt', 'not-asked', null],
      ['mqtts', 'admitted', null],
    ])
    expect(await check(ofSouth, id)).toMatchObject({
      listener: 'checked',
      admitted: false,
      reason: 'unknown_authority',
    })
    expect(await check(ofNorth, id)).toMatchObject({ listener: 'checked', admitted: true })
    await remove(besides.id)
    await remove(id)
    await refused(check(ofNorth, id), 'not_found')
  })

  it('admits its devices and refuses those of another CA; when it is removed only its connections end', async () => {
    const { id, status } = await add({ name: 'north', trustedAuthorities: [north.fingerprint] })
    const elsewhere = await connect(Number(new URL(app.started.mqttsUrl ?? '').port), { tls: ofSouth })
    expect(await elsewhere.connack()).toBe(0)
    const inside = await connect(status.boundPort, { tls: ofNorth })
    expect(await inside.connack()).toBe(0)
    const preview = async (body: ListenerUpdate) =>
      (await (await app.as('admin'))(listeners.previewUpdate, { params: { id }, body })).disconnects
    expect(await preview({ name: 'other', trustedAuthorities: [north.fingerprint] })).toBe(0)
    expect(await preview({ trustedAuthorities: null })).toBe(0)
    expect(await preview({ trustedAuthorities: [south.fingerprint] })).toBe(1)
    expect(await preview({ purpose: 'websocket' })).toBe(1)
    expect(await tryCertificate(status.boundPort, ofSouth)).toBeNull()
    expect(await lastReason()).toMatchObject({ listener: 'north', reason: 'unknown_authority' })
    expect(await remove(id)).toEqual({
      disconnected: 1,
      disconnectedByBroker: [{ id: 'embedded', name: 'embedded', confirmed: true, disconnected: 1 }],
    })
    await inside.closed
    expect(await (await connect(status.boundPort, { isSilent: true })).connack()).toBeNull()
    elsewhere.send({ cmd: 'pingreq' })
    expect(await elsewhere.next('pingresp')).not.toBeNull()
  })

  it('trusts nobody, and never everybody, when its CA is deleted', async () => {
    const extra = makeAuthority({ subject: 'Extra CA' })
    const admin = await app.as('admin')
    await admin(authorities.create, { body: { certificates: extra.certificatePem } })
    const { id, status } = await add({ name: 'extra', trustedAuthorities: [extra.fingerprint] })
    const client = await connect(status.boundPort, { tls: issue(extra, { subject: 'press-north' }) })
    expect(await client.connack()).toBe(0)
    const named = await admin(listeners.list, { search: { 'authority[eq]': extra.fingerprint } })
    expect(named.items.map(({ name }) => name)).toEqual(['extra'])
    await admin(authorities.remove, { params: { fingerprint: extra.fingerprint } })
    await client.closed
    expect(await tryCertificate(status.boundPort, ofNorth)).toBeNull()
    expect(await lastReason()).toMatchObject({ listener: 'extra', reason: 'empty_trust_store' })
    expect(await admin(listeners.view, { params: { id } })).toMatchObject({
      trustedAuthorities: [extra.fingerprint],
      missingAuthorities: [extra.fingerprint],
    })
    await remove(id)
  })
})

it('ends the connections that a changed listener would no longer admit, and no others', async () => {
  const { id, status } = await add({ name: 'both', trustedAuthorities: [north.fingerprint, south.fingerprint] })
  const [stays, ends] = [
    await connect(status.boundPort, { tls: ofNorth }),
    await connect(status.boundPort, { tls: ofSouth }),
  ]
  expect([await stays.connack(), await ends.connack()]).toEqual([0, 0])
  const admin = await app.as('admin')
  const change = { params: { id }, body: { trustedAuthorities: [north.fingerprint], name: 'north only' } }
  expect(await admin(listeners.update, change)).toMatchObject({ disconnected: 1, name: 'north only', version: 2 })
  await ends.closed
  stays.send({ cmd: 'pingreq' })
  expect(await stays.next('pingresp')).not.toBeNull()
  const moved = await admin(listeners.update, { params: { id }, body: { address: 'localhost' } })
  expect(moved).toMatchObject({ disconnected: 0, status: { state: 'open', connections: 1 } })
  expect(await admin(listeners.update, { params: { id }, body: { minimumTlsVersion: '1.3' } })).toMatchObject({
    disconnected: 1,
  })
  await stays.closed
  await remove(id)
})

it('identifies clients by password if it says so, and requires a certificate besides', async () => {
  const { id, status } = await add({ name: 'besides', identity: 'password', trustedAuthorities: [north.fingerprint] })
  const both = await connect(status.boundPort, { tls: ofNorth, connect: as('press-south') })
  expect(await both.connack()).toBe(0)
  const items = (await (await app.as('admin'))(broker.connections, { search: { search: 'besides-' } })).items
  expect(items).toMatchObject([{ username: 'press-south', listener: 'besides', method: 'certificate+password' }])
  expect(await (await connect(status.boundPort, { tls: ofNorth })).connack()).toBe(5)
  expect(await (await connect(status.boundPort, { tls: ofSouth, connect: as('press-south') })).connack()).toBeNull()
  expect(await (await connect(status.boundPort, { tls: {}, connect: as('press-south') })).connack()).toBeNull()
  await remove(id)
})

it('uses its own server certificate, and never returns the key', async () => {
  const own = issue(makeAuthority({ subject: 'Own CA' }), { subject: 'own', extendedKeyUsage: ['serverAuth'] })
  const serverCertificate = { certificate: own.certificatePem, key: own.privateKeyPem }
  const created = await add({ name: 'own', serverCertificate, clientCertificate: 'accepted' })
  expect(created.serverCertificate).toMatchObject({ fingerprint: own.fingerprint, subject: 'CN=own' })
  const events = await (await app.as('admin'))(audit.list, { search: { 'action[eq]': 'listener.created' } })
  expect(JSON.stringify([created, events])).not.toContain('PRIVATE KEY')
  expect(await servedBy(created.status.boundPort)).toBe(own.fingerprint)
  await app.restart()
  const { status } = await (await app.as('admin'))(listeners.view, { params: { id: created.id } })
  expect(await servedBy(status.boundPort)).toBe(own.fingerprint)
  await remove(created.id)
})

describe('refuses', () => {
  const server = issue(north, { subject: 'server', extendedKeyUsage: ['serverAuth'] })
  const old = issue(north, { subject: 'old', notAfter: new Date('2021-01-01T00:00:00Z') })

  it.each<[string, Partial<ListenerCreate>, Record<string, string>]>([
    ['a key of another certificate', pair(server, old), { 'serverCertificate.key': 'key_mismatch' }],
    ['an expired certificate', pair(old, old), { 'serverCertificate.certificate': 'expired' }],
    [
      'text that is no certificate',
      { serverCertificate: { certificate: 'x', key: 'x' } },
      { 'serverCertificate.certificate': 'not_a_certificate' },
    ],
    ['passwords without TLS for other machines', { tls: false, address: '0.0.0.0' }, { tls: 'plain_not_allowed' }],
    [
      'PROXY headers from everywhere',
      { proxyProtocol: { versions: 'both', from: [] } },
      { 'proxyProtocol.from': 'proxies_required' },
    ],
    [
      'an authority that does not exist',
      { trustedAuthorities: ['0'.repeat(64)] },
      { trustedAuthorities: 'unknown_authority' },
    ],
  ])('%s, before and when it is saved', async (_name, wrong, fields) => {
    const admin = await app.as('admin')
    const body = { name: 'wrong', address: '127.0.0.1', port: 0, ...wrong }
    const { problems } = await admin(listeners.preview, { body })
    expect(Object.fromEntries(problems.map(({ field, code }) => [field, code]))).toMatchObject(fields)
    const error = await refused(admin(listeners.create, { body }), 'listener_refused')
    expect(error.problem.fields).toMatchObject(fields)
  })

  it('the port of the console and of another listener, and a name twice', async () => {
    const admin = await app.as('admin')
    const { id, status } = await add({ name: 'first' })
    const fixed = await admin(listeners.update, { params: { id }, body: { port: status.boundPort ?? 0 } })
    const body = { name: 'second', address: '0.0.0.0', port: fixed.port }
    await refused(admin(listeners.create, { body }), 'listener_refused')
    await refused(admin(listeners.create, { body: { ...body, name: 'FIRST', port: 0 } }), 'name_taken')
    await remove(id)
  })
})

it('warns of a port that another program has, and says afterwards that it failed', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve))
  const bound = other.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  const admin = await app.as('admin')
  const body = { name: 'taken', address: '127.0.0.1', port }
  expect((await admin(listeners.preview, { body })).problems).toEqual([
    { code: 'port_taken', severity: 'warning', field: 'port' },
  ])
  const { id, status } = await admin(listeners.create, { body })
  expect(status).toMatchObject({ state: 'failed', error: 'port_taken' })
  const failedListeners = [{ ...body, error: 'port_taken' }]
  expect(await admin(broker.view, {})).toMatchObject({ failedListeners })
  expect((await admin(overview.view, {})).broker).toMatchObject({ failedListeners })
  expect(
    (await admin(certificates.check, { body: { certificates: ofNorth.certificatePem } })).listeners,
  ).toContainEqual({ id, name: 'taken', outcome: 'not-open', reason: null })
  other.close()
  await eventually(async () => {
    expect((await admin(listeners.view, { params: { id } })).status.state).toBe('open')
    expect((await admin(broker.view, {})).failedListeners).toEqual([])
  })
  await remove(id)
})

it('changes nothing for a caller who has lost the rights since the request was authorised', async () => {
  const { db, close } = await openDatabase(app.database)
  const context = { db, clock: systemClock } as unknown as ListenersContext
  const caller = { userId: 'gone', permissions: everything } as unknown as Caller
  const by = { caller, request: { ifMatch: null } as RequestInfo }
  const id = (await (await app.as('admin'))(listeners.list, {})).items[0]?.id ?? ''
  const body = listeners.create.body.parse({ name: 'late', address: '127.0.0.1', port: 0 })
  const before = await readChanges(db)
  await expect(createListener(context, body, by)).rejects.toMatchObject({ code: 'not_permitted' })
  const updating = updateListener(context, { id, body: { name: 'late' }, ...by })
  await expect(updating).rejects.toMatchObject({ code: 'not_permitted' })
  await expect(removeListener(context, { id, ...by })).rejects.toMatchObject({ code: 'not_permitted' })
  expect(await readChanges(db)).toEqual(before)
  await close()
})

const readChanges = (db: Db) =>
  db.selectFrom('access_changes').select('sequence').where('kind', '=', 'listener').execute()
