/** The steps of a test against servers that behave well, badly or not at all. */
import { createServer, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net'
import { type Upstream, UpstreamCreate } from '@gatehouse/contract/brokers/upstreams'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listenAnywhere } from '../../../test/edge-world.ts'
import { type MenderBackend, managementUser, startMenderBackend } from '../../../test/mender-backend.ts'
import { testUpstream } from './probe.ts'

const plant = makeAuthority({ subject: 'Plant CA' })
const forLocalhost = {
  subject: 'localhost',
  alternativeNames: ['localhost'],
  extendedKeyUsage: ['serverAuth' as const],
}

const servers: TcpServer[] = []
afterAll(() => {
  for (const server of servers) server.close()
})

async function listen(server: Server | TcpServer): Promise<string> {
  servers.push(server)
  return (await listenAnywhere(server)).replace('127.0.0.1', 'localhost')
}

async function steps(
  given: Partial<Omit<Upstream, 'hasSecret'>> & { origin: string },
  secret: string | null = null,
): Promise<string[]> {
  const parsed = UpstreamCreate.parse({ name: 'tested', ...given, secret })
  const rest = { id: 'x', hasSecret: secret !== null, createdAt: '', version: 1 }
  const found = await testUpstream({ upstream: { ...parsed, ...rest }, secret })
  return found
    .filter(({ outcome }) => outcome !== 'skipped')
    .map(({ step, outcome, problem, detail }) => [step, outcome, problem, detail].filter(Boolean).join(' '))
}

async function listenWithTls({ certificatePem: cert, privateKeyPem: key }: Issued): Promise<string> {
  const server = createHttpsServer({ cert, key }, (_request, response) => void response.writeHead(204).end())
  return (await listen(server)).replace('http:', 'https:')
}

describe('of a server with TLS', () => {
  it('passes with its CA', async () => {
    const origin = await listenWithTls(issue(plant, forLocalhost))
    expect(await steps({ origin, authorities: plant.certificatePem })).toEqual([
      'address passed',
      'tcp passed',
      'tls passed',
      'answer passed HTTP 204',
    ])
  })

  it.each([
    ['another CA', issue(makeAuthority(), forLocalhost), 'certificate_not_trusted UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [
      'another name',
      issue(plant, { ...forLocalhost, alternativeNames: ['elsewhere.example'] }),
      'certificate_wrong_name ERR_TLS_CERT_ALTNAME_INVALID',
    ],
    [
      'a certificate that has expired',
      issue(plant, { ...forLocalhost, notAfter: new Date('2020-01-01') }),
      'certificate_expired CERT_HAS_EXPIRED',
    ],
  ])('names the reason: %s', async (_what, certificate, reason) => {
    const origin = await listenWithTls(certificate)
    expect((await steps({ origin, authorities: plant.certificatePem })).at(-1)).toBe(`tls failed ${reason}`)
  })

  it('names a server that speaks no TLS', async () => {
    const origin = await listen(createServer())
    const last = (await steps({ origin: origin.replace('http:', 'https:') })).at(-1)
    expect(last).toMatch(/^tls failed tls_failed/)
  })
})

describe('names', () => {
  it('a name that does not exist', async () => {
    expect(await steps({ origin: 'http://no-such-host.invalid' })).toEqual([
      expect.stringMatching(/^address failed not_resolved /),
    ])
  })

  it('an address that is not allowed', async () => {
    expect(await steps({ origin: 'http://169.254.169.254' })).toEqual([
      'address failed address_not_allowed ADDRESS_REFUSED',
    ])
  })

  it('a server that is silent, and one that speaks something else, without showing what it says', async () => {
    const silent = await listen(createTcpServer((socket) => void socket.on('error', () => {})))
    expect((await steps({ origin: silent, responseTimeoutMs: 200 })).at(-1)).toBe('answer failed timed_out')
    const other = await listen(
      createTcpServer((socket) => {
        socket.on('error', () => {})
        socket.end('220 secret.example ESMTP\r\n')
      }),
    )
    expect((await steps({ origin: other })).at(-1)).toBe('answer failed wrong_answer')
  })

  it('a server that never finishes its answer', async () => {
    const timers: NodeJS.Timeout[] = []
    const slow = createServer((_request, response) => {
      response.writeHead(200)
      timers.push(setInterval(() => response.write('x'), 20))
    })
    const origin = await listen(slow)
    expect((await steps({ origin, connectTimeoutMs: 1_000, responseTimeoutMs: 200 })).at(-1)).toBe(
      'answer failed timed_out',
    )
    for (const timer of timers) clearInterval(timer)
  })

  it('credentials that are refused', async () => {
    const careful = createServer(({ headers }, response) => {
      response.writeHead(headers.authorization === 'Bearer right' ? 200 : 401).end('who are you?')
    })
    const origin = await listen(careful)
    expect((await steps({ origin, authentication: 'bearer' }, 'wrong')).at(-1)).toBe(
      'credentials failed credentials_refused HTTP 401',
    )
    expect((await steps({ origin, authentication: 'bearer' }, 'right')).at(-1)).toBe('credentials passed')
    expect((await steps({ origin })).at(-1)).toBe('answer passed HTTP 401')
  })
})

describe('of a Mender server', () => {
  let backend: MenderBackend
  beforeAll(async () => {
    backend = await startMenderBackend(Buffer.alloc(0))
  })
  afterAll(() => backend.close())
  const mender = () => ({
    kind: 'mender' as const,
    origin: backend.origin,
    authentication: 'basic' as const,
    username: managementUser.username,
  })

  it('signs in, reads a device and ends its session', async () => {
    backend.asked.length = 0
    expect((await steps(mender(), managementUser.password)).at(-1)).toBe('credentials passed')
    expect(backend.asked).toEqual([
      'POST /api/management/v1/useradm/auth/login',
      'GET /api/management/v2/devauth/devices?per_page=1',
      'POST /api/management/v1/useradm/auth/logout',
    ])
  })

  it('names a wrong password, a wrong token, and a server of another kind', async () => {
    const refusedWith = 'credentials failed credentials_refused HTTP 401'
    expect((await steps(mender(), 'wrong')).at(-1)).toBe(refusedWith)
    const withToken = { ...mender(), authentication: 'bearer' as const, username: null }
    expect((await steps(withToken, 'wrong')).at(-1)).toBe(refusedWith)
    const origin = await listen(createServer((_request, response) => void response.writeHead(404).end()))
    expect((await steps({ ...mender(), origin }, 'any')).at(-1)).toBe('answer failed wrong_answer HTTP 404')
  })
})
