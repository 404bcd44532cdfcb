/** Large bodies, and devices that do not read or never finish: memory stays bounded, and others are served meanwhile. */
import { createServer, type Server, type ServerResponse } from 'node:http'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, createSecureContext, type TLSSocket } from 'node:tls'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EdgeWorld, listenAnywhere, startEdgeWorld } from '../../../test/edge-world.ts'

const mebibyte = 1_024 * 1_024
const offered = (process.env['GATEHOUSE_TEST_ALL'] ? 200 : 64) * mebibyte
/** What the buffers of two TCP connections hold at most (tcp_wmem and tcp_rmem), with some of Node. */
const buffered = 40 * mebibyte
const chunk = Buffer.alloc(64 * 1_024, 'a')

let world: EdgeWorld
let source: Server
let port: number
let reader: Issued
let stuck: Issued
/** The user of each request for `/who`. */
const askedWho: string[] = []
/** Bytes that the upstream could write so far. */
let written = 0
/** The last download has ended at the upstream. */
let ended: Promise<void>

beforeAll(async () => {
  world = await startEdgeWorld()
  source = createServer((request, response) => {
    // Never reads the body.
    if (request.method === 'PUT') return
    if (request.url === '/large') ended = sendAll(response)
    else if (request.url === '/who') {
      const user = String(request.headers['x-gatehouse-user'])
      askedWho.push(user)
      response.end(user)
    } else response.end('small')
  })
  await world.addUpstream({ name: 'source', origin: await listenAnywhere(source), maxRequestBytes: null })
  port = await world.addListener('edge', null)
  const permissions = [{ context: 'edge' as const, resource: '/source/#', operation: 'readWrite' as const }]
  for (const name of ['reader', 'stuck']) await world.addDevice(name, permissions)
  reader = world.issueTo('reader')
  stuck = world.issueTo('stuck')
})
afterAll(async () => {
  await world.stop()
  source.closeAllConnections()
  source.close()
})

/** Writes as fast as the connection takes it. Resolves when the response has ended, in whatever way. */
function sendAll(response: ServerResponse): Promise<void> {
  written = 0
  response.writeHead(200, { 'Content-Length': offered })
  const more = (): void => {
    while (written < offered) {
      written += chunk.length
      if (!response.write(chunk)) return void response.once('drain', more)
    }
    response.end()
  }
  more()
  return new Promise((resolve) => void response.once('close', resolve))
}

function openDevice({ certificatePem: cert, privateKeyPem: key }: Issued, under?: Socket): Promise<TLSSocket> {
  const place = under ? { socket: under } : { host: '127.0.0.1', port }
  const socket = connectTls({ ...place, cert, key, rejectUnauthorized: false })
  socket.on('error', () => {})
  return new Promise((resolve) => void socket.once('secureConnect', () => resolve(socket)))
}

/** Resolves when this count did not grow while another device was served ten times. */
async function untilStill(count: () => number): Promise<void> {
  for (let before = -1; before !== count(); ) {
    before = count()
    for (let at = 0; at < 10; at++) {
      expect(await world.send('/source/small', { on: port, certificate: reader })).toMatchObject({ body: 'small' })
    }
  }
}

describe('a device that downloads', () => {
  it('and never reads slows its upstream down, and does not hold another device up', async () => {
    const socket = await openDevice(stuck)
    socket.pause()
    socket.write('GET /source/large HTTP/1.1\r\nHost: edge\r\n\r\n')
    await expect.poll(() => written).toBeGreaterThan(0)
    await untilStill(() => written)
    expect(written).toBeLessThan(buffered)
    socket.destroy()
    await ended
  })

  it('and never reads is ended after the idle time of its upstream', async () => {
    const admin = await world.app.as('admin')
    const [upstream] = (await admin(upstreams.list, {})).items
    await admin(upstreams.update, { params: { id: upstream?.id ?? '' }, body: { idleTimeoutMs: 1_000 } })
    const socket = await openDevice(stuck)
    socket.pause()
    written = 0
    socket.write('GET /source/large HTTP/1.1\r\nHost: edge\r\n\r\n')
    await expect.poll(() => written).toBeGreaterThan(0)
    await ended
    expect(written).toBeLessThan(buffered)
    await admin(upstreams.update, { params: { id: upstream?.id ?? '' }, body: { idleTimeoutMs: 120_000 } })
    socket.destroy()
  })

  it('and reads gets all of it', async () => {
    const socket = await openDevice(stuck)
    let bytes = 0
    const closed = new Promise((resolve) => void socket.once('close', resolve))
    socket.on('data', ({ length }: Buffer) => {
      bytes += length
    })
    socket.write('GET /source/large HTTP/1.1\r\nHost: edge\r\nConnection: close\r\n\r\n')
    await closed
    expect(bytes).toBeGreaterThan(offered)
  })
})

it('a body without end is read no faster than the upstream reads it', async () => {
  const socket = await openDevice(stuck)
  let sent = 0
  const part = Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n')])
  const more = (): void => {
    while (sent < offered && !socket.destroyed) {
      sent += part.length
      if (!socket.write(part)) return void socket.once('drain', more)
    }
  }
  socket.write('PUT /source/a HTTP/1.1\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n')
  more()
  await untilStill(() => sent)
  expect(sent).toBeLessThan(buffered)
  socket.destroy()
})

it('a certificate that changes between two requests of a connection gives it no other user', async () => {
  const { certificatePem: cert, privateKeyPem: key } = stuck
  const place = { host: '127.0.0.1', port, rejectUnauthorized: false }
  // TLS 1.3 has no renegotiation, and the edge asks for no certificate after the handshake.
  const socket = connectTls({ ...place, cert, key, minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' })
  socket.on('error', () => {})
  await new Promise((resolve) => void socket.once('secureConnect', resolve))
  let text = ''
  socket.setEncoding('latin1').on('data', (part) => (text += String(part)))
  const ask = () => socket.write('GET /source/who HTTP/1.1\r\nHost: edge\r\n\r\n')
  ask()
  await expect.poll(() => text).toContain('stuck')

  socket.setKeyCert(createSecureContext({ cert: reader.certificatePem, key: reader.privateKeyPem }))
  socket.renegotiate({}, () => void ask())
  await untilStill(() => text.length)
  expect(text).not.toContain('reader')
  expect(askedWho).toEqual(askedWho.map(() => 'stuck'))
  socket.destroy()
})

describe('behind a proxy that names the device by the PROXY protocol', () => {
  let proxied: number
  beforeAll(async () => {
    proxied = await world.addListener('proxied', null, { versions: 'both', from: ['127.0.0.1'] })
  })
  const header = 'PROXY TCP4 203.0.113.7 127.0.0.1 50000 443\r\n'

  function viaProxy(sent: string): Socket {
    const tcp = connectTcp({ host: '127.0.0.1', port: proxied })
    tcp.on('error', () => {})
    tcp.write(sent)
    return tcp
  }

  it('the upstream and the decisions get its address', async () => {
    const { id } = await world.addUpstream({ name: 'named' })
    await world.addDevice('behind', [{ context: 'edge', resource: '/named/#', operation: 'read' }])
    const socket = await openDevice(world.issueTo('behind'), viaProxy(header))
    socket.write('GET /named/a HTTP/1.1\r\nHost: edge\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n')
    await expect.poll(() => world.received.map(({ url }) => url)).toContain('/a')
    expect(world.received[0]?.headers['x-forwarded-for']).toBe('203.0.113.7')
    expect(await world.lastDecision('admitted')).toMatchObject({ username: 'behind', address: '203.0.113.7' })
    socket.destroy()
    await (await world.app.as('admin'))(upstreams.remove, { params: { id } })
  })

  it('a connection without the header is refused', async () => {
    const tcp = viaProxy('GET / HTTP/1.1\r\nHost: edge\r\n\r\n')
    await new Promise((resolve) => void tcp.once('close', resolve).resume())
    const refusal = { listener: 'proxied', reason: 'proxy_header_missing' }
    await expect.poll(() => world.lastDecision('refused')).toMatchObject(refusal)
  })
})
