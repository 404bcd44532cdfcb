/** Strangers open thousands of connections and send nothing: everybody else is served all the same, on every listener. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get as getPlain, type RequestOptions } from 'node:http'
import { get as getTls } from 'node:https'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from './app.ts'
import { makeUser } from './authenticator.ts'
import { connectClient } from './mqtt-client.ts'
import { outsideEnv } from './server-process.ts'

/** Far more than it takes, for a busy machine; without limits a newcomer waits 24 seconds and more, or is refused. */
const withinMs = 10_000

let app: TestApp
let secure: TestApp
beforeAll(async () => {
  app = await startApp()
  secure = await startApp({ GATEHOUSE_HTTP_TLS: 'on', GATEHOUSE_MQTT_PORT: 'off', GATEHOUSE_MQTTS_PORT: 'off' })
  await makeUser(app, 'press-7')
})
afterAll(async () => {
  await app.stop()
  await secure.stop()
})

const ending: (() => void)[] = []
afterEach(() => {
  for (const end of ending.splice(0)) end()
})

const portOf = (url: string | null) => Number(new URL(url ?? '').port)

/** Resolves when the server's machine has accepted, or closed, each of them. */
async function openIdle(port: number, count: number): Promise<void> {
  const program = fileURLToPath(new URL('idle-sockets.ts', import.meta.url))
  const child = spawn(process.execPath, [program, String(port), String(count)], {
    env: outsideEnv(),
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  ending.push(() => child.kill())
  await once(child.stdout, 'data')
}

/** The status, and the port of our end, which tells one connection from another. */
function ask(url: string, options: RequestOptions = {}): Promise<{ status: number; port: number }> {
  const get = url.startsWith('https:') ? getTls : getPlain
  return new Promise((resolve, reject) => {
    get(url, { agent: false, rejectUnauthorized: false, ...options }, (response) => {
      const { statusCode: status = 0, socket } = response
      const { localPort: port = 0 } = socket
      response.resume().once('end', () => resolve({ status, port }))
    }).once('error', reject)
  })
}

const signIn = (tls: boolean) =>
  connectClient(portOf(tls ? app.started.mqttsUrl : app.started.mqttUrl), {
    ...(tls && { tls: { rejectUnauthorized: false } }),
    connect: { username: 'press-7', password: Buffer.from(goodPassword) },
  })

/** The answer; rejects where it came so late that it waited until idle connections ended by themselves. */
async function soon<T>(answering: Promise<T>): Promise<T> {
  const askedAt = performance.now()
  const answer = await answering
  const tookMs = performance.now() - askedAt
  if (tookMs > withinMs) throw new Error(`Answered after ${Math.round(tookMs)} ms`)
  return answer
}

describe('beside thousands of idle connections', () => {
  it('a newcomer is served on HTTP, and a browser that is signed in keeps its connection', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    ending.push(() => agent.destroy())
    const headers = { Authorization: `Bearer ${await app.token('admin')}` }
    const first = await ask(`${app.url}/api/users`, { agent, headers })
    await openIdle(portOf(app.url), 2_500)
    expect(await soon(ask(`${app.url}/api/password-policy`))).toMatchObject({ status: 200 })
    const second = await ask(`${app.url}/api/users`, { agent, headers })
    expect(second).toEqual({ status: 200, port: first.port })
  })

  it('a newcomer is served on HTTPS', async () => {
    await openIdle(portOf(secure.url), 2_500)
    expect(await soon(ask(`${secure.url}/api/password-policy`))).toMatchObject({ status: 200 })
  })

  it('a newcomer is served on MQTT and on MQTTS', async () => {
    await openIdle(portOf(app.started.mqttUrl), 10_500)
    for (const tls of [false, true]) expect(await soon(signIn(tls).then((client) => client.connack()))).toBe(0)
  })
})

// At the same time, because each waits ten seconds.
describe.concurrent('a connection that sends nothing is closed after ten seconds', () => {
  it.each<[string, () => number]>([
    ['HTTP', () => portOf(app.url)],
    ['HTTPS', () => portOf(secure.url)],
    ['MQTT', () => portOf(app.started.mqttUrl)],
    ['MQTTS', () => portOf(app.started.mqttsUrl)],
  ])('on %s', async (_name, port) => {
    const silent = connect({ port: port(), host: '127.0.0.1' })
      .on('error', () => {})
      .resume()
    await once(silent, 'connect')
    const connectedAt = performance.now()
    await once(silent, 'close')
    // Less than the 30 seconds that a TLS handshake and a CONNECT may take.
    expect(performance.now() - connectedAt).toBeLessThan(28_000)
  })
})
