/** A password that an administrator chose for a person works for one sign-in to the console. */
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { type UserCreate, users } from '@gatehouse/contract/identity/users'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from '../../../test/app.ts'
import { freshAdmin, signIn } from '../../../test/authenticator.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.stop())

const ways: [string, (user: UserCreate) => Promise<unknown>][] = [
  ['alone', async (body) => (await freshAdmin(app))(users.create, { body })],
  ['in a batch', async (user) => (await freshAdmin(app))(userTransfer.batch, { body: { users: [user] } })],
]
const bothGrants = [{ method: 'password' as const }, { method: 'token' as const }]

async function mustChange(username: string): Promise<boolean | undefined> {
  const { items } = await (await freshAdmin(app))(users.list, { search: { 'username[eq]': username } })
  return items[0]?.mustChangePassword
}

let made = 0
const nextName = () => `user-${++made}`

it.each(ways)(
  'a person made %s must change it: the console shows nothing else, and no token is made',
  async (_, make) => {
    const username = nextName()
    await make({ username, password: goodPassword, grantTypes: bothGrants })
    expect(await mustChange(username)).toBe(true)
    const { call } = await signIn(app, username)
    expect(await call(session.view, {})).toMatchObject({ stage: 'password-change-required' })
    await refused(app.anyone(session.login, { body: { username, password: goodPassword } }), 'login_incomplete')
    const body = { currentPassword: goodPassword, newPassword: 'chosen by the person alone' }
    expect(await call(session.changePassword, { body })).toMatchObject({ stage: 'full' })
    expect(await mustChange(username)).toBe(false)
  },
)

it.each<[string, Partial<UserCreate>, boolean]>([
  ['a machine need not change it', { kind: 'machine' }, false],
  ['a machine must change it if the administrator says so', { kind: 'machine', mustChangePassword: true }, true],
  ['a person need not change it if the administrator says so', { mustChangePassword: false }, false],
  ['a person without a password has none to change', { password: undefined, mustChangePassword: true }, false],
])('%s', async (_, more, expected) => {
  for (const [, make] of ways) {
    const username = nextName()
    await make({ username, password: goodPassword, grantTypes: bothGrants, ...more })
    expect(await mustChange(username)).toBe(expected)
  }
})

it('works on MQTT before it is changed', async () => {
  const username = nextName()
  await (await freshAdmin(app))(users.create, { body: { username, password: goodPassword } })
  const client = await connectAsync(app.started.mqttUrl ?? '', { username, password: goodPassword, reconnectPeriod: 0 })
  expect(client.connected).toBe(true)
  await client.endAsync()
})
