import { once } from 'node:events'
import { connect, createSecureContext, type SecureContext } from 'node:tls'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startWorld, type World } from '../../../test/broker-world.ts'

const authority = makeAuthority({ subject: 'Plant' })
const strangers = makeAuthority({ subject: 'Strangers' })
const flood = issue(strangers, {
  subject: Array.from({ length: 4_000 }, (_, at) => [{ type: 'CN', value: String.fromCharCode(97 + (at % 26)) }]),
})

let world: World
beforeAll(async () => {
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('press', { read: ['#'], write: ['#'] })
})
afterAll(() => world.stop())

const contextOf = ({ certificatePem, privateKeyPem }: Issued) =>
  createSecureContext({ cert: certificatePem, key: privateKeyPem })

/** Presents it and waits until the broker has ended the connection. */
async function present(secureContext: SecureContext): Promise<void> {
  const socket = connect({ port: world.port('mqtts'), host: '127.0.0.1', secureContext, rejectUnauthorized: false })
  socket.on('error', () => {})
  socket.resume()
  await once(socket, 'close')
}

test('refuses a name of thousands of parts and names the reason', async () => {
  await present(contextOf(flood))
  expect(await world.decided({ reason: 'certificate_too_large' })).toMatchObject([
    { outcome: 'refused', listener: 'mqtts', address: '127.0.0.1', username: null },
  ])
})

// It was sixteen times as much. The rest is OpenSSL, which reads a certificate before the broker can check its size.
test('spends on a name of thousands of parts little more than on an ordinary stranger', async () => {
  const ordinary = await cpuUsOf(present.bind(null, contextOf(issue(strangers))))
  const flooded = await cpuUsOf(present.bind(null, contextOf(flood)))
  expect(flooded / ordinary).toBeLessThan(6)
})

test('serves a device while eight strangers present such names again and again', async () => {
  const context = contextOf(flood)
  const over = new AbortController()
  let refused = 0
  const storm = Array.from({ length: 8 }, async () => {
    for (; !over.signal.aborted; refused++) await present(context)
  })
  const device = await world.connect({ tls: issue(authority, { subject: 'press' }) })
  expect(await device.connack()).toBe(0)
  await device.subscribe('press/#')
  for (let at = 0; at < 30; at++) {
    device.publish('press/state', `${at}`)
    expect((await device.next('publish'))?.payload.toString()).toBe(`${at}`)
  }
  over.abort()
  await Promise.all(storm)
  expect(refused).toBeGreaterThan(8)
})

/** CPU time of the whole process for each call: the least of several rounds. */
async function cpuUsOf(work: () => Promise<void>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < 4; round++) {
    const before = process.cpuUsage()
    for (let at = 0; at < 25; at++) await work()
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / 25)
  }
  return Math.min(...rounds)
}
