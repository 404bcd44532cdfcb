import { type Issued, issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  addPermission,
  eventually,
  removePermission,
  setGrants,
  startWorld,
  type World,
} from '../../../test/broker-world.ts'
import type { UserFacts } from '../../access/decision/facts.ts'
import { systemClock } from '../../platform/base/clock.ts'
import { appendChange } from '../../platform/changes/store.ts'
import { openDatabase } from '../../platform/db/open.ts'

let world: World
let everything: Awaited<ReturnType<World['connect']>>
beforeAll(async () => {
  world = await startWorld()
  await world.addUser('everything', { password: 'p', read: ['#'], write: ['#'] })
})
afterAll(() => world.stop())

let made = 0
/** A device with an authority of its own, connected, subscribed to `line-3/#`, with a session that outlives the connection. */
async function device(authority: Issued = makeAuthority({ subject: `CA ${++made}` }), usernames: string[] = []) {
  const username = `device-${++made}`
  const known = await world.db
    .selectFrom('authorities')
    .select('fingerprint')
    .where('fingerprint', '=', authority.fingerprint)
    .execute()
  if (known.length === 0) await world.addAuthority(authority, usernames)
  const userId = await world.addUser(username, { read: ['line-3/#', 'line-4/#'], write: ['line-3/#'] })
  const tls = issue(authority, { subject: username })
  const come = (more: object = {}) => world.connect({ tls, connect: { clientId: username, clean: false, ...more } })
  const client = await come()
  expect(await client.connack()).toBe(0)
  expect(await client.subscribeWith(1, 'line-3/#')).toEqual([1])
  return { authority, username, userId, come, client }
}

async function publish(topic: string): Promise<void> {
  const connect = { username: 'everything', password: Buffer.from('p') }
  everything ??= await world.connect({ connect })
  everything.publish(topic, 'x', { qos: 1, messageId: 1 })
  expect(await everything.settle()).toBe(true)
}

describe('a withdrawn right ends the connections that depend on it', () => {
  type Device = Awaited<ReturnType<typeof device>>
  const changes: [string, (device: Device) => Promise<number | null>][] = [
    [
      'the grant',
      async ({ userId }) => {
        await setGrants(world.db, userId, [])
        return world.changed({ kind: 'user', ids: [userId] })
      },
    ],
    [
      'the state',
      async ({ userId }) => {
        await world.db
          .updateTable('users')
          .set({ disabled_at: '2026-01-01T00:00:00.000Z' })
          .where('id', '=', userId)
          .execute()
        return world.changed({ kind: 'user', ids: [userId] })
      },
    ],
    [
      'the user',
      async ({ userId }) => {
        await world.db.deleteFrom('users').where('id', '=', userId).execute()
        return world.changed({ kind: 'user', ids: [userId] })
      },
    ],
    [
      'the authority',
      async ({ authority }) => {
        await world.db.deleteFrom('authorities').where('fingerprint', '=', authority.fingerprint).execute()
        return world.changed({ kind: 'authority', ids: null })
      },
    ],
    [
      'trust in the authority',
      async ({ authority }) => {
        await world.db
          .updateTable('authorities')
          .set({ withdrawn_at: '2026-01-01T00:00:00.000Z' })
          .where('fingerprint', '=', authority.fingerprint)
          .execute()
        return world.changed({ kind: 'authority', ids: null })
      },
    ],
    [
      'its trust in this username',
      async ({ authority: { fingerprint } }) => {
        await world.db.insertInto('authority_usernames').values({ fingerprint, glob: 'nobody' }).execute()
        return world.changed({ kind: 'authority', ids: null })
      },
    ],
    [
      'the permission of a subscription',
      async ({ userId }) => {
        await removePermission(world.db, userId, 'line-3/#')
        await addPermission(world.db, userId, { resource: 'line-3/a', operation: 'read' })
        return world.changed({ kind: 'user', ids: [userId] })
      },
    ],
  ]

  test.each(changes)('%s: closed, will and session gone, nothing queued', async (_name, change) => {
    const bystander = await device()
    const it = await device()
    expect(await change(it)).toBe(1)
    await it.client.closed
    expect(await world.decided({ username: it.username, outcome: 'closed', reason: 'withdrawn' })).toHaveLength(1)
    await publish('line-3/x')
    expect(await bystander.client.next('publish')).not.toBeNull()
    // With everything given back: the session is not there any more.
    await restore(it)
    const back = await it.come()
    expect(await back.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false })
    await back.settle()
    expect(back.messages()).toEqual([])
  })

  test.each(changes)('%s: of one that is away the session goes too', async (_name, change) => {
    const it = await device()
    it.client.socket.destroy()
    await gone(it.username)
    expect(await change(it)).toBe(0)
    await publish('line-3/x')
    await restore(it)
    const back = await it.come()
    expect(await back.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: false })
    await back.settle()
    expect(back.messages()).toEqual([])
  })

  async function restore({ userId, username, authority }: Device): Promise<void> {
    await world.db.updateTable('users').set({ disabled_at: null }).where('id', '=', userId).execute()
    const there = await world.db.selectFrom('users').select('id').where('id', '=', userId).executeTakeFirst()
    if (there) await setGrants(world.db, userId, ['certificate'])
    else await world.addUser(username, { read: ['line-3/#'] })
    await world.db.deleteFrom('authorities').where('fingerprint', '=', authority.fingerprint).execute()
    await world.addAuthority(authority)
    if (there) await addPermission(world.db, userId, { resource: 'line-3/b/#', operation: 'read' })
    await world.changed({ kind: 'user', ids: [userId] })
  }
})

async function gone(username: string): Promise<void> {
  await eventually(async () => expect((await world.broker.connections({ search: username }))?.total).toBe(0))
}

test('a withdrawn right that was not used closes nothing, and counts for the next packet', async () => {
  const { userId, client } = await device()
  await removePermission(world.db, userId, 'line-4/#')
  expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(0)
  expect(await client.subscribe('line-4/#')).toEqual([128])
})

test('a new right counts for the next packet', async () => {
  const { userId, client } = await device()
  expect(await client.subscribe('line-5/#')).toEqual([128])
  await addPermission(world.db, userId, { resource: 'line-5/#', operation: 'read' })
  expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(0)
  expect(await client.subscribe('line-5/#')).toEqual([0])
})

test('another CA on a second path keeps the connection', async () => {
  const keys = makeAuthority({ subject: 'Cross' })
  const twin = makeAuthority({ subject: 'Cross', privateKeyPem: keys.privateKeyPem })
  const it = await device(keys)
  await world.addAuthority(twin)
  await world.db.deleteFrom('authorities').where('fingerprint', '=', keys.fingerprint).execute()
  expect(await world.changed({ kind: 'authority', ids: null })).toBe(0)
  expect(await it.client.settle()).toBe(true)
  const found = (await world.broker.connections({ search: it.username }))?.items[0]
  expect(found?.certificate?.authority).toBe(twin.fingerprint)
})

const asPerson = (password: string, clientId: string) => ({
  username: 'person',
  password: Buffer.from(password),
  clientId,
  clean: false,
})

describe('passwords', () => {
  test('a new password ends connections by the old one, and keeps their sessions', async () => {
    const userId = await world.addUser('person', { password: 'old', read: ['line-3/#'] })
    const client = await world.connect({ connect: asPerson('old', 'person-1') })
    expect(await client.connack()).toBe(0)
    await client.subscribeWith(1, 'line-3/#')
    await world.db.updateTable('users').set({ password_hash: 'another' }).where('id', '=', userId).execute()
    expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(1)
    await client.closed
    const checks = world.passwordChecks.length
    world.answerPasswords(async ({ password }) => (password === 'new' ? 'right' : 'wrong'))
    expect(await (await world.connect({ connect: asPerson('old', 'person-1') })).connack()).toBe(4)
    const back = await world.connect({ connect: asPerson('new', 'person-1') })
    expect(await back.next('connack')).toMatchObject({ returnCode: 0, sessionPresent: true })
    expect(world.passwordChecks).toHaveLength(checks + 2)
    world.answerPasswords(null)
  })

  test('a password that becomes required ends connections without it', async () => {
    const it = await device()
    await setGrants(world.db, it.userId, ['certificate', { method: 'password', isRequired: true }])
    expect(await world.changed({ kind: 'user', ids: [it.userId] })).toBe(1)
    await it.client.closed
  })
})

describe('changes by another process', () => {
  test('are enforced within moments: a right, and the trust store', async () => {
    const one = await device()
    const two = await device()
    const three = await device()
    const other = await openDatabase(world.database)
    const { fingerprint } = two.authority
    await other.db.transaction().execute(async (trx) => {
      await setGrants(trx, one.userId, [])
      await appendChange(trx, systemClock, { kind: 'user', ids: [one.userId] })
    })
    await one.client.closed
    await other.db.transaction().execute(async (trx) => {
      await trx.deleteFrom('authorities').where('fingerprint', '=', fingerprint).execute()
      await appendChange(trx, systemClock, { kind: 'authority', ids: [fingerprint] })
    })
    await two.client.closed
    await other.close()
    expect(await three.client.settle()).toBe(true)
  })
})

describe('a preview ends nothing', () => {
  test('a change of a user', async () => {
    const { userId, username, client } = await device()
    const facts: UserFacts = {
      id: userId,
      username,
      disabledAt: null,
      grants: [{ method: 'certificate', isRequired: false }],
      mqttPermissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }],
      permissions: [{ context: 'mqtt', resource: 'line-3/#', operation: 'read' }],
      mqttPublishPrefix: null,
    }
    const impacts = [
      world.broker.impactOnUser(userId, facts),
      world.broker.impactOnUser(userId, null),
      world.broker.impactOnUser(userId, { ...facts, grants: [] }),
      world.broker.impactOnUser(userId, { ...facts, mqttPermissions: [] }),
      world.broker.impactOnUser(userId, { ...facts, disabledAt: '2026-01-01T00:00:00.000Z' }),
    ]
    expect(await Promise.all(impacts)).toEqual([0, 1, 1, 1, 1])
    expect(await client.settle()).toBe(true)
    expect(await world.broker.connectionsOf(userId)).toBe(1)
  })

  test('a change of a CA', async () => {
    const one = await device()
    const two = await device(one.authority)
    const { fingerprint } = one.authority
    expect(await world.broker.impactOnAuthority(fingerprint, { delete: true })).toEqual({
      connections: 2,
      usernames: [one.username, two.username],
      userCount: 2,
    })
    const narrowed = await world.broker.impactOnAuthority(fingerprint, { usernames: [one.username], limitedBy: null })
    expect(narrowed).toMatchObject({ connections: 1, usernames: [two.username] })
    const unlimited = await world.broker.impactOnAuthority(fingerprint, { usernames: [], limitedBy: null })
    expect(unlimited).toMatchObject({ connections: 0 })
    expect((await world.broker.connectionsByAuthority())?.get(fingerprint)).toEqual({ connections: 2, users: 2 })
    expect(await one.client.settle()).toBe(true)
  })
})
