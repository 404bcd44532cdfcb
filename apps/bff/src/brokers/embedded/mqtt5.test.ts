/** What clients of both versions are told: the same refusal has a code in each, and with MQTT 5 its reason. */
import { issue, makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { setGrants, startWorld, type World } from '../../../test/broker-world.ts'

const authority = makeAuthority({ subject: 'Plant' })

let world: World
beforeAll(async () => {
  world = await startWorld()
  await world.addAuthority(authority)
  await world.addUser('person', { password: 'p', read: ['line-3/#'], write: ['line-3/#'] })
  await world.addUser('other', { password: 'p' })
  await world.addUser('without-grant', { password: 'p', grants: [] })
  const disabled = await world.addUser('disabled', { password: 'p' })
  await world.db.updateTable('users').set({ disabled_at: '2026-01-01' }).where('id', '=', disabled).execute()
})
afterAll(() => world.stop())

const versions = [4, 5] as const
type Version = (typeof versions)[number]

interface Wish {
  version: Version
  username?: string
  password?: string
  clientId?: string
  will?: string
}

function connect({ version, username = 'person', password = 'p', clientId = '', will }: Wish) {
  const credentials = { username, password: Buffer.from(password), clientId }
  const withWill = will === undefined ? {} : { will: { topic: will, payload: Buffer.from('x'), qos: 0, retain: false } }
  return world.connect({ connect: { protocolVersion: version, ...credentials, ...withWill } as object })
}

async function signIn(wish: Wish) {
  const client = await connect(wish)
  expect(codeOf(await client.next('connack'))).toBe(0)
  return client
}

function codeOf(packet: { returnCode?: number; reasonCode?: number } | null): number | undefined {
  return packet?.reasonCode ?? packet?.returnCode
}

describe('CONNECT', () => {
  test.each<[string, Omit<Wish, 'version'>, Record<Version, number>, string]>([
    // Three that must not be told apart: a stranger could find out usernames.
    ['an unknown user', { username: 'nobody' }, { 4: 4, 5: 0x86 }, 'wrong_credentials'],
    ['a wrong password', { password: 'wrong' }, { 4: 4, 5: 0x86 }, 'wrong_credentials'],
    ['no credentials', { username: '', password: '' }, { 4: 5, 5: 0x87 }, 'no_credentials'],
    ['a disabled user', { username: 'disabled' }, { 4: 5, 5: 0x87 }, 'disabled'],
    ['a user without the grant', { username: 'without-grant' }, { 4: 5, 5: 0x87 }, 'no_password_grant'],
    ['a client id of another user', { username: 'other', clientId: 'taken' }, { 4: 2, 5: 0x85 }, 'client_id_taken'],
    ['a client id that is too long', { clientId: 'x'.repeat(257) }, { 4: 2, 5: 0x85 }, 'bad_client_id'],
    ['a will on a refused topic', { will: 'line-4/x' }, { 4: 5, 5: 0x87 }, 'will_refused'],
  ])('%s', async (_name, wish, codes, reasonString) => {
    const holder = await signIn({ version: 4, clientId: 'taken' })
    for (const version of versions) {
      const connack = await (await connect({ ...wish, version })).next('connack')
      const told = version === 5 ? reasonString : undefined
      expect([version, codeOf(connack), connack?.properties?.reasonString]).toEqual([version, codes[version], told])
    }
    holder.socket.destroy()
  })

  test('enhanced authentication is refused, with a decision', async () => {
    const properties = { authenticationMethod: 'SCRAM-SHA-1' }
    const client = await world.connect({ connect: { protocolVersion: 5, clientId: 'scram', properties } })
    expect(codeOf(await client.next('connack'))).toBe(0x8c)
    expect(await world.decided({ reason: 'enhanced_authentication', clientId: 'scram' })).toHaveLength(1)
  })
})

describe('a refused topic with MQTT 5', () => {
  test.each([
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const)('QoS %i: is answered in %s with the reason, and the connection stays', async (qos, cmd) => {
    const client = await signIn({ version: 5 })
    client.publish('line-4/x', 'x', { qos, messageId: 3 })
    expect(await client.next(cmd)).toMatchObject({ reasonCode: 0x87, properties: { reasonString: 'publish_refused' } })
    expect(await client.settle()).toBe(true)
  })

  test('QoS 0: is dropped with a decision, and the connection stays', async () => {
    const client = await signIn({ version: 5, clientId: 'qos-0' })
    for (let at = 0; at < 3; at++) client.publish('line-4/x', 'x')
    expect(await client.settle()).toBe(true)
    expect(await world.decided({ reason: 'publish_refused', clientId: 'qos-0' })).toHaveLength(1)
  })

  test('SUBACK has a code for each filter', async () => {
    const client = await signIn({ version: 5 })
    expect(await client.subscribe('line-3/a', 'line-4/a', '$share/g/line-4/a', 'a/#/b')).toEqual([0, 0x87, 0x87, 0x8f])
  })
})

describe('DISCONNECT of the broker with MQTT 5', () => {
  test('tells the reason when a right is withdrawn', async () => {
    const userId = await world.addUser('device', { read: ['line-3/#'] })
    const client = await world.connect({
      tls: issue(authority, { subject: 'device' }),
      connect: { protocolVersion: 5, clientId: 'device' },
    })
    expect(codeOf(await client.next('connack'))).toBe(0)
    await setGrants(world.db, userId, [])
    expect(await world.changed({ kind: 'user', ids: [userId] })).toBe(1)
    const packet = await client.next('disconnect')
    expect(packet).toMatchObject({ reasonCode: 0x98, properties: { reasonString: 'withdrawn' } })
    await client.closed
  })

  test('tells the reason when an administrator closes the connection', async () => {
    const client = await signIn({ version: 5, clientId: 'closable' })
    const [found] = (await world.broker.connections({ search: 'closable' }))?.items ?? []
    expect(await world.broker.close(found?.id ?? '')).toBe(true)
    const packet = await client.next('disconnect')
    expect(packet).toMatchObject({ reasonCode: 0x98, properties: { reasonString: 'closed_by_admin' } })
  })

  test('is 0x8E when the client id connects again', async () => {
    const first = await signIn({ version: 5, clientId: 'twice' })
    await signIn({ version: 5, clientId: 'twice' })
    expect(await first.next('disconnect')).toMatchObject({ reasonCode: 0x8e })
    expect(await world.decided({ reason: 'taken_over', clientId: 'twice' })).toHaveLength(1)
  })

  test('a packet that MQTT does not allow is a decision too', async () => {
    const client = await signIn({ version: 5, clientId: 'wrong' })
    client.socket.write(Buffer.from([0x36, 5, 0, 1, 97, 0, 1])) // QoS 3
    await client.closed
    expect(await world.decided({ reason: 'protocol_error', clientId: 'wrong' })).toHaveLength(1)
  })
})
