import { everything, type Permission } from '@gatehouse/contract/access/permission'
import { maxViewsPerUser, type TopicEvent, topics, type WatchedTopic } from '@gatehouse/contract/brokers/topics'
import type { ApiProblem, Call } from '@gatehouse/contract/client'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Browser, goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { connectClient, type RawClient } from '../../../test/mqtt-client.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { openDatabase } from '../../platform/db/open.ts'
import type { By } from '../../platform/http/request.ts'
import { clear, publish as publishByApi, type TopicsContext } from './routes.ts'

let app: TestApp
let admin: Call
let device: RawClient
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
  await makePerson('press-7', [mqtt('line-3/#')])
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  device = await connectClient(port, { connect: { username: 'press-7', password: Buffer.from(goodPassword) } })
  await device.connack()
})
afterAll(() => app.stop())

const mqtt = (resource: string, operation: Permission['operation'] = 'readWrite'): Permission => ({
  context: 'mqtt',
  resource,
  operation,
})
const mayWatch: Permission = { context: 'http', resource: '/api/broker/topics/#', operation: 'read' }
const mayPublish: Permission = { context: 'http', resource: '/api/broker/topics/#', operation: 'readWrite' }

async function makePerson(username: string, permissions: Permission[], mqttPublishPrefix?: string): Promise<string> {
  const grantTypes = [{ method: 'password' as const }]
  const body = { username, password: goodPassword, grantTypes, permissions, mustChangePassword: false }
  const { id } = await admin(users.create, { body: { ...body, ...(mqttPublishPrefix && { mqttPublishPrefix }) } })
  return id
}

async function signIn(username: string): Promise<Browser> {
  const browser = app.browser()
  await browser.call(session.signIn, { body: { username, password: goodPassword } })
  return browser
}

let lastId = 0
async function publish(topic: string, payload: string | Buffer, retain = false): Promise<void> {
  device.publish(topic, payload as string, { qos: 1, messageId: ++lastId, retain })
  await expect.poll(() => device.next('puback')).not.toBeNull()
}

/** A live view that is read to its end. */
class LiveView {
  readonly topics = new Map<string, WatchedTopic>()
  end: string | null = null
  status = 0
  isDone = false
  readonly #stop = new AbortController()

  constructor(browser: Browser, filter: string) {
    void this.#read(browser, filter)
  }

  close(): void {
    this.#stop.abort()
  }

  async #read(browser: Browser, filter: string): Promise<void> {
    try {
      const address = `${app.url}/api/broker/topics?filter=${encodeURIComponent(filter)}`
      const response = await browser.fetch(address, { signal: this.#stop.signal })
      this.status = response.status
      let text = ''
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk
        const events = text.split('\n\n')
        text = events.pop() ?? ''
        for (const event of events) this.#take(event)
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error
    } finally {
      this.isDone = true
    }
  }

  #take(event: string): void {
    const data = JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null') as TopicEvent & { code: string }
    if (event.startsWith('event: end')) this.end = data.code
    else for (const topic of data.topics) this.topics.set(topic.topic, topic)
  }
}

describe('a live view', () => {
  test('shows retained messages, then what is published', async () => {
    await publish('line-3/state', 'retained before', true)
    const view = new LiveView(await signIn('admin'), 'line-3/#')
    await expect.poll(() => view.topics.get('line-3/state')).toMatchObject({ messages: 0, retained: true, at: null })
    await publish('line-3/press/temperature', '21.5')
    await publish('line-3/press/temperature', '22')
    await expect
      .poll(() => view.topics.get('line-3/press/temperature'))
      .toMatchObject({ messages: 2, bytes: 2, retained: false, preview: '22' })
    await publish('line-3/press/image', Buffer.from([0, 0xff, 1]))
    await expect.poll(() => view.topics.get('line-3/press/image')).toMatchObject({ bytes: 3, preview: null })
    view.close()
  })

  test('shows the figures of the broker to a person who may read them', async () => {
    const view = new LiveView(await signIn('admin'), '$SYS/#')
    await expect.poll(() => view.topics.get('$SYS/broker/version')?.preview, { timeout: 20_000 }).toContain('Gatehouse')
    view.close()
  })

  test('is refused without the right to read the whole filter, and without the permission for the page', async () => {
    await makePerson('reader', [mayWatch, mqtt('line-3/press/#', 'read')])
    const reader = await signIn('reader')
    for (const filter of ['#', 'line-3/#', '+/press/a', '$SYS/#', '$share/g/line-3/press/a']) {
      const view = new LiveView(reader, filter)
      await expect.poll(() => view.status).toBe(403)
    }
    const allowed = new LiveView(reader, 'line-3/press/+')
    await expect.poll(() => allowed.status).toBe(200)
    allowed.close()
    await makePerson('client-only', [mqtt('#')])
    const other = new LiveView(await signIn('client-only'), 'line-3/#')
    await expect.poll(() => other.status).toBe(403)
  })

  test('ends when the session ends', async () => {
    const browser = await signIn('admin')
    const view = new LiveView(browser, 'line-3/#')
    await expect.poll(() => view.status).toBe(200)
    await admin(sessions.endOthers, {})
    await expect.poll(() => view.end).toBe('not_signed_in')
    await expect.poll(() => view.isDone).toBe(true)
  })

  test('ends when the MQTT permission is withdrawn, and shows nothing after that', async () => {
    const id = await makePerson('watcher', [mayWatch, mqtt('line-3/#', 'read')])
    const view = new LiveView(await signIn('watcher'), 'line-3/#')
    await expect.poll(() => view.status).toBe(200)
    await admin(users.update, { params: { id }, body: { permissions: [mayWatch, mqtt('line-3/a', 'read')] } })
    await publish('line-3/after', 'secret')
    await expect.poll(() => view.end).toBe('not_permitted')
    expect(view.topics.has('line-3/after')).toBe(false)
  })

  test('is refused to a person who has too many', async () => {
    await makePerson('many', [mayWatch, mqtt('line-3/#', 'read')])
    const browser = await signIn('many')
    const views = Array.from({ length: maxViewsPerUser }, () => new LiveView(browser, 'line-3/#'))
    await expect.poll(() => views.map(({ status }) => status)).toEqual(views.map(() => 200))
    const further = new LiveView(browser, 'line-3/#')
    await expect.poll(() => further.status).toBe(429)
    views[0]?.close()
    await expect
      .poll(async () => {
        const again = new LiveView(browser, 'line-3/#')
        await expect.poll(() => again.status).not.toBe(0)
        again.close()
        return again.status
      })
      .toBe(200)
    for (const view of views) view.close()
  })
})

const view = (topic: string, whole?: 'true') => admin(topics.view, { search: { topic, ...(whole && { whole }) } })

const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => 'found',
    (problem: ApiProblem) => problem.code,
  )

describe('one message', () => {
  test('is the beginning of a large one, and the whole of a retained one', async () => {
    const payload = 'x'.repeat(100_000)
    await publish('line-3/large', payload, true)
    expect(await view('line-3/large')).toMatchObject({ payload: { bytes: 100_000 }, retained: true, qos: 1 })
    const whole = await view('line-3/large', 'true')
    expect(Buffer.from(whole.payload.base64, 'base64').toString()).toBe(payload)
  })

  test('is not found if nobody watched and nothing is retained', async () => {
    await publish('line-3/passing', 'x')
    // The views of the tests before may not be closed yet.
    await expect.poll(() => codeOf(view('line-3/passing'))).toBe('not_found')
  })

  test('is refused without the right to read the topic', async () => {
    const { call } = await signIn('reader')
    await refused(call(topics.view, { search: { topic: 'line-3/large' } }), 'not_permitted')
  })
})

describe('publishing', () => {
  test('reaches subscribers, and is in the audit without its payload', async () => {
    await device.subscribeWith(0, 'line-3/orders')
    const body = { topic: 'line-3/orders', payload: 'Zm9v', encoding: 'base64', retain: true } as const
    expect(await admin(topics.publish, { body })).toEqual({
      topic: 'line-3/orders',
      retained: true,
      hasSubscribers: true,
    })
    expect(await device.next('publish')).toMatchObject({ topic: 'line-3/orders', payload: Buffer.from('foo') })
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'message.published' } })
    expect(items).toMatchObject([
      { target: { type: 'topic', id: 'line-3/orders' }, after: { bytes: 3, qos: 0, retain: true } },
    ])
    expect(JSON.stringify(items)).not.toContain('foo')
  })

  test('needs the right to write the topic, with the publish prefix', async () => {
    await makePerson('writer', [mayPublish, mqtt('line-3/press-1/#')], 'line-3/press-')
    const { call } = await signIn('writer')
    const to = (topic: string) => call(topics.publish, { body: { topic, payload: 'x', retain: true } })
    expect(await to('1/a')).toMatchObject({ topic: 'line-3/press-1/a' })
    await refused(to('2/a'), 'not_permitted')
    await refused(to('line-3/press-1/a'), 'not_permitted')
    const toClear = (topic: string) => call(topics.clear, { search: { topic } })
    await refused(toClear('line-3/orders'), 'not_permitted')
    await toClear('line-3/press-1/a')
    await refused(toClear('line-3/press-1/a'), 'not_found')
    const { items } = await admin(audit.list, { search: { 'action[eq]': 'message.cleared' } })
    expect(items).toMatchObject([{ target: { id: 'line-3/press-1/a' }, actor: { username: 'writer' } }])
  })

  test('is refused below $SYS, to everybody', async () => {
    await refused(admin(topics.publish, { body: { topic: '$SYS/broker/version', payload: 'x' } }), 'not_permitted')
  })

  test('is refused to a person who may only watch', async () => {
    const { call } = await signIn('reader')
    await refused(call(topics.publish, { body: { topic: 'line-3/press/a', payload: 'x' } }), 'not_permitted')
  })
  test('changes nothing for a caller who has lost the rights since the request was authorised', async () => {
    const userId = await makePerson('late', [])
    const { db, close } = await openDatabase(app.database)
    const broker = {
      topicMessage: () => Promise.resolve({ found: { retained: true, payload: { bytes: 1 } } }),
      publishMessage: () => Promise.reject(new Error('a message was published')),
    } as unknown as TopicsContext['broker']
    const context = { db, reader: db, clock: systemClock, broker }
    const caller = { userId, username: 'late', via: 'session', permissions: everything }
    const by = { caller, request: { address: '127.0.0.1' } } as unknown as By
    const body = topics.publish.body.parse({ topic: 'line-3/late', payload: 'x' })
    await expect(publishByApi(context, body, by)).rejects.toMatchObject({ code: 'not_permitted' })
    await expect(clear(context, 'line-3/late', by)).rejects.toMatchObject({ code: 'not_permitted' })
    const { items } = await admin(audit.list, { search: { 'actor[eq]': userId } })
    expect(items).toEqual([])
    await close()
  })
})
