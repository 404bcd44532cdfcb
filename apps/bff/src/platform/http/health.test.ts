/** Who gets health and metrics: callers on this machine, and clients of the separate listener. */
import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import { request as requestTls } from 'node:https'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { startApp, type TestApp } from '../../../test/app.ts'

const apps: TestApp[] = []
afterEach(async () => {
  for (const app of apps.splice(0)) await app.stop()
})

async function run(env: Record<string, string> = {}): Promise<TestApp> {
  const app = await startApp({ GATEHOUSE_MQTT_PORT: 'off', GATEHOUSE_MQTTS_PORT: 'off', ...env })
  apps.push(app)
  return app
}

/** Returns the status. `fetch` does not allow setting the host header. */
function ask(url: string, path: string, headers: OutgoingHttpHeaders = {}): Promise<number> {
  const send = url.startsWith('https:') ? requestTls : request
  return new Promise((resolve, reject) => {
    send(url + path, { headers, rejectUnauthorized: false, agent: false }, (response: IncomingMessage) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
      .once('error', reject)
      .end()
  })
}

const paths = ['/metrics', '/readyz', '/healthz']
const askAll = (url: string, headers?: OutgoingHttpHeaders) => Promise.all(paths.map((path) => ask(url, path, headers)))

const forwarding = {
  'X-Forwarded-For': '203.0.113.7',
  'X-Forwarded-Host': 'localhost',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Port': '443',
  Forwarded: 'for=203.0.113.7',
  Via: '1.1 proxy',
  'X-Real-IP': '203.0.113.7',
  'CF-Connecting-IP': '203.0.113.7',
  'X-Envoy-External-Address': '203.0.113.7',
}

describe('the port of the console', () => {
  it('responds to a caller on this machine by a loopback name', async () => {
    const { url } = await run()
    const { port } = new URL(url)
    expect(await askAll(url)).toEqual([200, 200, 200])
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'LOCALHOST'])
      expect(await askAll(url, { Host: host })).toEqual([200, 200, 200])
  })

  it('does not respond by any other name, as through a proxy or DNS rebinding', async () => {
    const { url } = await run()
    for (const host of ['gatehouse.example', 'localhost.evil.example', '203.0.113.7', 'localhost@evil.example'])
      expect([host, await askAll(url, { Host: host })]).toEqual([host, [404, 404, 404]])
  })

  it("does not respond to a request with a proxy's header", async () => {
    const { url } = await run()
    for (const [name, value] of Object.entries(forwarding))
      expect([name, await askAll(url, { [name]: value })]).toEqual([name, [404, 404, 404]])
  })

  it.each([
    ['a public URL', { GATEHOUSE_PUBLIC_URL: 'https://gatehouse.example' }],
    ['trusted proxies', { GATEHOUSE_TRUSTED_PROXIES: '10.0.0.2' }],
    ['a separate listener', { GATEHOUSE_METRICS_PORT: '0' }],
  ])('does not respond if the settings have %s, because a proxy may look like a local caller', async (_what, env) => {
    const port = await freePort()
    await run({ GATEHOUSE_HTTP_PORT: String(port), ...env })
    expect(await ask(`http://127.0.0.1:${port}`, '/api/password-policy')).toBe(200)
    expect(await askAll(`http://127.0.0.1:${port}`)).toEqual([404, 404, 404])
  })
})

describe('the separate listener', () => {
  it('responds by an address and by its own names only', async () => {
    const { started } = await run({ GATEHOUSE_METRICS_PORT: '0', GATEHOUSE_TLS_NAMES: 'plant.example' })
    const url = started.healthUrl ?? ''
    for (const host of ['127.0.0.1', '192.0.2.7:9464', 'plant.example', 'Plant.Example:9464', 'localhost'])
      expect([host, await askAll(url, { Host: host })]).toEqual([host, [200, 200, 200]])
    for (const host of ['evil.example', 'plant.example.evil.example'])
      expect([host, await askAll(url, { Host: host })]).toEqual([host, [404, 404, 404]])
    expect(await ask(url, '/api/password-policy')).toBe(404)
    for (const [name, value] of Object.entries(forwarding))
      expect([name, await askAll(url, { [name]: value })]).toEqual([name, [404, 404, 404]])
  })

  it('gives metrics only to the holder of the token, and tells others whether the server is ready', async () => {
    const token = 'a token of more than twenty characters'
    const { started } = await run({ GATEHOUSE_METRICS_PORT: '0', GATEHOUSE_METRICS_TOKEN: token })
    const url = started.healthUrl ?? ''
    expect(await askAll(url)).toEqual([401, 200, 200])
    expect(await askAll(url, { Authorization: 'Bearer another token of twenty' })).toEqual([401, 200, 200])
    expect(await askAll(url, { Authorization: `Bearer ${token}` })).toEqual([200, 200, 200])
    expect(await askAll(url, { Authorization: `Bearer ${token}`, Host: 'any.example' })).toEqual([200, 200, 200])
    expect(await askAll(url, { Host: 'evil.example' })).toEqual([401, 401, 401])
    for (const path of ['/METRICS', '/metrics/', '//metrics', '/metrics?x', '/./metrics', '/%6detrics'])
      expect([path, await ask(url, path)]).not.toEqual([path, 200])
  })

  it('uses TLS on addresses other than loopback', async () => {
    const token = 'a token of more than twenty characters'
    const env = { GATEHOUSE_METRICS_HOST: '0.0.0.0', GATEHOUSE_METRICS_PORT: '0', GATEHOUSE_METRICS_TOKEN: token }
    const { started } = await run(env)
    const url = (started.healthUrl ?? '').replace('0.0.0.0', '127.0.0.1')
    expect(url).toMatch(/^https:/)
    expect(await askAll(url, { Authorization: `Bearer ${token}` })).toEqual([200, 200, 200])
  })
})
