/** MQTT and the console share no pool, and the known address of a machine has its own pool. */
import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { RawClient } from '../../../test/mqtt-client.ts'
import { poolOf } from '../../../test/strangers.ts'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp({ GATEHOUSE_TRUSTED_PROXIES: '127.0.0.1' })
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function makeUser(username: string): Promise<void> {
  const admin = await app.as('admin')
  const grantTypes = [{ method: 'password' as const }]
  await admin(users.create, { body: { username, password: goodPassword, mustChangePassword: false, grantTypes } })
}

/** The return code of a CONNECT from this loopback address: 0 admitted, 4 refused. */
async function connect(localAddress: string, username: string, password = goodPassword): Promise<number | null> {
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  const client = new RawClient(connectSocket({ host: '127.0.0.1', port, localAddress }))
  await once(client.socket, 'connect')
  client.send({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: '',
    clean: true,
    keepalive: 60,
    username,
    password: Buffer.from(password),
  })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

const signIn = (address: string, username: string, password = goodPassword) =>
  createClient({ baseUrl: app.url, headers: { 'X-Forwarded-For': address } })(session.signIn, {
    body: { username, password },
  })

/** Fills this pool so that the next counted failure closes it. */
async function nearCeiling(pool: string): Promise<void> {
  await door.run('update attempts set failures = 99 where pool = ?', pool)
  expect(await door.value('select failures from attempts where pool = ?', pool)).toBe(99)
}

it('made-up MQTT usernames from one address close neither the console nor a known machine at that address', async () => {
  for (const username of ['machine', 'person', 'other-machine']) await makeUser(username)
  expect(await connect('127.0.0.2', 'machine')).toBe(0)
  expect(await connect('127.0.0.2', 'invented-1', 'wrong')).toBe(4)
  await nearCeiling('mqtt|address|127.0.0.2')
  expect(await connect('127.0.0.2', 'invented-2', 'wrong')).toBe(4)
  // Closed for unknown sources: the right password is refused too.
  expect(await connect('127.0.0.2', 'other-machine')).toBe(4)
  expect(await connect('127.0.0.3', 'other-machine')).toBe(0)

  // Two, because the first wrong password only makes the broker forget that it has just seen the right one.
  expect(await connect('127.0.0.2', 'machine', 'wrong')).toBe(4)
  expect(await connect('127.0.0.2', 'machine')).toBe(0)
  expect(await signIn('127.0.0.2', 'person')).toMatchObject({ stage: 'full' })
})

it('made-up console usernames from one address do not close MQTT at that address', async () => {
  await makeUser('apart')
  await refused(signIn('127.0.0.4', 'invented-3', 'wrong'), 'wrong_credentials')
  await nearCeiling('password|address|127.0.0.4')
  await refused(signIn('127.0.0.4', 'invented-4', 'wrong'), 'wrong_credentials')
  await refused(signIn('127.0.0.4', 'apart'), 'throttled')
  expect(await connect('127.0.0.4', 'apart')).toBe(0)
})

it('guesses over MQTT from many addresses stop neither the known machine nor the user in the console', async () => {
  await makeUser('targeted')
  expect(await connect('127.0.0.5', 'targeted')).toBe(0)
  expect(await connect('127.0.0.6', 'targeted', 'wrong')).toBe(4)
  await nearCeiling(poolOf('mqtt', 'targeted'))
  expect(await connect('127.0.0.7', 'targeted', 'wrong')).toBe(4)
  expect(await connect('127.0.0.8', 'targeted')).toBe(4)

  expect(await connect('127.0.0.5', 'targeted', 'wrong')).toBe(4)
  expect(await connect('127.0.0.5', 'targeted')).toBe(0)
  expect(await signIn('192.0.2.5', 'targeted')).toMatchObject({ stage: 'full' })
})

it('guesses from the known address of a machine have to wait, and its next right password clears them', async () => {
  await makeUser('beside')
  expect(await connect('127.0.0.9', 'beside')).toBe(0)
  for (let n = 0; n < 5; n++) expect(await connect('127.0.0.9', 'beside', 'wrong')).toBe(4)
  expect(await connect('127.0.0.9', 'beside')).toBe(4)
  app.advance(30_000)
  expect(await connect('127.0.0.9', 'beside')).toBe(0)
})

it('does not remember the address of a user without the password grant', async () => {
  await makeUser('barred')
  await door.setFacts('barred', { disabled_at: new Date().toISOString() })
  expect(await connect('127.0.0.10', 'barred')).toBe(5)
  expect(await door.rows('select * from known_sources where user_id = ?', await door.idOf('barred'))).toEqual([])
})
