/** The headers of every answer, over HTTP and HTTPS, and access to the health routes. */
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../../../scripts/free-port.ts'
import { goodPassword, startApp, type TestApp } from './app.ts'
import { sendRaw } from './raw-request.ts'

let app: TestApp
beforeAll(async () => void (app = await startApp()))
afterAll(() => app.stop())

const get = (path: string, headers: Record<string, string> = {}) => sendRaw(app, { method: 'GET', path }, { headers })

const nonce = async () =>
  /'nonce-([^']+)'/.exec((await get('/healthz')).headers.get('Content-Security-Policy') ?? '')?.[1]

describe('every answer', () => {
  it.each(['/api/password-policy', '/api/users', '/api/nothing', '/nothing.png', '/healthz'])(
    'to %s forbids what a page of ours never does',
    async (path) => {
      const { headers } = await get(path)
      const policy = headers.get('Content-Security-Policy') ?? ''
      expect(policy).toMatch(/^default-src 'self';script-src 'self';/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).toContain("object-src 'none'")
      expect(policy).toContain("base-uri 'none'")
      expect(policy).not.toMatch(/unsafe|\*|https?:/)
      expect(headers.get('X-Content-Type-Options')).toBe('nosniff')
      expect(headers.get('X-Frame-Options')).toBe('DENY')
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      for (const name of ['X-Powered-By', 'Server', 'Access-Control-Allow-Origin', 'Strict-Transport-Security']) {
        expect([name, headers.get(name)]).toEqual([name, null])
      }
    },
  )

  it('has a new nonce', async () => {
    const [one, other] = [await nonce(), await nonce()]
    expect(one).toMatch(/^[\w+/]{22}==$/)
    expect(other).not.toBe(one)
  })
})

describe('the health', () => {
  it('is for callers on this machine, and not for those that a proxy speaks for', async () => {
    expect(JSON.parse((await get('/healthz')).text)).toEqual({ status: 'ok' })
    expect(JSON.parse((await get('/readyz')).text)).toEqual({ status: 'ready', broken: [] })
    for (const name of ['X-Forwarded-For', 'Forwarded']) {
      expect((await get('/readyz', { [name]: 'for=203.0.113.1' })).status).toBe(404)
    }
  })
})

describe('over HTTPS', () => {
  it('the cookie has the __Host- prefix and the answer has HSTS', async () => {
    const secure = await startApp({ GATEHOUSE_HTTP_TLS: 'on' })
    const body = JSON.stringify({ username: 'admin', password: goodPassword })
    const ca = await readFile(join(secure.dataDir, 'authority.crt'), 'utf8')
    const headers = { 'Content-Type': 'application/json', 'X-Requested-With': 'gatehouse', Origin: secure.url }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request(`${secure.url}/api/session`, { method: 'POST', ca, headers }, resolve).on('error', reject).end(body)
    })
    answer.resume()
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^__Host-gatehouse=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
    )
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=31536000/)
    await secure.stop()
  })

  it('at a proxy: the same, and changes are accepted from the public URL only', async () => {
    const port = await freePort()
    const proxied = await startApp({
      GATEHOUSE_PUBLIC_URL: 'https://gatehouse.example',
      GATEHOUSE_HTTP_PORT: String(port),
    })
    const signIn = (Origin: string) =>
      fetch(`http://127.0.0.1:${port}/api/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-Requested-With': 'gatehouse', Origin },
        body: JSON.stringify({ username: 'admin', password: goodPassword }),
      })
    expect(await (await signIn(`http://127.0.0.1:${port}`)).json()).toMatchObject({ code: 'cross_site' })
    const answer = await signIn('https://gatehouse.example')
    expect(answer.status).toBe(200)
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-gatehouse=.*; Secure;/)
    expect(answer.headers.get('Strict-Transport-Security')).toMatch(/^max-age=31536000/)
    await proxied.stop()
  })
})
