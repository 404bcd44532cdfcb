/** Answers of the API, compressed where the contract says so and the caller accepts it, and the same in every encoding. */
import { once } from 'node:events'
import { request as sendRequest } from 'node:http'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { roles } from '@gatehouse/contract/access/roles'
import { addressOf } from '@gatehouse/contract/client'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from './app.ts'
import { ourHeaders, sendRaw } from './raw-request.ts'

let app: TestApp
let token: string
let userPath: string
beforeAll(async () => {
  app = await startApp()
  token = await app.token('admin')
  const call = await app.as('admin')
  const { id } = await call(users.create, { body: { username: 'maria', displayName: 'M'.repeat(90) } })
  userPath = `/api/users/${id}`
  for (let n = 0; n < 10; n++) {
    const permissions = Array.from({ length: 10 }, (_, at) => ({
      context: 'mqtt' as const,
      resource: `line-${n}/machine-${at}/#`,
      operation: 'readWrite' as const,
    }))
    await call(roles.create, { body: { name: `role-${n}`, permissions } })
  }
})
afterAll(() => app.stop())

interface Received {
  status: number
  headers: Record<string, unknown>
  body: Buffer
}

/** With Node's client, which unpacks nothing. */
async function ask(path: string, headers: Record<string, string>, method = 'GET'): Promise<Received> {
  const all = { Authorization: `Bearer ${token}`, ...headers }
  const request = sendRequest(app.url + path, { method, headers: all, agent: false }).end()
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
}

const packed = { 'Accept-Encoding': 'gzip, deflate, br, zstd' }
const gzipped = { 'Accept-Encoding': 'gzip' }

describe('a list', () => {
  // Kept as bytes, and made anew each time.
  it.each(['/api/users', '/api/roles'])('%s is the same in every encoding, and smaller', async (path) => {
    const [br, gzip, plain] = [await ask(path, packed), await ask(path, gzipped), await ask(path, {})]
    expect([br, gzip, plain].map(({ headers }) => headers['content-encoding'])).toEqual(['br', 'gzip', undefined])
    expect(String(brotliDecompressSync(br.body))).toBe(String(plain.body))
    expect(String(gunzipSync(gzip.body))).toBe(String(plain.body))
    expect(br.body.length).toBeLessThan(plain.body.length)
    for (const { status, headers, body } of [br, gzip, plain]) {
      expect(status).toBe(200)
      expect(headers).toMatchObject({
        vary: 'Accept-Encoding',
        'content-type': 'application/json; charset=utf-8',
        'content-length': String(body.length),
        'cache-control': 'no-store',
      })
    }
  })

  it('with identity preferred, or with br and gzip refused, goes out as it is', async () => {
    for (const accepted of ['identity, br;q=0.5', 'br;q=0, gzip;q=0', 'identity;q=0, br;q=0, gzip;q=0', 'deflate']) {
      const { status, headers, body } = await ask('/api/roles', { 'Accept-Encoding': accepted })
      expect([accepted, status, headers['content-encoding']]).toEqual([accepted, 200, undefined])
      expect(JSON.parse(String(body))).toHaveProperty('items')
    }
  })

  it('is described to HEAD as to GET', async () => {
    for (const path of ['/api/users', '/api/roles']) {
      const { status, headers, body } = await ask(path, packed, 'HEAD')
      expect([path, status, headers['content-encoding'], body.length]).toEqual([path, 200, 'br', 0])
      expect(headers['content-length']).toBe(String((await ask(path, packed)).body.length))
    }
  })

  it('of a few bytes is not compressed', async () => {
    const { headers, body } = await ask(addressOf(users.list, { search: { search: 'nobody' } }), packed)
    expect([headers['content-encoding'], headers['vary']]).toEqual([undefined, 'Accept-Encoding'])
    expect(JSON.parse(String(body))).toMatchObject({ items: [] })
  })

  it('follows a change in every encoding', async () => {
    const call = await app.as('admin')
    for (const headers of [packed, {}]) await ask('/api/users', headers)
    await call(users.create, { body: { username: `later-${'x'.repeat(40)}` } })
    expect(String(brotliDecompressSync((await ask('/api/users', packed)).body))).toContain('later-x')
    expect(String((await ask('/api/users', {})).body)).toContain('later-x')
  })
})

describe('an export', () => {
  it('is compressed while it is made', async () => {
    for (const [path, accept] of [
      ['/api/users.csv', '*/*'],
      [addressOf(audit.list, {}), 'text/csv'],
    ] as const) {
      const headers = { Accept: accept }
      const [br, plain] = [await ask(path, { ...headers, ...packed }), await ask(path, headers)]
      expect([path, br.headers['content-encoding'], plain.headers['content-encoding']]).toEqual([path, 'br', undefined])
      expect(br.headers['vary']).toMatch(/\bAccept-Encoding\b/)
      expect(br.headers['content-disposition']).toBe(plain.headers['content-disposition'])
      const [head] = String(plain.body).split('\r\n')
      expect(String(brotliDecompressSync(br.body)).split('\r\n')[0]).toBe(head)
    }
  })
})

describe('the OpenAPI document', () => {
  it('is the same in every encoding, and a fraction of its size', async () => {
    const [br, gzip, plain] = [
      await ask('/api/openapi.json', packed),
      await ask('/api/openapi.json', gzipped),
      await ask('/api/openapi.json', {}),
    ]
    expect([br, gzip, plain].map(({ headers }) => headers['content-encoding'])).toEqual(['br', 'gzip', undefined])
    expect(String(brotliDecompressSync(br.body))).toBe(String(plain.body))
    expect(String(gunzipSync(gzip.body))).toBe(String(plain.body))
    expect(br.body.length * 5).toBeLessThan(plain.body.length)
    expect(br.headers).toMatchObject({ vary: 'Accept-Encoding', 'content-type': 'application/json; charset=utf-8' })
  })
})

describe('an answer that the contract does not open to compression', () => {
  it('goes out as it is, a long one too', async () => {
    const bundle = await ask('/api/authorities/bundle.pem', packed)
    const session = await ask('/api/password-policy', packed)
    const one = await ask(userPath, packed)
    expect(bundle.body.length).toBeGreaterThan(500)
    for (const { status, headers } of [bundle, session, one])
      expect([status, headers['content-encoding'], headers['vary']]).toEqual([200, undefined, undefined])
  })

  it('with a secret in it is never compressed', async () => {
    const body = JSON.stringify({ username: 'admin', password: goodPassword, label: 'x'.repeat(100) })
    const made = await sendRaw(
      app,
      { method: 'POST', path: '/api/login' },
      { headers: { ...ourHeaders, ...packed }, body },
    )
    expect([made.status, made.headers.get('Content-Encoding')]).toEqual([200, null])
  })

  it('is a problem, whatever the route', async () => {
    const { status, headers, body } = await ask(`/api/users?${'x'.repeat(2_000)}=1`, packed)
    expect([status, headers['content-encoding']]).toEqual([400, undefined])
    expect(body.length).toBeGreaterThan(1_024)
  })
})

describe('a version', () => {
  it('is the same tag whatever is accepted, and is asked for with If-Match', async () => {
    const tags = [await ask(userPath, packed), await ask(userPath, {})].map(({ headers }) => headers['etag'])
    expect(tags).toEqual(['"1"', '"1"'])
    const change = { token, headers: { ...ourHeaders, ...packed, 'If-Match': '"1"' }, body: '{"displayName":"Maria"}' }
    expect(await sendRaw(app, { method: 'PATCH', path: userPath }, change)).toMatchObject({ status: 200 })
    expect(await sendRaw(app, { method: 'PATCH', path: userPath }, change)).toMatchObject({ code: 'changed_meanwhile' })
  })
})
