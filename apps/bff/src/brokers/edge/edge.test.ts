/** Devices send real requests over mutual TLS through the edge to a real HTTP server. */
import { createServer as createTcpServer } from 'node:net'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refused } from '../../../test/app.ts'
import {
  type Asked,
  type DeviceAnswer,
  type EdgeWorld,
  listenAnywhere,
  type Received,
  startEdgeWorld,
} from '../../../test/edge-world.ts'

let world: EdgeWorld
let press: Issued
let pressId: string
let upstreamId: string
let port: number

beforeAll(async () => {
  world = await startEdgeWorld()
  press = world.issueTo('press-1')
  pressId = await world.addDevice('press-1', [
    { context: 'edge', resource: '/telemetry/#', operation: 'readWrite' },
    { context: 'edge', resource: '/other/read/#', operation: 'read' },
  ])
  upstreamId = (await world.addUpstream({ name: 'telemetry' })).id
  await world.addUpstream({ name: 'other' })
  port = await world.addListener('edge', null)
})
afterAll(() => world.stop())
beforeEach(() => {
  world.received.length = 0
})

function send(path: string, asked: Asked = {}): Promise<DeviceAnswer> {
  return world.send(path, { on: port, certificate: press, ...asked })
}

function lastReceived(): Received {
  const last = world.received.at(-1)
  if (!last) throw new Error('The upstream received nothing')
  return last
}

function sendRaw(bytes: string, until?: string): Promise<string> {
  return world.sendRaw(bytes, { on: port, certificate: press, ...(until !== undefined && { until }) })
}

describe('a request of a device', () => {
  it('reaches the upstream that its path names, without the name of the upstream', async () => {
    expect(await send('/telemetry/a/b?x=1')).toMatchObject({ status: 200, body: 'answer to /a/b?x=1' })
    expect(await send('/telemetry', { method: 'POST', body: 'hello' })).toMatchObject({ body: 'answer to /' })
    expect(world.received[1]).toMatchObject({ method: 'POST', body: 'hello', headers: { 'content-length': '5' } })
    expect(await world.lastDecision('admitted')).toMatchObject({
      username: 'press-1',
      method: 'certificate',
      listener: 'edge',
    })
  })

  it('reaches the one upstream of its listener under the same path', async () => {
    const on = await world.addListener('telemetry only', upstreamId)
    expect(await send('/other/read', { on })).toMatchObject({ status: 200, body: 'answer to /other/read' })
  })

  it('names its user and its certificate in headers that the device cannot set', async () => {
    await send('/telemetry/a', {
      headers: {
        'X-Gatehouse-User': 'admin',
        X_Gatehouse_User: 'admin',
        'Client-Cert': ':AAAA:',
        Forwarded: 'for=1.2.3.4',
        'X-Forwarded-For': '1.2.3.4',
        'X-Own': 'kept',
      },
    })
    const { headers, raw } = lastReceived()
    expect(headers).toMatchObject({ 'x-gatehouse-user': 'press-1', 'x-forwarded-for': '127.0.0.1', 'x-own': 'kept' })
    const der = Buffer.from(press.der).toString('base64')
    expect(headers['client-cert']).toBe(`:${der}:`)
    expect(headers['forwarded']).toBeUndefined()
    expect(raw.filter((name) => /gatehouse.user/i.test(name))).toHaveLength(1)
  })

  it('loses headers that concern its connection only, also those that Connection names', async () => {
    await send('/telemetry/a', {
      headers: { Connection: 'keep-alive, X-Secret', 'X-Secret': '1', TE: 'trailers', 'Proxy-Authorization': 'x' },
    })
    const { headers } = lastReceived()
    expect([headers['x-secret'], headers['te'], headers['proxy-authorization']]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect((await send('/telemetry/a')).headers['keep-alive']).not.toBe('timeout=9')
  })

  it('needs a permission for its path and method', async () => {
    expect(await send('/other/read/x')).toMatchObject({ status: 200 })
    expect(await send('/other/read/x', { method: 'POST' })).toMatchObject({
      status: 403,
      body: '{"error":"request_refused"}',
    })
    expect(await send('/other/write')).toMatchObject({ status: 403 })
    expect(await send('/unknown/x')).toMatchObject({ status: 403 })
    expect(await send('/api/users')).toMatchObject({ status: 403 })
    expect(world.received).toHaveLength(1)
    expect(await world.lastDecision('refused')).toMatchObject({ reason: 'request_refused', topic: '/api/users' })
  })

  it.each(['/telemetry/../other/x', '/telemetry/%2e%2e/other', '//telemetry/x', '/telemetry//x', '/telemetry/a%2fb'])(
    'is refused when its path has two meanings: %s',
    async (path) => {
      expect(await send(path)).toMatchObject({ status: 400, body: '{"error":"path_refused"}' })
      expect(world.received).toEqual([])
    },
  )

  it('gets a redirect of the upstream to itself as a path of the edge, and any other unchanged; none is followed', async () => {
    expect((await send('/telemetry/redirect')).headers.location).toBe('/telemetry')
    expect((await send('/telemetry/redirect-away')).headers.location).toBe('http://169.254.169.254/')
    expect(world.received.map(({ url }) => url)).toEqual(['/redirect', '/redirect-away'])
  })
})

describe('a malformed request never reaches the upstream', () => {
  const head = 'POST /telemetry/a HTTP/1.1\r\nHost: edge\r\n'
  it.each([
    ['two framings', `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['two lengths', `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`],
    ['Transfer-Encoding twice', `${head}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
    ['a folded header', `${head}X-A: 1\r\n 2\r\nContent-Length: 0\r\n\r\n`],
    ['a space before the colon', `${head}Content-Length : 0\r\n\r\n`],
    ['no Host', 'GET /telemetry/a HTTP/1.1\r\n\r\n'],
    ['an absolute URI', 'GET http://edge/telemetry/a HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n'],
    ['64 kB of headers', `${head}X-A: ${'a'.repeat(65_536)}\r\n\r\n`],
    ['a bare line feed', 'GET /telemetry/a HTTP/1.1\nHost: edge\n\n'],
  ])('%s', async (_what, bytes) => {
    expect(await sendRaw(bytes)).toMatch(/^HTTP\/1\.1 4(00|31) /)
    expect(world.received).toEqual([])
  })
})

describe('the bounds of an upstream', () => {
  it('refuse a body that is too large, with and without a length', async () => {
    const { id } = await world.addUpstream({ name: 'small', maxRequestBytes: 10 })
    await (await world.app.as('admin'))(users.update, {
      params: { id: pressId },
      body: { permissions: [{ context: 'edge', resource: '/#', operation: 'readWrite' }] },
    })
    expect(await send('/small/a', { method: 'PUT', body: '12345678901' })).toMatchObject({ status: 413 })
    const chunked = { method: 'PUT', headers: { 'Transfer-Encoding': 'chunked' }, body: '12345678901' }
    expect(await send('/small/a', chunked)).toMatchObject({ status: 413 })
    expect(await send('/small/a', { ...chunked, body: '1234567890' })).toMatchObject({ status: 200 })
    await (await world.app.as('admin'))(upstreams.remove, { params: { id } })
    expect(await send('/small/a')).toMatchObject({ status: 403 })
  })

  it('end a request to an upstream that hangs, closes, lies about its length or cannot be reached', async () => {
    const liar = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.on('data', (bytes) => {
        if (bytes.includes('/close')) socket.destroy()
        else if (bytes.includes('/long'))
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok HTTP/1.1 200 OK\r\n\r\n')
        else if (bytes.includes('/two'))
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok?')
        else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort')
      })
    })
    await world.addUpstream({ name: 'liar', origin: await listenAnywhere(liar) })
    await world.addUpstream({ name: 'away', origin: 'http://127.0.0.1:1' })
    await world.addUpstream({ name: 'slow', responseTimeoutMs: 200 })
    expect(await send('/liar/close')).toMatchObject({ status: 502, body: '{"error":"upstream_failed"}' })
    await expect(send('/liar/short')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    await expect(send('/liar/long')).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect(await send('/liar/two')).toMatchObject({ status: 502, body: '{"error":"upstream_failed"}' })
    expect(await send('/away/a')).toMatchObject({ status: 502, body: '{"error":"upstream_unreachable"}' })
    expect(await send('/slow/hang')).toMatchObject({ status: 504, body: '{"error":"upstream_timeout"}' })
    liar.close()
  })
})

it('passes an upgrade on, and the bytes both ways', async () => {
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
  const text = await sendRaw(`GET /telemetry/ws HTTP/1.1\r\nHost: edge\r\n${upgrade}\r\nping`, 'ping')
  expect(text).toMatch(/^HTTP\/1\.1 101 /)
  expect(text).toContain('ping')
  expect(world.received[0]).toMatchObject({ method: 'UPGRADE', url: '/ws', headers: { 'x-gatehouse-user': 'press-1' } })
})

it('sends the credentials of the edge instead of those of the device', async () => {
  await world.addUpstream({ name: 'secured', authentication: 'basic', username: 'edge', secret: 'sesame' })
  await send('/secured/a', { headers: { Authorization: 'Bearer of-the-device' } })
  expect(world.received[0]?.headers.authorization).toBe(`Basic ${Buffer.from('edge:sesame').toString('base64')}`)
})

it.each([
  ['without TLS', { tls: false }, { tls: 'tls_required' }],
  [
    'that does not require a certificate',
    { clientCertificate: 'accepted' },
    { clientCertificate: 'certificate_required' },
  ],
  ['that names users by their passwords', { identity: 'password' }, { identity: 'certificate_required' }],
  ['with an unknown upstream', { upstream: '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b76' }, { upstream: 'unknown_upstream' }],
] as const)('a listener for devices %s is refused', async (_what, more, fields) => {
  const admin = await world.app.as('admin')
  const body = { name: 'wrong', purpose: 'device-http' as const, address: '127.0.0.1', port: 0, ...more }
  const { problem } = await refused(admin(listeners.create, { body }), 'listener_refused')
  expect(problem.fields).toMatchObject(fields)
})

describe('a device is not admitted', () => {
  it('without a certificate, or with one of an unknown CA', async () => {
    const stranger = issue(makeAuthority({ subject: 'Foreign CA' }), { subject: 'press-1' })
    await expect(send('/telemetry/a', { certificate: null })).rejects.toThrow(/hang up|ECONNRESET/)
    await expect(send('/telemetry/a', { certificate: stranger })).rejects.toThrow(/hang up|ECONNRESET/)
    expect(world.received).toEqual([])
    expect(await world.lastDecision('refused')).toMatchObject({ listener: 'edge', reason: 'unknown_authority' })
  })

  it('without the certificate grant; it gets the reason', async () => {
    const admin = await world.app.as('admin')
    const body = { username: 'no-grant', grantTypes: [], permissions: [] }
    await admin(users.create, { body })
    const certificate = issue(world.plant, { subject: 'no-grant' })
    expect(await send('/telemetry/a', { certificate })).toMatchObject({
      status: 403,
      body: '{"error":"no_certificate_grant"}',
    })
    expect(world.received).toEqual([])
  })
})
