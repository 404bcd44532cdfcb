/** Listeners behind a proxy that sends the client's address by the PROXY protocol. */

import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { broker } from '@gatehouse/contract/brokers/broker'
import { type ListenerCreate, listeners } from '@gatehouse/contract/brokers/listeners'
import { users } from '@gatehouse/contract/identity/users'
import { generate } from 'mqtt-packet'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { RawClient } from '../../../test/mqtt-client.ts'

const v1 = Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 56324 1883\r\n', 'latin1')
const v2 = Buffer.from('0d0a0d0a000d0a515549540a2111000cc0000207c6336401dc04075b', 'hex')
const wrongLength = Buffer.from('0d0a0d0a000d0a515549540a2111000bc0000207c6336401dc0407', 'hex')

let app: TestApp
const sockets: Socket[] = []
beforeAll(async () => {
  app = await startApp()
  const body = {
    username: 'device',
    password: goodPassword,
    mustChangePassword: false,
    grantTypes: [{ method: 'password' as const }],
  }
  await (await app.as('admin'))(users.create, { body })
})
afterAll(async () => {
  for (const socket of sockets) socket.destroy()
  await app.stop()
})

async function add(body: Partial<ListenerCreate> & { name: string }): Promise<number> {
  const { status } = await (await app.as('admin'))(listeners.create, {
    body: { address: '127.0.0.1', port: 0, tls: false, ...body },
  })
  return status.boundPort ?? 0
}

const connectPacket = (clientId: string) =>
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId,
    clean: true,
    keepalive: 60,
    username: 'device',
    password: Buffer.from(goodPassword),
  })

/** Sends these bytes in one piece. */
async function send(port: number, bytes: Buffer): Promise<RawClient> {
  const socket = connectPlain({ host: '127.0.0.1', port })
  sockets.push(socket)
  const client = new RawClient(socket)
  socket.write(bytes)
  return client
}

const refusals = async (listener: string) => {
  const { items } = await (await app.as('admin'))(broker.decisions, { search: { 'outcome[eq]': 'refused' } })
  return items.filter((each) => each.listener === listener).map(({ reason, address }) => [reason, address])
}

describe('a listener that requires PROXY headers', () => {
  it.each([
    ['version 1', v1],
    ['version 2', v2],
  ])('admits a client with the address in the header of %s', async (name, header) => {
    const port = await add({ name, proxyProtocol: { versions: 'both', from: ['127.0.0.0/8'] } })
    const whole = await send(port, Buffer.concat([header, connectPacket(`whole ${name}`)]))
    expect(await whole.connack()).toBe(0)
    const bytewise = await send(port, Buffer.alloc(0))
    for (const byte of header) bytewise.socket.write(Buffer.of(byte))
    bytewise.socket.write(connectPacket(`bytewise ${name}`))
    expect(await bytewise.connack()).toBe(0)
    const { items } = await (await app.as('admin'))(broker.connections, { search: { search: name } })
    expect(items.map(({ listener, address }) => [listener, address])).toEqual([
      [name, '192.0.2.7'],
      [name, '192.0.2.7'],
    ])
  })

  it('performs the TLS handshake behind the header', async () => {
    const port = await add({
      name: 'behind TLS',
      tls: true,
      clientCertificate: 'ignored',
      proxyProtocol: { versions: 'v2', from: ['127.0.0.1'] },
    })
    const tcp = connectPlain({ host: '127.0.0.1', port })
    sockets.push(tcp)
    tcp.write(v2)
    const client = new RawClient(connectTls({ socket: tcp, rejectUnauthorized: false }))
    client.socket.write(connectPacket('in TLS'))
    expect(await client.connack()).toBe(0)
    const { items } = await (await app.as('admin'))(broker.connections, { search: { search: 'in TLS' } })
    expect(items.map(({ address }) => address)).toEqual(['192.0.2.7'])
  })

  it.each<[string, ListenerCreate['proxyProtocol'], Buffer, string]>([
    ['an address that is not named', { versions: 'both', from: ['10.0.0.0/8'] }, v1, 'proxy_not_named'],
    ['no header', { versions: 'both', from: ['127.0.0.1'] }, connectPacket('x'), 'proxy_header_missing'],
    ['a wrong length', { versions: 'both', from: ['127.0.0.1'] }, wrongLength, 'proxy_header_malformed'],
    ['another version', { versions: 'v2', from: ['127.0.0.1'] }, v1, 'proxy_header_malformed'],
  ])('closes a connection with %s, and says why', async (name, proxyProtocol, bytes, reason) => {
    const port = await add({ name, ...(proxyProtocol && { proxyProtocol }) })
    const client = await send(port, bytes)
    expect(await client.connack()).toBeNull()
    expect(await refusals(name)).toEqual([[reason, '127.0.0.1']])
  })

  it('closes a connection that ends within the header', async () => {
    const port = await add({ name: 'half', proxyProtocol: { versions: 'both', from: ['127.0.0.1'] } })
    const client = await send(port, v2.subarray(0, 20))
    client.socket.end()
    await client.closed
    await eventually(async () => expect(await refusals('half')).toEqual([['proxy_header_malformed', '127.0.0.1']]))
  })
})
