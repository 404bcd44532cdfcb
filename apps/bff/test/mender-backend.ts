/** A Mender server as its API documents it: device authentication, and the management of devices. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { listenAnywhere } from './edge-world.ts'

interface AuthSet {
  id: string
  pubkey: string
  status: 'preauthorized' | 'pending' | 'accepted' | 'rejected'
}

interface Device {
  id: string
  /** JSON with sorted keys. */
  identity: string
  sets: AuthSet[]
}

export interface MenderBackend {
  origin: string
  devices: Device[]
  /** Method and path of each request. */
  asked: string[]
  /** Ends the sessions of the management user. */
  endSessions(): void
  close(): void
}

export const managementUser = { username: 'mtls@mender.io', password: 'password' }

const devicesPath = '/api/management/v2/devauth/devices'

export async function startMenderBackend(artifact: Buffer): Promise<MenderBackend> {
  const devices: Device[] = []
  const asked: string[] = []
  const sessions = new Set<string>()
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    void answer({ devices, sessions, artifact }, { request, response })
  })
  const origin = await listenAnywhere(server)
  return {
    origin,
    devices,
    asked,
    endSessions: () => sessions.clear(),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface State {
  devices: Device[]
  sessions: Set<string>
  artifact: Buffer
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  body: string
}

async function answer(state: State, { request, response }: Omit<Exchange, 'body'>): Promise<void> {
  const body = await readBody(request)
  const exchange = { request, response, body }
  const url = request.url ?? ''
  if (url === '/api/management/v1/useradm/auth/login') return logIn(state, exchange)
  if (url.startsWith('/api/management/')) return manage(state, exchange)
  if (url === '/api/devices/v1/authentication/auth_requests') return authenticate(state, exchange)
  if (!request.headers.authorization?.startsWith('Bearer jwt-')) return send(response, 401, { error: 'unauthorized' })
  if (url.startsWith('/api/devices/v1/artifact')) return download(state, exchange)
  send(response, 200, { path: url, body })
}

function logIn({ sessions }: State, { request, response }: Exchange): void {
  const { username, password } = managementUser
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  if (request.headers.authorization !== expected) return send(response, 401, { error: 'unauthorized' })
  const token = `session-${sessions.size + 1}-${Date.now()}`
  sessions.add(token)
  response.writeHead(200, { 'Content-Type': 'application/jwt' }).end(token)
}

function manage({ devices, sessions }: State, { request, response, body }: Exchange): void {
  const token = request.headers.authorization?.replace('Bearer ', '') ?? ''
  if (!sessions.has(token)) return send(response, 401, { error: 'unauthorized' })
  if (request.url === '/api/management/v1/useradm/auth/logout') {
    sessions.delete(token)
    return void response.writeHead(202).end()
  }
  if (request.method === 'GET' && request.url?.startsWith(`${devicesPath}?`)) return send(response, 200, [])
  const [, id, setId] = /devices\/([^/]+)(?:\/auth\/([^/]+)\/status)?$/.exec(request.url ?? '') ?? []
  if (request.method === 'POST' && request.url === devicesPath) return preauthorize(devices, response, body)
  const device = devices.find((each) => each.id === id)
  if (!device) return send(response, 404, { error: 'not found' })
  if (request.method === 'GET') return send(response, 200, { id: device.id, auth_sets: device.sets })
  const set = device.sets.find((each) => each.id === setId)
  if (!set || set.status === 'preauthorized') return send(response, 400, { error: 'dev auth: bad request' })
  set.status = (JSON.parse(body) as { status: AuthSet['status'] }).status
  response.writeHead(204).end()
}

function preauthorize(devices: Device[], response: ServerResponse, body: string): void {
  const { identity_data, pubkey, force } = JSON.parse(body) as { identity_data: object; pubkey: string; force: boolean }
  const identity = sorted(identity_data)
  const device = devices.find((each) => each.identity === identity)
  if (device && !force) return send(response, 409, { id: device.id, auth_sets: null })
  const set: AuthSet = { id: idOf(identity + normal(pubkey)), pubkey, status: 'preauthorized' }
  if (device) device.sets.push(set)
  else devices.push({ id: idOf(identity), identity, sets: [set] })
  send(response, 201, {})
}

function authenticate({ devices }: State, { request, response, body }: Exchange): void {
  const { id_data, pubkey } = JSON.parse(body) as { id_data: string; pubkey: string }
  const key = createPublicKey(pubkey)
  const signature = Buffer.from(String(request.headers['x-men-signature']), 'base64')
  const hash = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  if (!verify(hash, Buffer.from(body, 'latin1'), key, signature)) return send(response, 401, { error: 'signature' })
  const identity = sorted(JSON.parse(id_data) as object)
  const device = devices.find((each) => each.identity === identity) ?? { id: idOf(identity), identity, sets: [] }
  if (!devices.includes(device)) devices.push(device)
  const set = device.sets.find((each) => normal(each.pubkey) === normal(pubkey))
  if (set?.status === 'preauthorized') {
    for (const other of device.sets) if (other.status === 'accepted') other.status = 'rejected'
    set.status = 'accepted'
  }
  if (!set) device.sets.push({ id: idOf(identity + normal(pubkey)), pubkey, status: 'pending' })
  if (set?.status !== 'accepted') return send(response, 401, { error: 'dev auth: unauthorized' })
  response.writeHead(200, { 'Content-Type': 'application/jwt' }).end(`jwt-${set.id}`)
}

/** By `Range` (RFC 9110 §14.2), one range of bytes. */
function download({ artifact }: State, { request, response }: Exchange): void {
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  if (from === undefined) return void response.writeHead(200, { 'Content-Length': artifact.length }).end(artifact)
  const end = to ? Number(to) + 1 : artifact.length
  const part = artifact.subarray(Number(from), end)
  const range = `bytes ${from}-${end - 1}/${artifact.length}`
  response.writeHead(206, { 'Content-Length': part.length, 'Content-Range': range }).end(part)
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of request.setEncoding('latin1')) chunks.push(String(chunk))
  return chunks.join('')
}

function sorted(identity: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(identity).toSorted(([a], [b]) => (a < b ? -1 : 1))))
}

function normal(pem: string): string {
  return createPublicKey(pem).export({ type: 'spki', format: 'der' }).toString('base64')
}

function idOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}
