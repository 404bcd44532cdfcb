import { broker } from '@gatehouse/contract/brokers/broker'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import mqtt, { type MqttClient } from 'mqtt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { eventually } from '../../../test/broker-world.ts'

let app: TestApp
const clients: MqttClient[] = []
beforeAll(async () => {
  app = await startApp()
})
afterAll(async () => {
  for (const client of clients) client.end(true)
  await app.stop()
})

async function connect(username: string): Promise<MqttClient> {
  const url = app.started.mqttUrl ?? ''
  const client = mqtt.connect(url, { username, password: goodPassword, clientId: `of-${username}`, reconnectPeriod: 0 })
  client.on('error', () => {})
  clients.push(client)
  await new Promise<void>((resolve, reject) => {
    client.on('connect', () => resolve())
    client.on('error', reject)
  })
  return client
}

async function makeDevice(username: string, permissions: { resource: string }[]): Promise<string> {
  const call = await app.as('admin')
  const made = await call(users.create, {
    body: {
      username,
      password: goodPassword,
      mustChangePassword: false,
      grantTypes: [{ method: 'password' }],
      permissions: permissions.map(({ resource }) => ({
        context: 'mqtt' as const,
        operation: 'readWrite' as const,
        resource,
      })),
    },
  })
  return made.id
}

async function connectionOf(username: string) {
  const { items } = await (await app.as('admin'))(broker.connections, { search: { search: username } })
  return items[0]
}

test('the broker and its listeners', async () => {
  const view = await (await app.as('auditor'))(broker.view, {})
  expect(view).toMatchObject({ running: true, authorities: 1, connections: expect.any(Number), publicHost: null })
  expect(view.listeners.map(({ name, clientCertificate }) => [name, clientCertificate])).toEqual([
    ['mqtt', 'none'],
    ['mqtts', 'accepted'],
  ])
})

test('lists live connections and decisions', async () => {
  const userId = await makeDevice('listed', [{ resource: 'line-3/#' }])
  const client = await connect('listed')
  await client.subscribeAsync('line-3/#')
  expect(await connectionOf('listed')).toMatchObject({
    userId,
    method: 'password',
    certificate: null,
    subscriptions: 1,
    messagesReceived: 0,
    messagesSent: 0,
    queued: 0,
  })
  await client.publishAsync('line-3/a', 'a message', { qos: 1 })
  await expect.poll(() => connectionOf('listed')).toMatchObject({ messagesReceived: 1, messagesSent: 1 })
  const call = await app.as('auditor')
  const { items } = await call(broker.decisions, { search: { search: 'of-listed' } })
  expect(items).toMatchObject([{ outcome: 'admitted', reason: null, username: 'listed', userId, listener: 'mqtt' }])
  const after = String(items[0]?.id)
  expect((await call(broker.decisions, { search: { after } })).items).toEqual([])
  expect((await call(broker.decisions, { search: { 'outcome[eq]': 'closed', search: 'listed' } })).items).toEqual([])
  for (const [listener, count] of [
    ['mqtt', 1],
    ['mqtts', 0],
  ] as const) {
    const search = { search: 'of-listed', 'listener[eq]': listener }
    expect((await call(broker.decisions, { search })).items).toHaveLength(count)
    expect((await call(broker.connections, { search })).total).toBe(count)
  }
})

describe('closing a connection', () => {
  test('ends the connection and records an audit event', async () => {
    await makeDevice('closable', [])
    const client = await connect('closable')
    const closed = new Promise((resolve) => client.on('close', () => resolve(null)))
    const connectionId = (await connectionOf('closable'))?.id ?? ''
    const call = await app.as('admin')
    await call(broker.disconnect, { params: { connectionId } })
    await closed
    const { items } = await call(audit.list, { search: { 'action[eq]': 'connection.closed' } })
    expect(items).toMatchObject([
      { target: { type: 'connection', id: connectionId, name: 'of-closable' }, before: { username: 'closable' } },
    ])
    await refused(call(broker.disconnect, { params: { connectionId } }), 'not_found')
  })

  test('refuses a caller who does not cover the user of the connection', async () => {
    const call = await app.as('admin')
    const role = { context: 'http', operation: 'readWrite', resource: '/api/broker/#' } as const
    await call(users.create, {
      body: {
        username: 'closer',
        password: goodPassword,
        mustChangePassword: false,
        grantTypes: [{ method: 'password' }],
        permissions: [role],
      },
    })
    await makeDevice('above', [{ resource: 'line-3/#' }])
    await connect('above')
    const browser = app.browser()
    await browser.call(session.signIn, { body: { username: 'closer', password: goodPassword } })
    const before = (await call(audit.list, { search: { 'action[eq]': 'connection.closed' } })).total
    const connectionId = (await connectionOf('above'))?.id ?? ''
    await refused(browser.call(broker.disconnect, { params: { connectionId } }), 'above_caller')
    expect((await connectionOf('above'))?.id).toBe(connectionId)
    expect((await call(audit.list, { search: { 'action[eq]': 'connection.closed' } })).total).toBe(before)
  })
})

test('the broker enforces a change of the console before the answer', async () => {
  const userId = await makeDevice('changed', [])
  const client = await connect('changed')
  const closed = new Promise((resolve) => client.on('close', () => resolve(null)))
  const call = await app.as('admin')
  const answer = await call(users.update, { params: { id: userId }, body: { grantTypes: [{ method: 'certificate' }] } })
  expect(answer).toMatchObject({ disconnected: 1, warnings: [] })
  await closed
  await expect(connect('changed')).rejects.toMatchObject({ code: 5 })
})

test('a sign-in on the broker sets the last sign-in of the user', async () => {
  const userId = await makeDevice('seen', [])
  await connect('seen')
  const call = await app.as('admin')
  const isSeen = async () => expect((await call(users.view, { params: { id: userId } })).lastSignInAt).not.toBeNull()
  await eventually(isSeen)
})
