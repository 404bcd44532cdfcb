/** More users lose a right at once than the enforcer disconnects together with their rights, on a real Mosquitto. */
import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer } from 'node:net'
import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { controlUser, type MosquittoBroker, makeMosquitto } from '../../../test/mosquitto-broker.ts'
import { connectDevice, type Device, mayPublish } from '../../../test/mosquitto-device.ts'
import { trustOf } from '../../../test/mosquitto-trust.ts'
import { compileAcls } from './acls.ts'
import type { DynsecClient } from './desired-state.ts'
import { MosquittoEnforcer } from './enforcer.ts'
import { writeFirstLoad } from './first-load.ts'

const userCount = 205
const plant = makeAuthority({ subject: 'Plant' })
const [first, last] = [issue(plant, { subject: 'bulk-0' }), issue(plant, { subject: `bulk-${userCount - 1}` })]

let broker: MosquittoBroker
let enforcer: MosquittoEnforcer
let proxy: Awaited<ReturnType<typeof startProxy>>
let trust: Awaited<ReturnType<typeof trustOf>>
const devices: Device[] = []

function bulk(resources: string[], count = userCount): DynsecClient[] {
  const acls = compileAcls(resources.map((resource) => ({ context: 'mqtt', resource, operation: 'readWrite' })))
  return Array.from({ length: count }, (_, at) => ({ username: `bulk-${at}`, acls, passwordTag: null }))
}

async function connect(certificate: Issued): Promise<Device> {
  const device = await connectDevice(broker, { certificate })
  if (!device) throw new Error('refused')
  devices.push(device)
  return device
}

/** Between the enforcer and Mosquitto. `cutAtNextAnswer`: Mosquitto handles the next command, and its answer does not arrive. */
async function startProxy(to: number) {
  let isCutting = false
  const server = createServer((socket) => {
    const there = createConnection(to, '127.0.0.1')
    socket.pipe(there)
    there.on('data', (bytes) => {
      if (isCutting) socket.destroy()
      else socket.write(bytes)
      isCutting = false
    })
    socket.on('error', () => {}).on('close', () => there.destroy())
    there.on('error', () => {}).on('close', () => socket.destroy())
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return { port, cutAtNextAnswer: () => void (isCutting = true), close: () => void server.close() }
}

beforeAll(async () => {
  broker = await makeMosquitto()
  const clients = bulk(['line-3/#', 'line-4/#'])
  await writeFirstLoad(broker.dynsecFile, clients)
  const { promise: connected, resolve } = Promise.withResolvers<void>()
  const { capath, crlFile, pidFile, ports } = broker
  proxy = await startProxy(ports.control)
  const control = { host: '127.0.0.1', port: proxy.port, tls: false, ca: null, ...controlUser }
  enforcer = new MosquittoEnforcer({ capath, crlFile, pidFile, control }, { onConnect: resolve })
  trust = await trustOf({ authorities: [plant] })
  // Mosquitto does not start without a CRL file.
  await enforcer.applyTrust(trust).catch(() => {})
  await broker.start()
  await connected
  await enforcer.apply({ ...trust, clients })
})
afterAll(async () => {
  for (const { client } of devices) await client.endAsync(true)
  await enforcer.close()
  proxy.close()
  await broker.remove()
})

it('ends the connections of 101 of 205 users in slices, and none of the others', async () => {
  const concerned = await connect(first)
  const unconcerned = await connect(last)
  await enforcer.applyClients({ clients: bulk(['line-3/#'], 101), removed: [] })
  expect(await concerned.ended).toBe(0x98)
  await expect.poll(() => enforcer.toEnd).toBe(0)
  expect(await mayPublish(await connect(first), 'line-4/x')).toBe(false)
  expect(await mayPublish(unconcerned, 'line-4/x')).toBe(true)
})

it('ends the connections of users whose rights were taken before the answer of Mosquitto was lost', async () => {
  const concerned = await connect(first)
  proxy.cutAtNextAnswer()
  const clients = bulk(['line-4/#'], 101)
  await expect(enforcer.applyClients({ clients, removed: [] })).rejects.toMatchObject({ code: 'not_connected' })
  await expect.poll(() => enforcer.isConnected).toBe(true)
  await enforcer.apply({ ...trust, clients: [...clients, ...bulk(['line-3/#', 'line-4/#']).slice(101)] })
  expect(await concerned.ended).toBe(0x98)
  await expect.poll(() => enforcer.toEnd).toBe(0)
})

it('ends all connections by one command if most users are concerned', async () => {
  const concerned = await connect(last)
  await enforcer.applyClients({ clients: bulk([]), removed: [] })
  expect(enforcer.toEnd).toBe(0)
  expect(await concerned.ended).toBe(0x98)
})
