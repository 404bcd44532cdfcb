/** Devices connect through HAProxy, which passes TLS on and sends the PROXY protocol. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect as connectPlain } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broker } from '@gatehouse/contract/brokers/broker'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../../../../scripts/free-port.ts'
import { startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'
import { killClients, mosquitto, says } from '../../../test/mosquitto.ts'

const authority = makeAuthority({ subject: 'Plant CA' })
const device = issue(authority, { subject: 'press-1' })

let app: TestApp
let folder: string
let haproxy: ChildProcess
let output = ''
const ports = { v1: 0, v2: 0 }
beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-haproxy-'))
  const admin = await app.as('admin')
  await admin(authorities.create, { body: { certificates: authority.certificatePem } })
  const permissions = [{ context: 'mqtt' as const, resource: 'line/#', operation: 'readWrite' as const }]
  await admin(users.create, { body: { username: 'press-1', grantTypes: [{ method: 'certificate' }], permissions } })
  await writeFile(join(folder, 'device.crt'), device.certificatePem)
  await writeFile(join(folder, 'device.key'), device.privateKeyPem)
  haproxy = spawn('/usr/sbin/haproxy', ['-db', '-f', await configure()])
  for (const stream of [haproxy.stdout, haproxy.stderr]) stream?.on('data', (chunk) => void (output += String(chunk)))
  for (const port of Object.values(ports)) await eventually(() => canConnect(port))
})
afterAll(async () => {
  killClients()
  haproxy.kill('SIGKILL')
  await app.stop()
  await rm(folder, { recursive: true })
})

/** One port for each version. Returns the file. */
async function configure(): Promise<string> {
  const sections: string[] = []
  for (const [version, option] of [
    ['v1', 'send-proxy'],
    ['v2', 'send-proxy-v2'],
  ] as const) {
    const { status } = await (await app.as('admin'))(listeners.create, {
      body: { name: version, address: '127.0.0.1', port: 0, proxyProtocol: { versions: version, from: ['127.0.0.1'] } },
    })
    ports[version] = await freePort()
    sections.push(
      `listen ${version}\n  bind 127.0.0.1:${ports[version]}\n  server broker 127.0.0.1:${status.boundPort} ${option}\n`,
    )
  }
  const file = join(folder, 'haproxy.cfg')
  const defaults = 'defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 1h\n  timeout server 1h\n'
  await writeFile(file, `${defaults}${sections.join('')}`)
  return file
}

async function canConnect(port: number): Promise<void> {
  const socket = connectPlain({ host: '127.0.0.1', port })
  const outcome = await new Promise((resolve) => socket.once('connect', () => resolve(null)).once('error', resolve))
  socket.destroy()
  expect({ outcome, output }).toMatchObject({ outcome: null })
}

const file = (name: string) => join(folder, name)

it.each(['v1', 'v2'] as const)('admits a device by its certificate through HAProxy with %s', async (version) => {
  const client = mosquitto('mosquitto_sub', [
    '-h',
    '127.0.0.1',
    '-p',
    String(ports[version]),
    '-i',
    `through ${version}`,
    '-t',
    'line/#',
    '--insecure',
    '--cafile',
    join(app.dataDir, 'authority.crt'),
    '--cert',
    file('device.crt'),
    '--key',
    file('device.key'),
  ])
  await says(client, 'received SUBACK')
  const { items } = await (await app.as('admin'))(broker.connections, { search: { search: `through ${version}` } })
  expect(items).toMatchObject([{ listener: version, username: 'press-1', address: '127.0.0.1' }])
  await client.kill()
})
