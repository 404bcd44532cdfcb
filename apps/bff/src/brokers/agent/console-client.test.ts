/** The agent against servers that are not its console, or whose answers cannot be used. Nothing of them reaches the broker. */
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import { enforcerServerName } from '@gatehouse/contract/brokers/enforcer-protocol'
import { type IssuedPems, issueServerCertificate, makeAuthority } from '@gatehouse/pki/make/issue'
import { issue, makeAuthority as makeTestAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import { ConsoleClient } from './console-client.ts'
import { explainFault } from './console-fault.ts'
import { fetchPinnedAuthority } from './pinned-authority.ts'

const servers: Server[] = []
const clients: ConsoleClient[] = []
const dayMs = 24 * 60 * 60_000
let authority: IssuedPems
let own: IssuedPems
const issueFor = (names: string[], at = new Date(), days = 30) => issueServerCertificate({ authority, names, days, at })
beforeAll(async () => {
  authority = await makeAuthority({
    commonName: 'Gatehouse enforcers',
    days: 3_650,
    at: new Date(Date.now() - 400 * dayMs),
  })
  own = await issueFor([enforcerServerName])
})
afterEach(() => {
  for (const client of clients.splice(0)) client.close()
})
afterAll(() => {
  for (const server of servers) server.close()
})

async function serve(answer: RequestListener, { certificatePem, privateKeyPem } = own): Promise<string> {
  return listen(createHttpsServer({ cert: certificatePem, key: privateKeyPem }, answer))
}

async function listen(server: Server): Promise<string> {
  servers.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The sentence that the agent logs for its pull. */
async function fault(url: string, now = new Date(), proxy: ProxyEnvironment = {}): Promise<string> {
  const client = new ConsoleClient({ console: url, authority: authority.certificatePem }, proxy)
  clients.push(client)
  const pull = { epoch: null, revision: 0, digest: null, waitMs: 0 }
  return client.pull(pull, new AbortController().signal).then(
    () => 'answered',
    (error: unknown) => explainFault(error, now),
  )
}

const answers: Record<string, RequestListener> = {
  'a page': (_request, response) => response.end('<html>Welcome</html>'),
  'an empty body': (_request, response) => response.end(),
  'another JSON': (_request, response) => response.end('{"epoch":1,"passwords":[]}'),
  'half of a JSON': (_request, response) => response.end('{"epoch":"019d'),
  'broken compression': (_request, response) => response.setHeader('Content-Encoding', 'gzip').end('rubbish'),
  'a small file that unpacks to 129 MiB': (_request, response) =>
    response.setHeader('Content-Encoding', 'gzip').end(gzipSync(Buffer.alloc(129 * 1024 * 1024, ' '))),
  'a code that nobody knows': (_request, response) => response.writeHead(418).end('{"code":"teapot"}'),
  'a code like a method of objects': (_request, response) => response.writeHead(400).end('{"code":"toString"}'),
  'an error of a proxy': (_request, response) => response.writeHead(502).end('<html>Bad Gateway</html>'),
}

describe("a console's answer cannot be used", () => {
  it.each(Object.keys(answers))('if it is %s', async (name) => {
    const answer = answers[name]
    expect(await fault(await serve(answer ?? (() => {})))).toMatch(/^The console's answer cannot be used/)
  })

  it('and the connection may end in the middle', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'Content-Length': '1000' }).write('{')
      response.socket?.destroy()
    })
    expect(await fault(url)).not.toBe('answered')
  })
})

describe('a proxy of the machine', () => {
  const seen: string[] = []
  /** As HTTPS_PROXY names one: it connects where CONNECT says. */
  async function startProxy({ isOpen }: { isOpen: boolean }): Promise<string> {
    const proxy = createHttpServer()
    proxy.on('connect', ({ url = '' }, socket) => {
      seen.push(url)
      if (!isOpen) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      const upstream = connect(Number(url.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
        socket.pipe(upstream).pipe(socket)
      })
      for (const one of [socket, upstream]) one.on('error', () => upstream.destroy())
      return undefined
    })
    return (await listen(proxy)).replace('https:', 'http:')
  }

  it('is used for the pull and for the CA of the token, and still no other server is accepted', async () => {
    const { certificatePem, privateKeyPem } = own
    const chain = { certificatePem: certificatePem + authority.certificatePem, privateKeyPem }
    const url = await serve((_request, response) => response.writeHead(418).end('{"code":"unavailable"}'), chain)
    const proxy = { HTTPS_PROXY: await startProxy({ isOpen: true }) }
    expect(await fault(url, new Date(), proxy)).toBe('The console is not ready.')
    const fingerprint = new X509Certificate(authority.certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()
    expect(await fetchPinnedAuthority(url, { fingerprint, proxy })).toBe(
      new X509Certificate(authority.certificatePem).toString(),
    )
    expect(seen).toEqual([new URL(url).host, new URL(url).host])
    const stranger = await serve((_request, response) => response.end('{}'), await issueFor(['gatehouse.example']))
    expect(await fault(stranger, new Date(), proxy)).toMatch(/^Another server answers there/)
  })

  it('is named when it refuses, and not used for a host of NO_PROXY', async () => {
    const HTTPS_PROXY = await startProxy({ isOpen: false })
    const url = await serve((_request, response) => response.writeHead(418).end('{"code":"unavailable"}'))
    expect(await fault(url, new Date(), { HTTPS_PROXY })).toBe(
      'The proxy of this machine (HTTPS_PROXY) does not connect to the console.',
    )
    expect(await fault(url, new Date(), { HTTPS_PROXY, NO_PROXY: '127.0.0.1' })).toBe('The console is not ready.')
  })
})

describe('another server at the address of the console', () => {
  const another = 'Another server answers there: it has no certificate of the CA that this agent was enrolled with.'

  it.each<[string, () => IssuedPems | Promise<IssuedPems>]>([
    [
      'of another CA',
      () => issue(makeTestAuthority({ subject: 'Gatehouse enforcers' }), { subject: enforcerServerName }),
    ],
    ['for another name', () => issueFor(['gatehouse.example'])],
  ])('is refused with a certificate %s', async (_what, make) => {
    expect(await fault(await serve((_request, response) => response.end('{}'), await make()))).toBe(another)
  })

  it('is refused if it speaks no TLS, or nothing listens', async () => {
    const plain = await listen(createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')))
    expect(await fault(plain)).toBe('There is no TLS 1.3 at that address.')
    expect(await fault('https://127.0.0.1:1')).toBe('Nothing listens there.')
  })
})

describe('the clock of the agent', () => {
  const now = new Date('2025-11-29T07:00:00Z')
  const advice = 'Set the clock of this machine; nothing was changed. It says 2025-11-29T07:00:00.000Z.'

  it('is named when the certificate of the console is not valid yet by it, as a year ago', async () => {
    const url = await serve(() => {}, await issueFor([enforcerServerName], new Date(Date.now() + 5 * dayMs)))
    expect(await fault(url, now)).toBe(
      `By the clock of this machine the console's certificate is not valid yet. ${advice}`,
    )
  })

  it('is named when the certificate of the console has expired by it', async () => {
    const url = await serve(() => {}, await issueFor([enforcerServerName], new Date(Date.now() - 300 * dayMs)))
    expect(await fault(url, now)).toBe(`By the clock of this machine the console's certificate has expired. ${advice}`)
  })
})
