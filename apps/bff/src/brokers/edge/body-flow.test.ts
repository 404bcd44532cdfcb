/** Large bodies, and many requests at once, on one connection of a device. */
import { randomBytes } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type Issued, issue } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eventually } from '../../../test/broker-world.ts'
import { type EdgeWorld, listenAnywhere, startEdgeWorld } from '../../../test/edge-world.ts'

let world: EdgeWorld
let press: Issued
let port: number

beforeAll(async () => {
  world = await startEdgeWorld()
  press = world.issueTo('press-1')
  await world.addDevice('press-1', [{ context: 'edge', resource: '/#', operation: 'readWrite' }])
  port = await world.addListener('edge', null)
  await world.addUpstream({ name: 'hanging' })
})
afterAll(() => world.stop())
beforeEach(() => {
  world.received.length = 0
})

const echo: RequestListener = (request, response) => void request.pipe(response)

it.each(['http', 'https'])('passes large bodies both ways unchanged, over %s to the upstream', async (scheme) => {
  const recipe = { alternativeNames: ['127.0.0.1'], extendedKeyUsage: ['serverAuth'] }
  const { certificatePem: cert, privateKeyPem: key } = issue(world.plant, recipe)
  const isSecure = scheme === 'https'
  const server = isSecure ? createHttpsServer({ cert, key }, echo) : createServer(echo)
  const origin = (await listenAnywhere(server)).replace(/^http/, scheme)
  const authorities = isSecure ? world.plant.certificatePem : null
  await world.addUpstream({ name: `echo-${scheme}`, origin, authorities })
  const bodies = Array.from({ length: 3 }, () => randomBytes(1_024 * 1_024).toString('base64'))
  // Twice, over kept connections.
  for (const _ of [1, 2]) {
    const options = { on: port, certificate: press, method: 'POST' }
    const answers = await Promise.all(bodies.map((body) => world.send(`/echo-${scheme}/a`, { ...options, body })))
    expect(answers.map(({ body }, at) => body === bodies[at])).toEqual([true, true, true])
  }
  server.closeAllConnections()
  server.close()
})

function pipeline(paths: readonly string[], until?: string): Promise<string> {
  const requests = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: edge\r\n\r\n`).join('')
  return world.sendRaw(requests, { on: port, certificate: press, ...(until !== undefined && { until }) })
}

it('answers requests that were sent at once in their order, one after the other', async () => {
  let running = 0
  let mostRunning = 0
  const server = createServer((request, response) => {
    mostRunning = Math.max(mostRunning, ++running)
    setTimeout(() => {
      running--
      response.end(`answer to ${request.url}`)
    }, 5)
  })
  await world.addUpstream({ name: 'counting', origin: await listenAnywhere(server) })
  const text = await pipeline(['/counting/a', '/counting/b', '/counting/c', '/counting/d'], 'answer to /d')
  expect(text.match(/answer to \/./g)).toEqual(['a', 'b', 'c', 'd'].map((name) => `answer to /${name}`))
  expect(mostRunning).toBe(1)
  server.close()
})

describe('a device loses all its connections', () => {
  const chunked = 'POST /hanging/a HTTP/1.1\r\nHost: edge\r\nTransfer-Encoding: chunked\r\n\r\n'
  const request = 'GET /hanging/hang HTTP/1.1\r\nHost: edge\r\n\r\n'

  it.each([
    ['too many requests wait on one', request.repeat(100)],
    ['a body consists of very small chunks', chunked + '1\r\nx\r\n'.repeat(10_000)],
  ])('when %s', async (what, bytes) => {
    const username = what.replaceAll(' ', '-')
    await world.addDevice(username, [{ context: 'edge', resource: '/#', operation: 'readWrite' }])
    const certificate = world.issueTo(username)
    const other = world.sendRaw(request, { on: port, certificate })
    await eventually(() => expect(world.received).toHaveLength(1))
    expect(await world.sendRaw(bytes, { on: port, certificate })).toBe('')
    expect(await other).toBe('')
    expect(await world.lastDecision('closed')).toMatchObject({ username, reason: 'quota_exceeded' })
  })
})

it('ends a connection with an upgrade behind a request', async () => {
  const upgrade = 'GET /hanging/ws HTTP/1.1\r\nHost: edge\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
  const bytes = `GET /hanging/hang HTTP/1.1\r\nHost: edge\r\n\r\n${upgrade}`
  expect(await world.sendRaw(bytes, { on: port, certificate: press })).toBe('')
})
