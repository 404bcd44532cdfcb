/** An app with a listener for devices, and an HTTP server behind it. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { Agent, request as requestHttps } from 'node:https'
import type { AddressInfo, Server as TcpServer } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Permission } from '@gatehouse/contract/access/permission'
import { broker } from '@gatehouse/contract/brokers/broker'
import { listeners, type StoredListener } from '@gatehouse/contract/brokers/listeners'
import { type Upstream, type UpstreamCreate, upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { startApp, type TestApp } from './app.ts'

/** What the server behind the edge received. */
export interface Received {
  method: string
  url: string
  raw: string[]
  headers: IncomingHttpHeaders
  body: string
}

export interface DeviceAnswer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Asked {
  method?: string
  headers?: Record<string, string | string[]>
  body?: string
  /** The port of a listener. */
  on?: number
  certificate?: Issued | null
}

export interface EdgeWorld {
  app: TestApp
  /** The CA of all devices. */
  plant: Issued
  origin: string
  received: Received[]
  issueTo(username: string): Issued
  /** Adds a device and returns the id of its user. */
  addDevice(username: string, permissions: Permission[]): Promise<string>
  addUpstream(body: Omit<UpstreamCreate, 'origin'> & { origin?: string }): Promise<Upstream>
  /** Returns its port. */
  addListener(name: string, upstream: string | null, proxyProtocol?: StoredListener['proxyProtocol']): Promise<number>
  /** Sends one request over a kept connection. Rejects if the connection ends without a whole answer. */
  send(path: string, asked: Asked & { on: number; certificate: Issued | null }): Promise<DeviceAnswer>
  /** Sends bytes as they are. Resolves with all that comes back when the connection ends, or when `until` has come. */
  sendRaw(bytes: string, to: { on: number; certificate: Issued; until?: string }): Promise<string>
  lastDecision(outcome: 'refused' | 'admitted' | 'closed'): Promise<unknown>
  stop(): Promise<void>
}

export async function startEdgeWorld(): Promise<EdgeWorld> {
  const received: Received[] = []
  const server = makeServer(received)
  const origin = await listenAnywhere(server)
  const plant = makeAuthority({ subject: 'Plant CA' })
  const app = await startApp()
  const admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: plant.certificatePem } })
  const agent = new Agent({ keepAlive: true })
  return {
    app,
    plant,
    origin,
    received,
    issueTo: (username) => issue(plant, { subject: username }),
    addDevice: async (username, permissions) => {
      const body = { username, grantTypes: [{ method: 'certificate' as const }], permissions }
      return (await admin(users.create, { body })).id
    },
    addUpstream: (body) => admin(upstreams.create, { body: { origin, ...body } }),
    addListener: async (name, upstream, proxyProtocol = { versions: 'off', from: [] }) => {
      const body = { name, purpose: 'device-http' as const, address: '127.0.0.1', port: 0, upstream, proxyProtocol }
      return (await admin(listeners.create, { body })).status.boundPort ?? 0
    },
    send: (path, asked) => send(agent, path, asked),
    sendRaw,
    lastDecision: async (outcome) => (await admin(broker.decisions, { search: { 'outcome[eq]': outcome } })).items[0],
    stop: async () => {
      agent.destroy()
      await app.stop()
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Listens on any free port and returns the origin. */
export async function listenAnywhere(server: TcpServer): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Echoes what comes over an upgraded connection. */
function makeServer(received: Received[]): Server {
  const server = createServer((request, response) => void answer(received, request, response))
  server.on('upgrade', (request, socket) => {
    received.push({ ...about(request), method: 'UPGRADE', body: '' })
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    socket.on('error', () => {})
    socket.pipe(socket)
  })
  return server
}

async function answer(received: Received[], request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.on('error', () => {})
  const chunks: string[] = []
  for await (const chunk of request.setEncoding('latin1')) chunks.push(String(chunk))
  received.push({ ...about(request), body: chunks.join('') })
  const { url = '' } = request
  if (url === '/hang') return
  if (url === '/slow') response.write('begun')
  else if (url === '/redirect') response.writeHead(302, { Location: `http://${request.headers.host}/telemetry` }).end()
  else if (url === '/redirect-away') response.writeHead(302, { Location: 'http://169.254.169.254/' }).end()
  else response.setHeader('Keep-Alive', 'timeout=9').end(`answer to ${url}`)
}

function about({ method = '', url = '', rawHeaders, headers }: IncomingMessage): Omit<Received, 'body'> {
  return { method, url, raw: rawHeaders, headers }
}

function send(
  agent: Agent,
  path: string,
  { method = 'GET', headers = {}, body, on, certificate }: Asked & { on: number; certificate: Issued | null },
): Promise<DeviceAnswer> {
  const tls = certificate && { cert: certificate.certificatePem, key: certificate.privateKeyPem }
  const options = { host: '127.0.0.1', port: on, path, method, headers, agent, rejectUnauthorized: false, ...tls }
  const { promise, resolve, reject } = Promise.withResolvers<DeviceAnswer>()
  const sent = requestHttps(options, (response) => {
    readText(response)
      .then((text) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
      .catch(reject)
  })
  sent.on('error', reject)
  sent.end(body)
  return promise
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of response.setEncoding('utf8')) chunks.push(String(chunk))
  return chunks.join('')
}

async function sendRaw(
  bytes: string,
  { on, certificate, until }: { on: number; certificate: Issued; until?: string },
): Promise<string> {
  const tls = { cert: certificate.certificatePem, key: certificate.privateKeyPem }
  const socket = connectTls({ host: '127.0.0.1', port: on, rejectUnauthorized: false, ...tls })
  const { promise, resolve } = Promise.withResolvers<string>()
  let text = ''
  socket.on('error', () => {})
  socket.on('close', () => resolve(text))
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += String(chunk)
    if (until !== undefined && text.includes(until)) socket.destroy()
  })
  socket.once('secureConnect', () => socket.write(bytes))
  return promise
}
