import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { makeOutboundFetch, OutboundFault, type OutboundRules } from './outbound-fetch.ts'

const authority = makeAuthority({ subject: 'Company CA' })
const recipe = { subject: 'localhost', alternativeNames: ['localhost'], extendedKeyUsage: ['serverAuth'] }
const { certificatePem: cert, privateKeyPem: key } = issue(authority, recipe)
const rules: OutboundRules = {
  authorities: authority.certificatePem,
  mayBePrivate: true,
  timeoutMs: 30_000,
  maxBytes: 1_000,
  proxy: {},
}
const servers: TcpServer[] = []
const asked: string[] = []
let origin: string

beforeAll(async () => {
  origin = `https://localhost:${await listen(createHttpsServer({ cert, key }, answer))}`
})

afterAll(() => {
  for (const server of servers) server.close()
})

const answer: RequestListener = (request, response) => {
  asked.push(`${request.method} ${request.url}`)
  if (request.url === '/elsewhere') response.writeHead(302, { Location: `${origin}/stolen` }).end()
  else if (request.url === '/large') response.end('x'.repeat(1_001))
  else if (request.url !== '/silent') request.pipe(response)
}

async function listen(server: TcpServer): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return (server.address() as AddressInfo).port
}

async function faultOf(path: string, changed: Partial<OutboundRules>): Promise<string> {
  const error: unknown = await makeOutboundFetch({ ...rules, ...changed })(path).catch((reason: unknown) => reason)
  return error instanceof OutboundFault ? error.reason : 'no fault'
}

it('sends a body to a server of a private CA and returns its answer', async () => {
  const response = await makeOutboundFetch(rules)(`${origin}/echo`, { method: 'POST', body: 'code=1' })
  expect(await response.text()).toBe('code=1')
})

it('does not follow a redirect', async () => {
  expect((await makeOutboundFetch(rules)(`${origin}/elsewhere`)).status).toBe(302)
  expect(asked).not.toContain('GET /stolen')
})

it.each([
  ['answer_too_large', '/large', {}],
  ['timeout', '/silent', { timeoutMs: 50 }],
  ['certificate_refused', '/', { authorities: makeAuthority({ subject: 'Other CA' }).certificatePem }],
  ['certificate_refused', '/', { authorities: null }],
  ['address_refused', '/', { mayBePrivate: false }],
])('names the fault %s', async (reason, path, changed) => {
  expect(await faultOf(origin + path, changed)).toBe(reason)
})

it('names a server that is not there, and a literal address that is not allowed', async () => {
  expect(await faultOf('https://localhost:1/', {})).toBe('unreachable')
  expect(await faultOf('https://127.0.0.1:1/', { mayBePrivate: false })).toBe('address_refused')
})

it('connects through the proxy of the machine, except where NO_PROXY names the host', async () => {
  const tunnels: string[] = []
  const proxy = createHttpServer().on('connect', (request, socket, head: Buffer) => {
    tunnels.push(request.url ?? '')
    const target = connect(Number(new URL(origin).port), 'localhost', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    target.on('error', () => socket.destroy())
    socket.on('error', () => target.destroy())
  })
  const HTTPS_PROXY = `http://localhost:${await listen(proxy)}`
  const through = await makeOutboundFetch({ ...rules, proxy: { HTTPS_PROXY } })(`${origin}/echo`)
  expect(through.status).toBe(200)
  expect(tunnels).toEqual([new URL(origin).host])
  await makeOutboundFetch({ ...rules, proxy: { HTTPS_PROXY, NO_PROXY: 'localhost' } })(`${origin}/echo`)
  expect(tunnels).toHaveLength(1)
})

/** Answers each connection with these bytes and keeps it open. */
async function answering(bytes: string) {
  const server = createTcpServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.write(bytes))
  })
  const url = `http://localhost:${await listen(server)}`
  const connections = () => new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  return { url, connections }
}

it('names a server that answers with an impossible status', async () => {
  const { url, connections } = await answering('HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n')
  expect(await faultOf(url, {})).toBe('unreachable')
  await expect.poll(connections).toBe(0)
})

it.each([
  ['another protocol', 'HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n'],
  ['half a body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf'],
])('ends a call to a server that answers with %s, and its connection', async (_case, bytes) => {
  const { url, connections } = await answering(bytes)
  expect(await faultOf(url, { timeoutMs: 50 })).toBe('timeout')
  await expect.poll(connections).toBe(0)
})

it.each([
  ['opens no tunnel', ''],
  ['opens a tunnel to a silent server', 'HTTP/1.1 200 OK\r\n\r\n'],
])('ends a call through a proxy that %s, and its connection', async (_case, bytes) => {
  const { url, connections } = await answering(bytes)
  expect(await faultOf(origin, { timeoutMs: 50, proxy: { HTTPS_PROXY: url } })).toBe('timeout')
  await expect.poll(connections).toBe(0)
})
