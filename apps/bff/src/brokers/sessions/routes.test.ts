import { broker } from '@gatehouse/contract/brokers/broker'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { retained } from '@gatehouse/contract/brokers/retained'
import type { Call } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { connectClient, type RawClient } from '../../../test/mqtt-client.ts'

let app: TestApp
let admin: Call
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
  for (const username of ['press-7', 'press-8']) {
    const permissions = [{ context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' } as const]
    await admin(users.create, { body: { username, password: goodPassword, grantTypes: [password], permissions } })
  }
})
afterAll(() => app.stop())

const password = { method: 'password' as const }

async function join(username: string, clientId: string, clean = false): Promise<{ client: RawClient; code: number }> {
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  const connect = { username, password: Buffer.from(goodPassword), clientId, clean }
  const client = await connectClient(port, { connect })
  return { client, code: (await client.connack()) ?? -1 }
}

describe('sessions', () => {
  test('are listed with their user, also of clients that are away', async () => {
    const { client } = await join('press-7', 'of/press-7')
    expect(await client.subscribeWith(1, 'line-3/#')).toEqual([1])
    client.socket.destroy()
    await client.closed
    const { client: other } = await join('press-8', 'publisher')
    other.publish('line-3/a', 'waits', { qos: 1, messageId: 1 })
    expect(await other.next('puback')).not.toBeNull()
    const viewer = await app.as('auditor')
    const { items, total } = await viewer(mqttSessions.list, { search: { search: 'OF/press' } })
    expect(total).toBe(1)
    expect(items).toMatchObject([
      { clientId: 'of/press-7', username: 'press-7', connected: false, subscriptions: 1, queued: 1 },
    ])
    expect(Date.parse(items[0]?.expiresAt ?? '')).toBeGreaterThan(app.now().getTime())
    expect((await viewer(mqttSessions.list, { search: { search: 'publisher' } })).items[0]?.connected).toBe(true)
  })

  test('a taken client id: Decisions names its holder, and deleting the session frees it', async () => {
    await join('press-7', 'wanted').then(({ client }) => client.socket.destroy())
    expect((await join('press-8', 'wanted')).code).toBe(2)
    const { items } = await admin(broker.decisions, { search: { search: 'wanted', 'outcome[eq]': 'refused' } })
    expect(items).toMatchObject([{ reason: 'client_id_taken', username: 'press-8', holder: 'press-7' }])
    await admin(mqttSessions.remove, { search: { clientId: 'wanted' } })
    expect((await join('press-8', 'wanted')).code).toBe(0)
    const events = await admin(audit.list, { search: { 'action[eq]': 'mqtt-session.deleted' } })
    expect(events.items).toMatchObject([
      { target: { type: 'mqtt-session', id: 'wanted' }, before: { username: 'press-7' } },
    ])
  })

  test('deleting one ends its connection; another time there is none', async () => {
    const { client } = await join('press-7', 'connected')
    await admin(mqttSessions.remove, { search: { clientId: 'connected' } })
    await client.closed
    await refused(admin(mqttSessions.remove, { search: { clientId: 'connected' } }), 'not_found')
  })
})

describe('retained messages', () => {
  test('are listed by filter without their payload, and deleted with an audit event', async () => {
    const { client } = await join('press-7', 'retaining')
    for (const [at, topic] of ['line-3/x/a', 'line-3/x/b', 'line-3/y'].entries()) {
      client.publish(topic, 'state', { qos: 1, messageId: at + 1, retain: true })
      expect(await client.next('puback')).not.toBeNull()
    }
    const list = (filter: string) => admin(retained.list, { search: { filter } })
    expect(await list('line-3/x/#')).toMatchObject({
      items: [
        { topic: 'line-3/x/a', bytes: 5, username: 'press-7', expiresAt: null },
        { topic: 'line-3/x/b', bytes: 5 },
      ],
      isMore: false,
      messages: 3,
    })
    const { items } = await list('line-3/x/a')
    expect(Date.parse(items[0]?.publishedAt ?? '')).toBeGreaterThan(0)
    const auditor = await app.as('auditor')
    await refused(auditor(retained.clear, { search: { filter: '#' } }), 'not_permitted')
    expect(await admin(retained.clear, { search: { filter: 'line-3/x/+' } })).toEqual({ cleared: 2, isMore: false })
    expect((await list('#')).items.map(({ topic }) => topic)).toEqual(['line-3/y'])
    const events = await admin(audit.list, { search: { 'action[eq]': 'retained.cleared' } })
    expect(events.items).toMatchObject([{ target: { type: 'retained', id: 'line-3/x/+' } }])
  })

  test('need the MQTT permissions of the caller: to read for their contents, to write for their deletion', async () => {
    const permissions = [{ context: 'http', resource: '/api/broker/#', operation: 'readWrite' } as const]
    const person = { username: 'keeper', password: goodPassword, mustChangePassword: false }
    const { id } = await admin(users.create, { body: { ...person, permissions } })
    const keeper = app.browser()
    await keeper.call(session.signIn, { body: { username: 'keeper', password: goodPassword } })
    const view = () => keeper.call(retained.view, { search: { topic: 'line-3/y' } })
    const clear = () => keeper.call(retained.clear, { search: { filter: 'line-3/y' } })
    await refused(view(), 'not_permitted')
    await refused(clear(), 'not_permitted')
    const line3 = { context: 'mqtt', resource: 'line-3/#', operation: 'readWrite' } as const
    await admin(users.update, { params: { id }, body: { permissions: [...permissions, line3] } })
    expect(await view()).toMatchObject({ message: { topic: 'line-3/y' } })
    await refused(keeper.call(retained.clear, { search: { filter: '#' } }), 'not_permitted')
    expect(await clear()).toEqual({ cleared: 1, isMore: false })
  })

  test('are shown with the first 64 KiB of their payload', async () => {
    const { client } = await join('press-7', 'retaining')
    const payload = 'é'.repeat(35_000)
    client.publish('line-3/large', payload, { qos: 1, messageId: 1, retain: true })
    expect(await client.next('puback')).not.toBeNull()
    const view = { search: { topic: 'line-3/large' } }
    expect(await admin(retained.view, view)).toMatchObject({
      message: { topic: 'line-3/large', bytes: 70_000, username: 'press-7' },
      qos: 1,
      payload: { base64: Buffer.from(payload).subarray(0, 65_536).toString('base64'), bytes: 70_000 },
    })
    await refused(admin(retained.view, { search: { topic: 'line-3/none' } }), 'not_found')
  })

  test('refuses a filter that is not valid', async () => {
    await refused(admin(retained.list, { search: { filter: 'a/#/b' } }), 'invalid')
  })
})
