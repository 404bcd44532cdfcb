/** Listeners for MQTT over WebSocket, with and without TLS. */
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { broker } from '@gatehouse/contract/brokers/broker'
import { type ListenerCreate, listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { connectAsync, type IClientOptions, type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'

const [known, unknown] = [makeAuthority({ subject: 'Known CA' }), makeAuthority({ subject: 'Unknown CA' })]

let app: TestApp
const clients: MqttClient[] = []
const sockets: Socket[] = []
beforeAll(async () => {
  app = await startApp()
  const admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: known.certificatePem } })
  const grantTypes = [{ method: 'password' as const }, { method: 'certificate' as const }]
  const permissions = [{ context: 'mqtt' as const, resource: 'line/#', operation: 'readWrite' as const }]
  const body = { username: 'device', password: goodPassword, mustChangePassword: false, grantTypes, permissions }
  await admin(users.create, { body })
})
afterAll(async () => {
  for (const client of clients) client.end(true)
  for (const socket of sockets) socket.destroy()
  await app.stop()
})

async function add(body: Partial<ListenerCreate> & { name: string }): Promise<{ id: string; port: number }> {
  const { id, status } = await (await app.as('admin'))(listeners.create, {
    body: { address: '127.0.0.1', port: 0, purpose: 'websocket', ...body },
  })
  return { id, port: status.boundPort ?? 0 }
}

async function connect(url: string, options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0, rejectUnauthorized: false, ...options }, false)
  client.on('error', () => {})
  clients.push(client)
  return client
}

const refusals = async (listener: string) => {
  const { items } = await (await app.as('admin'))(broker.decisions, { search: { 'outcome[eq]': 'refused' } })
  return items.filter((each) => each.listener === listener).map(({ reason }) => reason)
}

/** The id of the last decision about a frame. Equal ones are one decision that moves up. */
const lastFrameFault = async () => {
  const { items } = await (await app.as('admin'))(broker.decisions, { search: { search: 'websocket_frame' } })
  return items[0]?.id ?? 0
}

it('carries MQTT over WebSocket with a password, and its connections end when it is removed', async () => {
  const { id, port } = await add({ name: 'plain', tls: false })
  const client = await connect(`ws://127.0.0.1:${port}/mqtt`, { username: 'device', password: goodPassword })
  const received = new Promise<Buffer>((resolve) => client.once('message', (_topic, payload) => resolve(payload)))
  await client.subscribeAsync('line/#', { qos: 1 })
  await client.publishAsync('line/1', 'x'.repeat(100_000), { qos: 1 })
  expect(await received).toHaveLength(100_000)
  const { items } = await (await app.as('admin'))(broker.connections, { search: { search: 'device' } })
  expect(items).toMatchObject([{ listener: 'plain', address: '127.0.0.1', method: 'password' }])
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await (await app.as('admin'))(listeners.remove, { params: { id } })
  await closed
})

it('takes a client certificate below WebSocket, and refuses one of a CA that it does not trust', async () => {
  const { port } = await add({ name: 'secure', clientCertificate: 'required', trustedAuthorities: [known.fingerprint] })
  const connectAs = (authority: typeof known) => {
    const { certificatePem: cert, privateKeyPem: key } = issue(authority, { subject: 'device' })
    return connect(`wss://127.0.0.1:${port}/mqtt`, { cert, key, clientId: 'by-certificate' })
  }
  await connectAs(known)
  const { items } = await (await app.as('admin'))(broker.connections, { search: { search: 'by-certificate' } })
  expect(items).toMatchObject([{ listener: 'secure', method: 'certificate', username: 'device' }])
  await expect(connectAs(unknown)).rejects.toThrow('socket hang up')
  expect(await refusals('secure')).toEqual(['unknown_authority'])
})

describe('refuses', () => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  const usual = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', key]
  const ok = [...usual, 'Sec-WebSocket-Protocol: mqtt']

  let port: number
  const name = 'refusing'
  beforeAll(async () => {
    ;({ port } = await add({ name, tls: false, allowedOrigins: ['https://plant.example'] }))
  })

  /** The status line of the answer, and the socket. */
  async function ask(lines: string[], path = '/mqtt'): Promise<{ status: string; socket: Socket }> {
    const socket = connectPlain({ host: '127.0.0.1', port })
    sockets.push(socket)
    socket.on('error', () => {})
    socket.write([`GET ${path} HTTP/1.1`, 'Host: a', ...lines, '', ''].join('\r\n'))
    const [bytes] = (await once(socket, 'data')) as [Buffer]
    return { status: bytes.toString('latin1').split('\r\n')[0] ?? '', socket }
  }

  it.each([
    ['a request without upgrade', [], '/mqtt', '426', 'websocket_handshake'],
    ['another path', ok, '/other', '404', 'websocket_path'],
    ['no subprotocol', usual, '/mqtt', '400', 'websocket_subprotocol'],
    ['a foreign origin', [...ok, 'Origin: https://evil.example'], '/mqtt', '403', 'websocket_origin'],
  ])('%s', async (_name, lines, path, status, reason) => {
    expect((await ask(lines, path)).status).toContain(status)
    await eventually(async () => expect(await refusals(name)).toContain(reason))
  })

  it.each([
    ['a text frame', Buffer.from('818000000000', 'hex')],
    ['a frame of 1 GiB', Buffer.from('82ff000000004000000000000000', 'hex')],
    ['a frame without a mask', Buffer.from('820100', 'hex')],
  ])('%s', async (_name, frame) => {
    const before = await lastFrameFault()
    const { status, socket } = await ask([...ok, 'Origin: https://plant.example'])
    expect(status).toContain('101')
    const closed = once(socket, 'close')
    socket.resume().write(frame)
    await closed
    await eventually(async () => expect(await lastFrameFault()).toBeGreaterThan(before))
  })
})
