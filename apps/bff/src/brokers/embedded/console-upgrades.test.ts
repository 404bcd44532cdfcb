/** MQTT over WebSocket under `/mqtt` of the console's port. */
import { once } from 'node:events'
import { connect as connectPlain, type Socket } from 'node:net'
import { broker } from '@gatehouse/contract/brokers/broker'
import { users } from '@gatehouse/contract/identity/users'
import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, expect, it } from 'vitest'
import { goodPassword, startApp, type TestApp } from '../../../test/app.ts'

const apps: TestApp[] = []
const clients: MqttClient[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.end(true)
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const app of apps.splice(0)) await app.stop()
})

async function start(env: Record<string, string> = {}): Promise<TestApp> {
  const app = await startApp(env)
  apps.push(app)
  return app
}

async function addDevice(app: TestApp): Promise<void> {
  const grantTypes = [{ method: 'password' as const }]
  const permissions = [{ context: 'mqtt' as const, resource: 'line/#', operation: 'readWrite' as const }]
  const body = { username: 'device', password: goodPassword, mustChangePassword: false, grantTypes, permissions }
  await (await app.as('admin'))(users.create, { body })
}

async function connect(app: TestApp, headers: Record<string, string> = {}): Promise<MqttClient> {
  const url = `${app.url.replace('http', 'ws')}/mqtt`
  const options = { username: 'device', password: goodPassword, reconnectPeriod: 0, wsOptions: { headers } }
  const client = await connectAsync(url, options, false)
  clients.push(client)
  return client
}

/** The status line of the answer to an upgrade. */
async function upgrade(app: TestApp, { path = '/mqtt', origin = '' }): Promise<string> {
  const socket = connectPlain({ host: '127.0.0.1', port: Number(new URL(app.url).port) })
  sockets.push(socket)
  const upgradeLines = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const keyLines = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: mqtt']
  const lines = [
    `GET ${path} HTTP/1.1`,
    'Host: a',
    ...upgradeLines,
    ...keyLines,
    ...(origin === '' ? [] : [`Origin: ${origin}`]),
  ]
  socket.write([...lines, '', ''].join('\r\n'))
  const [bytes] = (await once(socket, 'data')) as [Buffer]
  return bytes.toString('latin1').split('\r\n')[0] ?? ''
}

it('carries MQTT with a password and the address of the client, until the server stops', async () => {
  const app = await start({ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' })
  await addDevice(app)
  const client = await connect(app, { 'X-Forwarded-For': '198.51.100.9, 192.0.2.7' })
  const received = new Promise<Buffer>((resolve) => client.once('message', (_topic, payload) => resolve(payload)))
  await client.subscribeAsync('line/#', { qos: 1 })
  await client.publishAsync('line/1', 'x'.repeat(200_000), { qos: 1 })
  expect(await received).toHaveLength(200_000)
  const { items } = await (await app.as('admin'))(broker.connections, { search: {} })
  expect(items).toMatchObject([{ listener: 'console', address: '192.0.2.7', method: 'password' }])
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  await app.restart()
  await closed
  await connect(app)
})

it('refuses other paths and foreign origins, and accepts the own origin', async () => {
  const app = await start()
  expect(await upgrade(app, { path: '/other' })).toContain('404')
  expect(await upgrade(app, { origin: 'https://evil.example' })).toContain('403')
  expect(await upgrade(app, { origin: new URL(app.url).origin })).toContain('101')
})

it('is off if the environment says so', async () => {
  const app = await start({ GATEHOUSE_MQTT_CONSOLE: 'off' })
  expect(await upgrade(app, {})).not.toContain('101')
})
