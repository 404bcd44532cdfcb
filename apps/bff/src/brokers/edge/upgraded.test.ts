/** Upgraded connections of devices: the same turns and bounds as bodies. */
import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { users } from '@gatehouse/contract/identity/users'
import type { Issued } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../../../test/broker-world.ts'
import { type EdgeWorld, listenAnywhere, startEdgeWorld } from '../../../test/edge-world.ts'
import { BodyFlow } from './body-flow.ts'
import { passUpgraded } from './upgraded.ts'

const mebibyte = 1_024 * 1_024
/** What the buffers of two TCP connections hold at most (tcp_wmem and tcp_rmem), with some of Node. */
const buffered = 40 * mebibyte
const chunk = Buffer.alloc(64 * 1_024, 'a')

let world: EdgeWorld
let server: Server
let port: number
/** Bytes that the upstream could write so far, over the last connection to `/endless`. */
let written = 0
/** The last connection to `/endless` has ended at the upstream. */
let ended: Promise<void>

beforeAll(async () => {
  world = await startEdgeWorld()
  server = makeServer()
  await world.addUpstream({ name: 'source', origin: await listenAnywhere(server) })
  port = await world.addListener('edge', null)
})
afterAll(async () => {
  await world.stop()
  server.closeAllConnections()
  server.close()
})
beforeEach(() => {
  written = 0
})

const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'

function makeServer(): Server {
  const made = createServer((_request, response) => void response.writeHead(400).end('no upgrade here'))
  made.on('upgrade', ({ url = '' }, socket) => {
    socket.on('error', () => {})
    answers[url]?.(socket)
  })
  return made
}

/** By the path of the request for an upgrade. */
const answers: Record<string, (socket: Duplex) => void> = {
  '/refused': (socket) => void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\n\r\nnono'),
  '/bye': (socket) => {
    socket.write(switching)
    socket.end(Buffer.alloc(4 * mebibyte, 'b'))
  },
  '/echo': (socket) => {
    socket.write(switching)
    socket.pipe(socket)
  },
  '/endless': (socket) => {
    socket.write(switching)
    ended = new Promise((resolve) => void socket.once('close', () => resolve()))
    writeAll(socket)
  },
}

function writeAll(socket: Duplex): void {
  while (!socket.destroyed) {
    written += chunk.length
    if (!socket.write(chunk)) return void socket.once('drain', () => writeAll(socket))
  }
}

const permissions = [{ context: 'edge' as const, resource: '/source/#', operation: 'readWrite' as const }]

async function newDevice(username: string): Promise<Issued> {
  await world.addDevice(username, permissions)
  return world.issueTo(username)
}

/** Sends the request for an upgrade. `under`: what carries TLS. */
async function open({ certificatePem: cert, privateKeyPem: key }: Issued, path: string, under?: Duplex) {
  const place = under ? { socket: under } : { host: '127.0.0.1', port }
  const socket = connectTls({ ...place, cert, key, rejectUnauthorized: false })
  socket.on('error', () => {})
  await new Promise((resolve) => void socket.once('secureConnect', resolve))
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  socket.write(`GET /source${path} HTTP/1.1\r\nHost: edge\r\n${upgrade}`)
  return socket
}

/** Resolves after the head of the answer. What follows it is not read yet. */
async function upgraded(socket: TLSSocket): Promise<string> {
  let head = ''
  while (!head.endsWith('\r\n\r\n')) {
    const byte = socket.read(1) as Buffer | null
    if (byte) head += byte.toString('latin1')
    else await new Promise((resolve) => void socket.once('readable', resolve))
  }
  return head
}

/** Reads until the other side ends the connection, or ends it itself after `most` bytes. */
async function read(socket: TLSSocket, most = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const part of socket) {
    chunks.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes >= most) break
  }
  return Buffer.concat(chunks)
}

it('passes large amounts both ways unchanged, on three connections at once', async () => {
  const certificate = await newDevice('both-ways')
  const echoes = Array.from({ length: 3 }, async () => {
    const sent = randomBytes(2 * mebibyte)
    const socket = await open(certificate, '/echo')
    await upgraded(socket)
    socket.write(sent)
    return sent.equals(await read(socket, sent.length))
  })
  expect(await Promise.all(echoes)).toEqual([true, true, true])
})

it('gives a device all that its upstream sent before it closed the connection', async () => {
  const socket = await open(await newDevice('bye'), '/bye')
  await upgraded(socket)
  expect((await read(socket)).length).toBe(4 * mebibyte)
})

it('gives a device the answer of an upstream that refuses the upgrade', async () => {
  const answer = await read(await open(await newDevice('refused'), '/refused'))
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 [\s\S]*nono$/)
})

it.each(['read', 'write'] as const)('an upgrade is refused with the permission to %s only', async (operation) => {
  const username = `only-${operation}`
  await world.addDevice(username, [{ context: 'edge', resource: '/source/#', operation }])
  const answer = await read(await open(world.issueTo(username), '/echo'))
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 [\s\S]*request_refused/)
})

describe('a device that never reads', () => {
  it('slows its upstream down, and is ended when it loses its permission', async () => {
    const username = 'never-reads'
    const id = await world.addDevice(username, permissions)
    const socket = await open(world.issueTo(username), '/endless')
    await eventually(() => expect(written).toBeGreaterThan(0))
    const other = await newDevice('beside')
    for (let before = -1; before !== written; ) {
      before = written
      for (let at = 0; at < 10; at++) await world.send('/source/a', { on: port, certificate: other })
    }
    expect(written).toBeLessThan(buffered)
    await (await world.app.as('admin'))(users.update, { params: { id }, body: { permissions: [] } })
    await ended
    socket.destroy()
  })
})

/** Carries TLS, and holds back what the device sends, until `release` writes it at once. */
class Held extends Duplex {
  readonly #tcp = connectTcp({ host: '127.0.0.1', port })
  #held: Buffer[] | null = null

  constructor() {
    super()
    this.#tcp.on('data', (bytes) => this.push(bytes)).on('error', () => {})
    this.#tcp.on('close', () => void this.push(null))
  }

  hold(): void {
    this.#held = []
  }

  release(): void {
    this.#tcp.write(Buffer.concat(this.#held ?? []))
    this.#held = null
  }

  override _read(): void {}

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    if (this.#held) this.#held.push(bytes)
    else this.#tcp.write(bytes)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#tcp.destroy()
    done(error)
  }
}

it('a device that sends thousands of single bytes at once loses all its connections', async () => {
  const certificate = await newDevice('single-bytes')
  const other = await open(certificate, '/echo')
  await upgraded(other)
  const under = new Held()
  const socket = await open(certificate, '/echo', under)
  await upgraded(socket)
  under.hold()
  // Each is a record of TLS.
  for (let at = 0; at < 3_000; at++) await new Promise((resolve) => void socket.write('x', resolve))
  under.release()
  await read(other).catch(() => {}) // the edge may reset it
  expect(await world.lastDecision('closed')).toMatchObject({ username: 'single-bytes', reason: 'quota_exceeded' })
  socket.destroy()
})

/** Smaller than what `BodyFlow` frees after it was written: all streams share it. */
const piece = Buffer.alloc(4_096)

/** Always has bytes to read, and takes what is written at once. */
class Endless extends Duplex {
  taken = 0

  override _read(): void {
    this.push(piece)
  }

  override _write(_bytes: Buffer, _encoding: string, done: () => void): void {
    this.taken++
    done()
  }
}

it('of many busy connections, a few go on in one turn of the event loop, and each of them does in the end', async () => {
  const flow = new BodyFlow()
  const pairs = Array.from({ length: 64 }, () => ({ device: new Endless(), upstream: new Endless() }))
  const sides = pairs.flatMap(({ device, upstream }) => [device, upstream])
  const taken = () => sides.reduce((sum, side) => sum + side.taken, 0)
  for (const pair of pairs) passUpgraded(flow, { ...pair, idleTimeoutMs: 60_000, onFlood: () => {} })
  const perTurn: number[] = []
  for (let before = taken(); sides.some((side) => side.taken < 3); before = taken()) {
    await new Promise(setImmediate)
    perTurn.push(taken() - before)
  }
  // In the first turn each stream starts.
  const [, ...later] = perTurn
  expect(new Set(later)).toEqual(new Set([8]))
  for (const side of sides) side.destroy()
})
