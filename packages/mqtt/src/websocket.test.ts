import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RawData, WebSocket } from 'ws'
import { Engine } from './engine.ts'
import { openPolicy } from './testing/world.ts'
import { WebSocketUpgrades } from './websocket.ts'

let engine: Engine
let server: Server
let upgrades: WebSocketUpgrades
let port: number
let results: unknown[]
const clients: (MqttClient | WebSocket | Socket)[] = []

beforeEach(async () => {
  engine = await Engine.start({ policy: openPolicy })
  upgrades = new WebSocketUpgrades({
    paths: ['/mqtt'],
    maxMessageBytes: 100_000,
    isOriginAllowed: (origin) => origin === 'https://plant.example',
  })
  results = []
  server = createServer().on('upgrade', (request, socket, head) => {
    const result = upgrades.accept(request, { socket, head })
    results.push(typeof result === 'string' ? result : 'accepted')
    if (typeof result !== 'string') engine.accept(result)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  port = (server.address() as AddressInfo).port
})
afterEach(async () => {
  for (const client of clients.splice(0)) {
    if ('endAsync' in client) await client.endAsync(true)
    else if ('terminate' in client) client.terminate()
    else client.destroy()
  }
  await engine.stop()
  server.close()
})

async function mqttOver(path: string): Promise<MqttClient> {
  const client = await connectAsync(`ws://127.0.0.1:${port}${path}`, { reconnectPeriod: 0, protocolVersion: 5 })
  clients.push(client)
  return client
}

async function openSocket(): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt')
  clients.push(socket)
  await once(socket, 'open')
  return socket
}

/** Sends an upgrade request. Returns the status line of the answer. */
async function upgrade(lines: string[], path = '/mqtt'): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  clients.push(socket)
  const usual = ['Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='
  socket.write([`GET ${path} HTTP/1.1`, ...usual, key, ...lines, '', ''].join('\r\n'))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return answer.toString('latin1').split('\r\n')[0] ?? ''
}

const connectPacket = Buffer.from('100c00044d5154540402003c0000', 'hex')
const connack = Buffer.from('20020000', 'hex')

describe('MQTT over WebSocket', () => {
  it('carries messages of 50 KB both ways, also beside a query', async () => {
    const [from, to] = [await mqttOver('/mqtt'), await mqttOver('/mqtt?token=x')]
    await to.subscribeAsync('a/#', { qos: 1 })
    const arrived = once(to as never, 'message') as Promise<[string, Buffer]>
    await from.publishAsync('a/b', Buffer.alloc(50_000, 7), { qos: 1 })
    expect((await arrived)[1]).toEqual(Buffer.alloc(50_000, 7))
  })

  it('reads packets that begin and end anywhere in the messages of the WebSocket', async () => {
    const socket = await openSocket()
    for (const byte of connectPacket) socket.send(Buffer.from([byte]))
    const [answer] = (await once(socket, 'message')) as [RawData]
    expect(answer).toEqual(connack)
  })

  it.each([
    ['without a subprotocol', [], 'subprotocol'],
    ['with another subprotocol', ['Sec-WebSocket-Protocol: mqttv3.1'], 'subprotocol'],
    ['with a foreign Origin', ['Sec-WebSocket-Protocol: mqtt', 'Origin: https://evil.example'], 'origin'],
    ['with the Origin of a sandboxed page', ['Sec-WebSocket-Protocol: mqtt', 'Origin: null'], 'origin'],
  ])('refuses an upgrade %s', async (_name, lines, refusal) => {
    expect(await upgrade(lines)).toMatch(/^HTTP\/1\.1 40[03] /)
    expect(results).toEqual([refusal])
  })

  it('accepts an allowed Origin, and selects mqtt among several subprotocols', async () => {
    const lines = ['Sec-WebSocket-Protocol: mqttv3.1, mqtt', 'Origin: https://plant.example']
    expect(await upgrade(lines)).toBe('HTTP/1.1 101 Switching Protocols')
  })

  it('refuses another path, and a request that is no handshake of a WebSocket', async () => {
    expect(await upgrade(['Sec-WebSocket-Protocol: mqtt'], '/')).toBe('HTTP/1.1 404 Not Found')
    expect(await upgrade(['Sec-WebSocket-Protocol: mqtt', 'Sec-WebSocket-Key: short'])).toBe('HTTP/1.1 400 Bad Request')
    expect(results).toEqual(['path', 'handshake'])
  })

  it('closes a connection with a text frame', async () => {
    const socket = await openSocket()
    socket.send(connectPacket.toString('latin1'))
    const [code] = (await once(socket, 'close')) as [number]
    expect(code).toBe(1003)
  })

  it('refuses a frame of 1 GiB by its header', async () => {
    const socket = connect(port, '127.0.0.1')
    clients.push(socket)
    const lines = ['Host: x', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Version: 13']
    const key = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: mqtt']
    socket.write(['GET /mqtt HTTP/1.1', ...lines, ...key, '', ''].join('\r\n'))
    await once(socket, 'data')
    // FIN and binary, masked, a length of eight bytes, the mask.
    socket.write(Buffer.from('82ff000000004000000000000000', 'hex'))
    const [frame] = (await once(socket, 'data')) as [Buffer]
    expect(frame.readUInt16BE(2)).toBe(1009)
  })
})

function acceptOn(socket: Duplex): Duplex {
  const headers = {
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-protocol': 'mqtt',
  }
  const request = { method: 'GET', url: '/mqtt', headers } as IncomingMessage
  const stream = upgrades.accept(request, { socket, head: Buffer.alloc(0) })
  if (typeof stream === 'string') throw new Error(stream)
  return stream
}

describe('messages of one read from the socket', () => {
  /** Two binary messages, masked with zeros. */
  const twoMessages = '828100000000018282000000000203'

  it.each([
    ['alone', ''],
    ['before a text message', '81810000000041'],
    ['before a malformed frame', '838100000000ff'],
  ])('are one chunk, %s', async (_when, next) => {
    const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() })
    const stream = acceptOn(socket)
    const arrived = once(stream, 'data')
    socket.push(Buffer.from(twoMessages + next, 'hex'))
    expect(await arrived).toEqual([Buffer.from([1, 2, 3])])
    stream.destroy()
  })
})
