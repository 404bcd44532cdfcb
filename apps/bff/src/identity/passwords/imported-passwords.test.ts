/** A password that came as a hash of another broker: it works over MQTT, and for the console only after that. */
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { createClient } from '@gatehouse/contract/client'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { type BackDoor, openBackDoor } from '../../../test/back-door.ts'
import { connectClient } from '../../../test/mqtt-client.ts'
import { hashForeign } from './hashing.ts'
import { readForeignHash } from './imported-hash.ts'

const line =
  '$7$101$nIauxfo37+k1DPNw$9tH15CTYwzi9GM//0NVtXxsu6th0m+O1sU0h9xV2TUNQfLBRnjshlQavqIbpsANpFmX1k44avrB7AmAEJA1Hgg=='
const password = 'old password'

let app: TestApp
let door: BackDoor
beforeAll(async () => {
  app = await startApp()
  door = openBackDoor(app)
})
afterAll(async () => {
  await door.close()
  await app.stop()
})

async function makeImported(username: string): Promise<string> {
  const admin = await app.as('admin')
  const grantTypes = [{ method: 'password' as const }]
  await admin(users.create, { body: { username, kind: 'machine', password: goodPassword, grantTypes } })
  const foreign = readForeignHash(line)
  if (typeof foreign === 'string') throw new Error(foreign)
  const stored = await hashForeign(foreign)
  await door.run('update users set password_hash = ?, imported_iterations = 101 where username = ?', stored, username)
  return stored
}

const rowOf = async (username: string) =>
  (await door.rows('select password_hash, imported_iterations from users where username = ?', username))[0]

async function connect(username: string, typed: string): Promise<number | null> {
  const port = Number(new URL(app.started.mqttUrl ?? '').port)
  const client = await connectClient(port, { connect: { username, password: Buffer.from(typed) } })
  const code = await client.connack()
  client.socket.destroy()
  return code
}

it('signs in over MQTT, not to the console, and is renewed by the first right password', async () => {
  const stored = await makeImported('imported-1')
  await refused(app.anyone(session.signIn, { body: { username: 'imported-1', password } }), 'wrong_credentials')
  expect(await connect('imported-1', 'wrong')).toBe(4)
  expect(await rowOf('imported-1')).toMatchObject({ password_hash: stored })

  expect(await connect('imported-1', password)).toBe(0)
  expect(await rowOf('imported-1')).toEqual({
    password_hash: expect.stringMatching(/^\$argon2id\$/),
    imported_iterations: null,
  })
  expect(await connect('imported-1', password)).toBe(0)
  expect(await app.anyone(session.signIn, { body: { username: 'imported-1', password } })).toMatchObject({
    stage: 'full',
  })
})

it('is replaced when an administrator sets a password', async () => {
  await makeImported('imported-2')
  const admin = await app.as('admin')
  const id = await door.idOf('imported-2')
  await admin(users.setPassword, { params: { id: id ?? '' }, body: { newPassword: goodPassword, mustChange: false } })
  expect(await rowOf('imported-2')).toMatchObject({ imported_iterations: null })
  expect(await connect('imported-2', password)).toBe(4)
  expect(await connect('imported-2', goodPassword)).toBe(0)
})

it('does not count as the password of the last administrator', async () => {
  await makeImported('imported-3')
  const admin = await app.as('admin')
  const everything = [{ context: 'http' as const, resource: '/#', operation: 'readWrite' as const }]
  const id = (await door.idOf('imported-3')) ?? ''
  await admin(users.update, { params: { id }, body: { permissions: everything } })
  const grantTypes = [{ method: 'token' as const }]
  const { items } = await admin(roles.list, { search: { 'name[eq]': adminRoleName } })
  await admin(users.create, { body: { username: 'script', grantTypes, roles: items.map((role) => role.id) } })
  const headers = { Authorization: `Bearer ${await door.openToken('script')}` }
  const script = createClient({ baseUrl: app.url, headers })
  const adminId = (await door.idOf('admin')) ?? ''
  await refused(script(users.update, { params: { id: adminId }, body: { disabled: true } }), 'last_admin')
})
