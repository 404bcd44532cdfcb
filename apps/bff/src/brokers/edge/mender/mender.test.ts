/** Mender devices reach a server that answers as the Mender API documents it. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { audit } from '@gatehouse/contract/operations/audit'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type DeviceAnswer, type EdgeWorld, startEdgeWorld } from '../../../../test/edge-world.ts'
import { type MenderBackend, managementUser, startMenderBackend } from '../../../../test/mender-backend.ts'
import { authRequestPath } from './auth-request.ts'

let world: EdgeWorld
let backend: MenderBackend
let upstreamId: string
let port: number
let made = 0

beforeAll(async () => {
  backend = await startMenderBackend(Buffer.alloc(1_000, 'a'))
  world = await startEdgeWorld()
  const { username, password: secret } = managementUser
  const settings = { kind: 'mender' as const, origin: backend.origin, authentication: 'basic' as const }
  upstreamId = (await world.addUpstream({ name: 'mender', ...settings, username, secret })).id
  port = await world.addListener('mender', upstreamId)
})
afterAll(async () => {
  await world.stop()
  backend.close()
})
beforeEach(() => {
  backend.asked.length = 0
  backend.devices.length = 0
})

async function newDevice(): Promise<{ certificate: Issued; username: string; userId: string }> {
  const username = `device-${++made}`
  const permissions = [{ context: 'edge' as const, resource: '/mender/#', operation: 'readWrite' as const }]
  return { username, userId: await world.addDevice(username, permissions), certificate: world.issueTo(username) }
}

const publicKeyOf = ({ privateKeyPem }: Issued) =>
  createPublicKey(privateKeyPem).export({ type: 'spki', format: 'pem' }).toString()

interface Asking {
  /** The key of the request and of its signature, if it is not that of the certificate. */
  key?: Issued
  identity?: object
  body?: string
  signature?: string | null
}

function askFor(certificate: Issued, { key = certificate, identity = { mac: '00:01' }, ...given }: Asking = {}) {
  const { body = JSON.stringify({ id_data: JSON.stringify(identity), pubkey: publicKeyOf(key) }) } = given
  const signed = sign('sha256', Buffer.from(body), createPrivateKey(key.privateKeyPem)).toString('base64')
  const { signature = signed } = given
  const headers = { 'Content-Type': 'application/json', ...(signature !== null && { 'X-MEN-Signature': signature }) }
  return world.send(authRequestPath, { method: 'POST', headers, body, on: port, certificate })
}

const errorOf = ({ status, body }: DeviceAnswer) => [status, (JSON.parse(body) as { error: string }).error]

describe('an authentication request', () => {
  it('is accepted by the server without a person, and its token opens the device API', async () => {
    const { certificate } = await newDevice()
    const { status, body: token } = await askFor(certificate)
    expect(status).toBe(200)
    expect(backend.devices.map(({ sets }) => sets.map((set) => set.status))).toEqual([['accepted']])
    const headers = { Authorization: `Bearer ${token}` }
    const path = '/api/devices/v1/inventory/device/attributes'
    expect(await world.send(path, { headers, on: port, certificate })).toMatchObject({ status: 200 })
    const range = { ...headers, Range: 'bytes=100-199' }
    const part = await world.send('/api/devices/v1/artifact', { headers: range, on: port, certificate })
    expect([part.status, part.body.length, part.headers['content-range']]).toEqual([206, 100, 'bytes 100-199/1000'])
  })

  it('asks the management API once for an accepted device, and signs in once for all', async () => {
    const [one, other] = [await newDevice(), await newDevice()]
    backend.endSessions()
    await askFor(one.certificate, { identity: { sn: 1 } })
    await askFor(one.certificate, { identity: { sn: 1 } })
    await askFor(other.certificate, { identity: { sn: 2 } })
    const calls = backend.asked.filter((each) => each.includes('/management/'))
    expect(calls.filter((each) => each.includes('login')).length).toBeLessThanOrEqual(1)
    expect(calls.filter((each) => each.startsWith('POST /api/management/v2')).length).toBeLessThanOrEqual(3)
    expect(backend.devices).toHaveLength(2)
  })

  it('signs in again when the session of the management user has ended', async () => {
    await askFor((await newDevice()).certificate, { identity: { sn: 'a' } })
    backend.endSessions()
    expect(await askFor((await newDevice()).certificate, { identity: { sn: 'b' } })).toMatchObject({ status: 200 })
  })

  it('has a pending device accepted, and never one that a person rejected', async () => {
    const [pending, rejected] = [await newDevice(), await newDevice()]
    const known = (id: string, { certificate }: { certificate: Issued }, status: 'pending' | 'rejected') =>
      backend.devices.push({
        id,
        identity: JSON.stringify({ sn: id }),
        sets: [{ id: 's', pubkey: publicKeyOf(certificate), status }],
      })
    known('p', pending, 'pending')
    known('r', rejected, 'rejected')
    expect(await askFor(pending.certificate, { identity: { sn: 'p' } })).toMatchObject({ status: 200 })
    expect(await askFor(rejected.certificate, { identity: { sn: 'r' } })).toMatchObject({ status: 401 })
    expect(backend.devices[1]?.sets[0]?.status).toBe('rejected')
  })

  it('replaces the key of the same device with a new one', async () => {
    const { certificate, username } = await newDevice()
    const renewed = world.issueTo(username)
    expect(await askFor(certificate, { identity: { sn: 'k' } })).toMatchObject({ status: 200 })
    expect(await askFor(renewed, { identity: { sn: 'k' } })).toMatchObject({ status: 200 })
    expect(backend.devices[0]?.sets.map(({ status }) => status)).toEqual(['rejected', 'accepted'])
  })
})

describe('the server is never asked', () => {
  it('when the key of the request is not that of the certificate', async () => {
    const [one, other] = [await newDevice(), await newDevice()]
    expect(errorOf(await askFor(one.certificate, { key: other.certificate }))).toEqual([403, 'key_differs'])
    expect(backend.asked).toEqual([])
  })

  it('when the signature is missing or wrong', async () => {
    const { certificate } = await newDevice()
    expect(errorOf(await askFor(certificate, { signature: null }))).toEqual([400, 'signature_missing'])
    expect(errorOf(await askFor(certificate, { signature: 'AAAA' }))).toEqual([401, 'signature_invalid'])
    expect(backend.asked).toEqual([])
  })

  it.each([
    ['a key twice in two spellings', (pem: string) => `{"id_data":"{}","pubkey":${pem},"PubKey":"x"}`],
    ['a key twice', (pem: string) => `{"id_data":"{}","pubkey":"x","pubkey":${pem}}`],
    ['a key twice with an escape', (pem: string) => `{"id_data":"{}","p\\u0075bkey":"x","pubkey":${pem}}`],
    ['a nested value', (pem: string) => `{"id_data":"{}","pubkey":${pem},"more":{"pubkey":"x"}}`],
    ['identity data that is no object', (pem: string) => `{"id_data":"[]","pubkey":${pem}}`],
    ['no JSON', () => 'id_data=1'],
    ['no key', () => '{"id_data":"{}","pubkey":"x"}'],
  ])('when the body has %s', async (_what, write) => {
    const { certificate } = await newDevice()
    const body = write(JSON.stringify(publicKeyOf(certificate)))
    expect(errorOf(await askFor(certificate, { body }))).toEqual([400, 'malformed_request'])
    expect(backend.asked).toEqual([])
  })

  it('when the body is larger than 1 MiB', async () => {
    const { certificate } = await newDevice()
    expect(errorOf(await askFor(certificate, { body: 'a'.repeat(1_048_577) }))).toEqual([413, 'request_too_large'])
  })

  it('when the body consists of very small chunks; the device loses all its connections', async () => {
    const { certificate, username } = await newDevice()
    const head = `POST ${authRequestPath} HTTP/1.1\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n`
    expect(await world.sendRaw(head + '1\r\nx\r\n'.repeat(10_000), { on: port, certificate })).toBe('')
    expect(await world.lastDecision('closed')).toMatchObject({ username, reason: 'quota_exceeded' })
    expect(backend.asked).toEqual([])
  })

  it('when another device has this identity, or the device has another one, until it is forgotten', async () => {
    const [one, other] = [await newDevice(), await newDevice()]
    expect(await askFor(one.certificate, { identity: { sn: 'mine' } })).toMatchObject({ status: 200 })
    expect(errorOf(await askFor(other.certificate, { identity: { sn: 'mine' } }))).toEqual([403, 'identity_differs'])
    expect(errorOf(await askFor(one.certificate, { identity: { sn: 'new' } }))).toEqual([403, 'identity_differs'])
    const admin = await world.app.as('admin')
    await admin(upstreams.forgetIdentity, { params: { id: upstreamId, userId: one.userId } })
    expect(await askFor(one.certificate, { identity: { sn: 'new' } })).toMatchObject({ status: 200 })
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'upstream.identity-claimed', limit: '1' } })
    expect(items[0]?.after).toMatchObject({ user: one.userId })
  })

  it('when an attribute of the identity must be the username and is not', async () => {
    const { username: managing, password: secret } = managementUser
    const settings = { kind: 'mender' as const, origin: backend.origin, authentication: 'basic' as const }
    const strict = { ...settings, username: managing, secret, identityAttribute: 'sn' }
    const { id } = await world.addUpstream({ name: 'strict', ...strict })
    const on = await world.addListener('strict', id)
    const username = 'strict-device'
    await world.addDevice(username, [{ context: 'edge', resource: '/strict/#', operation: 'readWrite' }])
    const certificate = world.issueTo(username)
    const ask = (sn: string) => {
      const body = JSON.stringify({ id_data: JSON.stringify({ sn }), pubkey: publicKeyOf(certificate) })
      const signature = sign('sha256', Buffer.from(body), createPrivateKey(certificate.privateKeyPem)).toString(
        'base64',
      )
      const headers = { 'Content-Type': 'application/json', 'X-MEN-Signature': signature }
      return world.send(authRequestPath, { method: 'POST', headers, body, on, certificate })
    }
    expect(errorOf(await ask('another'))).toEqual([403, 'identity_differs'])
    expect(await ask(username)).toMatchObject({ status: 200 })
  })

  it.each(['/api/management/v2/devauth/devices', '/api/internal/v1/x', '/', '/api/devices', '/API/devices/v1/x'])(
    'for a path outside the device API: %s',
    async (path) => {
      const { certificate } = await newDevice()
      expect((await world.send(path, { on: port, certificate })).status).toBe(404)
      expect(backend.asked).toEqual([])
    },
  )
})
