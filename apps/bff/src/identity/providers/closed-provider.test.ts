// @postgres
/** A disabled provider refuses the users who come from it everywhere, and its preview says what ends. */
import { permissions } from '@gatehouse/contract/access/permissions'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, refused, type TestApp } from '../../../test/app.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { addDirectory, type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'
import { prepareUserFacts } from '../../certificates/trust/user-facts-store.ts'
import { openPreparedReader } from '../../platform/db/prepared-reader.ts'

let app: TestApp
let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
let plant: string
beforeAll(async () => {
  ;({ app, admin, world, door, stop } = await startProvisioningApp())
  plant = await addDirectory(admin, 'plant')
})
afterAll(() => stop())

const change = (body: { enabled?: boolean; keepsCertificates?: boolean; settings?: object }) =>
  admin(identityProviders.update, { params: { id: plant }, body: { kind: 'ldap', ...body } })

async function browserOf(username: string): Promise<Browser> {
  const cookie = await door.openSession(username)
  return app.browser(() => ({ Cookie: cookie }))
}

/** As the broker judges the user. */
async function brokerFacts(username: string) {
  const reader = openPreparedReader(app.database)
  const user = await prepareUserFacts(reader).findUser(username)
  await reader.close()
  return user && { isDisabled: user.disabledAt !== null, passwordEndsAt: user.passwordEndsAt }
}

it('ends sessions and tokens of its users, refuses them while it is disabled, and counts them before', async () => {
  await world.provide(plant, { subject: 'e-anna', username: 'anna' })
  await door.run("insert into user_grants select id, 'token', 0 from users where username = 'anna'")
  const browser = await browserOf('anna')
  const token = await door.asToken('anna')
  await refused(token(users.list, {}), 'not_permitted')
  const impact = await admin(identityProviders.impact, { params: { id: plant }, body: { keepsCertificates: false } })
  expect(impact).toMatchObject({ users: 1, sessions: 1, tokens: 1, connections: 0 })
  await change({ enabled: false })
  await refused(browser.call(session.view, {}), 'not_signed_in')
  await refused(token(users.list, {}), 'not_signed_in')
  const { items } = await admin(audit.list, { search: { limit: 1, 'targetType[eq]': 'identity-provider' } })
  expect(items[0]?.after).toMatchObject({ enabled: false, ended: 1, endedTokens: 1 })
  // Made meanwhile, such as by a request that had begun before.
  const late = await browserOf('anna')
  const lateToken = await door.asToken('anna')
  await refused(late.call(session.view, {}), 'not_signed_in')
  await refused(lateToken(users.list, {}), 'not_signed_in')
  await change({ enabled: true })
  await late.call(session.view, {})
  await refused(browser.call(session.view, {}), 'not_signed_in')
  await refused(token(users.list, {}), 'not_signed_in')
})

it('refuses certificates of its users too, unless an administrator keeps them', async () => {
  await world.provide(plant, { subject: 'e-carl', username: 'carl' })
  expect(await brokerFacts('carl')).toEqual({ isDisabled: false, passwordEndsAt: new Date(0) })
  await change({ enabled: false })
  expect(await brokerFacts('carl')).toMatchObject({ isDisabled: true })
  await change({ keepsCertificates: true, settings: { mqttPasswords: true } })
  expect(await brokerFacts('carl')).toEqual({ isDisabled: false, passwordEndsAt: new Date(0) })
  await change({ enabled: true })
  expect(await brokerFacts('carl')).toEqual({ isDisabled: false, passwordEndsAt: null })
  expect(await brokerFacts('admin')).toEqual({ isDisabled: false, passwordEndsAt: null })
})

it('the tester denies its users everything, except MQTT and the edge while the provider keeps their certificates', async () => {
  await world.provide(plant, { subject: 'e-emil', username: 'emil' })
  for (const context of ['http', 'mqtt', 'edge']) {
    await door.run(`insert into user_permissions (user_id, context, resource, operation)
      select id, '${context}', '/line', 'read' from users where username = 'emil'`)
  }
  const id = await door.value<string>("select id from users where username = 'emil'")
  const may = async (context: 'http' | 'mqtt' | 'edge') => {
    const body = { context, resource: '/line', operation: 'read' } as const
    return (await admin(permissions.check, { params: { id }, body })).allowed
  }
  const isDisabled = async () => (await admin(permissions.accessOf, { params: { id } })).disabledAt !== null
  const access = async () => [await may('http'), await may('mqtt'), await may('edge'), await isDisabled()]
  await change({ enabled: true, keepsCertificates: false })
  expect(await access()).toEqual([true, true, true, false])
  await change({ enabled: false })
  expect(await access()).toEqual([false, false, false, true])
  await change({ keepsCertificates: true })
  expect(await access()).toEqual([false, true, true, true])
  await change({ enabled: true, keepsCertificates: false })
  expect(await access()).toEqual([true, true, true, false])
})

it('a directory without a service account ends sessions, tokens and MQTT passwords as an OpenID provider does', async () => {
  await world.provide(plant, { subject: 'e-dora', username: 'dora' })
  const signedInAt = "select last_provider_sign_in_at from user_identities where label = 'dora'"
  const at = Date.parse(await door.value<string>(signedInAt))
  await change({ settings: { bind: 'direct', userRdn: 'uid', mqttPasswords: true, lastSignInDays: 2 } })
  const browser = await browserOf('dora')
  await browser.call(session.view, {})
  const passwordEndsAt = new Date(at + 2 * 86_400_000)
  expect(await brokerFacts('dora')).toEqual({ isDisabled: false, passwordEndsAt })
  const twoDaysAgo = new Date(at - 2 * 86_400_000).toISOString()
  await door.run(`update user_identities set last_provider_sign_in_at = '${twoDaysAgo}'`)
  await refused(browser.call(session.view, {}), 'not_signed_in')
  await change({ settings: { bind: 'service' } })
  await browser.call(session.view, {})
})
