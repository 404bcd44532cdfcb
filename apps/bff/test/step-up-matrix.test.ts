/**
 * Which changes need a recent proof of the password or the code. Each route that writes is decided here, apart from the
 * contract: a new one fails until somebody has decided.
 */

import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { operationOf, type Route } from '@gatehouse/contract/route'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { goodPassword, refused, startApp, type TestApp } from './app.ts'
import { enrol, freshAdmin, makeUser, signIn } from './authenticator.ts'
import { type BackDoor, openBackDoor } from './back-door.ts'
import { ourHeaders, sendTo } from './raw-request.ts'

/** `proof`: refused to a stale session. Anything else is the reason why the route does without. */
const decisions: Record<string, string> = {
  'session.signIn': 'proves the password itself',
  'session.secondFactor': 'proves the code itself',
  'session.prove': 'is the proof',
  'session.signOut': 'only ends the own session',
  'session.changePassword': 'takes the current password',
  'session.login': 'proves the password itself',
  'mfa.enrol': 'proof',
  'mfa.verify': 'completes an enrolment that began with a proof at most ten minutes ago',
  'mfa.regenerate': 'takes a code',
  'mfa.disable': 'takes a code',
  'mfa.reset': 'proof',
  'sessions.end': 'only ends a session',
  'sessions.endOthers': 'only ends sessions',
  'sessions.endOf': 'only ends a session',
  'sessions.endAllOf': 'only ends sessions',
  'tokens.create': 'proof',
  'tokens.revoke': 'only ends a token',
  'tokens.revokeOf': 'only ends a token',
  'users.create': 'proof',
  'users.update': 'proof',
  'users.remove': 'proof',
  'users.setPassword': 'proof',
  'userTransfer.batch': 'proof',
  'userChanges.apply': 'proof',
  'identityProviders.create': 'proof',
  'identityProviders.testNew': 'proof',
  'identityProviders.update': 'proof',
  'identityProviders.test': 'proof',
  'identityProviders.sweep': 'proof',
  'identityProviders.remove': 'proof',
  'identities.link': 'proof',
  'identities.unlink': 'proof',
  'identities.linkOf': 'proof',
  'identities.unlinkOf': 'proof',
  'roles.create': 'proof',
  'roles.update': 'proof',
  'roles.remove': 'proof',
  'builtInAuthority.replace': 'proof',
  'authorities.create': 'proof',
  'authorities.update': 'proof',
  'authorities.remove': 'proof',
  'clientCertificates.create': 'proof',
  'revocations.create': 'only shuts out; an emergency must not wait for a password',
  'revocations.remove': 'proof',
  'revocationLists.create': 'proof',
  'revocationLists.remove': 'proof',
  'broker.disconnect': 'only ends a connection',
  'mosquittoImports.create': 'proof',
  'mosquittoImports.cancel': 'only cancels an import before it is written',
  'brokers.create': 'proof',
  'brokers.testNew': 'proof',
  'brokers.update': 'proof',
  'brokers.test': 'changes nothing, and connects to a stored address only',
  'brokers.remove': 'proof',
  'mosquitto.lookForDrift': 'changes nothing',
  'mosquitto.restore': 'proof',
  'mosquitto.writeFirstLoad': 'proof',
  'admissionRules.create': 'proof',
  'admissionRules.update': 'proof',
  'admissionRules.remove': 'admits nobody any more; an emergency must not wait for a password',
  'deniedDevices.deny': 'only keeps a device out',
  'deniedDevices.forgive': 'proof',
  'listeners.create': 'proof',
  'listeners.update': 'proof',
  'upstreams.create': 'proof',
  'upstreams.update': 'proof',
  'upstreams.testNew': 'proof',
  'upstreams.test': 'proof',
  'upstreams.forgetIdentity': 'proof',
  'upstreams.remove': 'only closes; an emergency must not wait for a password',
  'listeners.remove': 'only closes; an emergency must not wait for a password',
  'enforcers.replaceAuthority': 'proof',
  'enforcers.completeAuthority': 'proof',
  'enforcers.enrol': 'proof',
  'enforcers.restore': 'proof',
  'enforcers.cancel': 'only ends a token',
  'enforcers.revoke': 'only shuts out; an emergency must not wait for a password',
  'deployments.deploy': 'proof',
  'deployments.forget': 'proof',
  'kubernetes.record': 'gives no access; only notes what a person applied elsewhere',
  'kubernetes.remove': 'gives no access; only forgets what was noted',
  'mqttSessions.remove': 'only ends a session and frees a client id',
  'retained.clear': 'proof',
  'topics.publish': 'gives no access; limited to the MQTT rights of the caller, as every client is',
  'topics.clear': 'equals publishing an empty message',
  'settings.update': 'proof',
}

const minute = 60_000
const writing = everyRoute.filter((route) => operationOf(route) === 'write')
const needsProof = (route: Route) => decisions[route.id] === 'proof'

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

describe('the table', () => {
  it('decides every route that writes, and names no other', () => {
    expect(Object.keys(decisions).toSorted()).toEqual(writing.map(({ id }) => id).toSorted())
  })

  it('is what the contract says', () => {
    expect(everyRoute.filter(({ recent }) => recent).map(({ id }) => id)).toEqual(
      writing.filter(needsProof).map(({ id }) => id),
    )
  })
})

describe('a stale session of an administrator', () => {
  it.each(writing.filter(needsProof).map(({ id }) => id))('is refused by %s, and nothing changes', async (id) => {
    const route = writing.find((each) => each.id === id) as Route
    const cookie = await door.openSession('admin', { provedMsAgo: 10 * minute })
    const before = await door.everything()
    const body = route.body && { body: '{"no such field":true}' }
    expect(await sendTo(app, route, { cookie, headers: ourHeaders, ...body })).toMatchObject({
      status: 403,
      code: 'proof_required',
    })
    expect(await door.everything()).toBe(before)
  })
})

describe('nobody becomes administrator by a stale session', () => {
  let adminRole: string
  beforeEach(async () => {
    const { items } = await (await freshAdmin(app))(roles.list, { search: { 'name[eq]': adminRoleName } })
    adminRole = items[0]?.id ?? ''
  })

  it('rejects each way to make one until the password is proved again', async () => {
    const { id } = await makeUser(app, 'accomplice')
    const { id: roleId } = await (await freshAdmin(app))(roles.create, { body: { name: 'harmless' } })
    const { call } = await signIn(app, 'admin')
    app.advance(10 * minute)
    const body = { username: 'second-admin', password: goodPassword, roles: [adminRole] }
    const everywhere = [{ context: 'http' as const, resource: '/#', operation: 'readWrite' as const }]
    const ways = [
      () => call(users.create, { body }),
      () => call(userTransfer.batch, { body: { users: [body] } }),
      () => call(users.update, { params: { id }, body: { roles: [adminRole] } }),
      () => call(users.update, { params: { id }, body: { permissions: everywhere } }),
      () => call(roles.update, { params: { id: roleId }, body: { permissions: everywhere } }),
      () => call(roles.create, { body: { name: 'as-good', permissions: everywhere } }),
    ]
    const before = await door.everything()
    for (const way of ways) await refused(way(), 'proof_required')
    expect(await door.everything()).toBe(before)
    await call(session.prove, { body: { password: goodPassword } })
    expect(await call(users.create, { body })).toMatchObject({ username: 'second-admin' })
  })

  it('rejects a password that was typed a moment ago where the second factor is on: the code counts', async () => {
    await makeUser(app, 'lead', { roles: [adminRole] })
    const browser = await signIn(app, 'lead')
    const { phone } = await enrol(app, browser)
    app.advance(11 * minute)
    const body = { username: 'third-admin', password: goodPassword, roles: [adminRole] }
    const leadId = await door.idOf('lead')
    await door.run(
      "update session_proofs set at = ? where kind = 'password' and session_id in (select id from sessions where user_id = ?)",
      app.now().toISOString(),
      leadId,
    )
    const before = await door.everything()
    await refused(browser.call(users.create, { body }), 'proof_required')
    expect(await door.everything()).toBe(before)
    await browser.call(session.prove, { body: { code: phone.next() } })
    expect(await browser.call(users.create, { body })).toMatchObject({ username: 'third-admin' })
  })
})
