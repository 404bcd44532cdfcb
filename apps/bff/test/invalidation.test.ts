/**
 * Holds the console's table of what a change makes stale against the real application: after each change, every read whose answer
 * differs must be in the table. Otherwise a page would go on showing the old state.
 */
import { execFileSync } from 'node:child_process'
import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { everyRoute } from '@gatehouse/contract/api'
import { admissionRules, deniedDevices } from '@gatehouse/contract/brokers/admission-rules'
import { broker } from '@gatehouse/contract/brokers/broker'
import { decisions } from '@gatehouse/contract/brokers/decisions'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { builtInAuthority } from '@gatehouse/contract/certificates/built-in-authority'
import { revocationLists } from '@gatehouse/contract/certificates/crls'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import type { Call, Input } from '@gatehouse/contract/client'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { mfa } from '@gatehouse/contract/identity/second-factors'
import { sessions } from '@gatehouse/contract/identity/sessions'
import { session } from '@gatehouse/contract/identity/sign-in'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { overview } from '@gatehouse/contract/operations/overview'
import { settings } from '@gatehouse/contract/operations/settings'
import { type Answer, operationOf, type Route } from '@gatehouse/contract/route'
import { makeAuthority } from '@gatehouse/pki/testing/certificates'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { staleAfter } from '../../web/src/api/invalidation.ts'
import { goodPassword, startApp, type TestApp } from './app.ts'

let app: TestApp
let admin: Call
beforeAll(async () => {
  app = await startApp()
  admin = await app.as('admin')
})
afterAll(() => app.stop())

/** The user and the role that the reads below look at. */
const seen = { user: '', role: '' }

type Reads = Record<string, () => Promise<unknown>>

const lists = [
  users.list,
  users.tags,
  roles.list,
  permissions.list,
  sessions.list,
  tokens.list,
  mfa.view,
  session.passwordPolicy,
  authorities.list,
  builtInAuthority.view,
  clientCertificates.list,
  clientCertificates.policy,
  revocations.list,
  revocationLists.list,
  admissionRules.list,
  deniedDevices.list,
  broker.view,
  broker.connections,
  decisions.list,
  mqttSessions.list,
  upstreams.list,
  identityProviders.list,
  session.providers,
  audit.list,
  settings.view,
  overview.view,
  overview.expiries,
] as const

function reads(): Reads {
  const params = { id: seen.user }
  return {
    ...Object.fromEntries(lists.map((route: Route) => [route.id, () => admin(route, {})])),
    // The time that is left of a session runs down by itself.
    [session.view.id]: async () => ({ ...(await admin(session.view, {})), lifetime: null }),
    [admissionRules.preview.id]: () => admin(admissionRules.preview, { body: {} }),
    [users.view.id]: () => admin(users.view, { params }),
    [roles.view.id]: () => admin(roles.view, { params: { id: seen.role } }),
    [permissions.accessOf.id]: () => admin(permissions.accessOf, { params }),
    [sessions.listOf.id]: () => admin(sessions.listOf, { params }),
    [tokens.listOf.id]: () => admin(tokens.listOf, { params }),
  }
}

const gone = 'gone'

async function readAll(): Promise<Map<string, string>> {
  const answers = new Map<string, string>()
  for (const [id, read] of Object.entries(reads())) {
    answers.set(id, await read().then(JSON.stringify, () => gone))
  }
  return answers
}

/** Such as `users.remove → revocations.list`: the change altered this answer, and the table does not name it. */
let missing: string[] = []
beforeEach(() => {
  missing = []
})

/** The changes that the stories below make. */
const made = new Set<string>()

/** Makes the change, and notes each answer that differs afterwards and is not in the table. */
async function change<R extends Route>(route: R, input: Input<R>): Promise<Answer<R>> {
  made.add(route.id)
  const before = await readAll()
  const answer = await admin(route, input)
  const after = await readAll()
  const changed = [...after].filter(([id, text]) => text !== gone && text !== before.get(id)).map(([id]) => id)
  const stale = new Set<string>(staleAfter(route))
  missing.push(...changed.filter((id) => !stale.has(id)).map((id) => `${route.id} → ${id}`))
  return answer
}

/** Begins a session, and makes a token. */
async function beginSession(username: string): Promise<void> {
  await app.browser().call(session.signIn, { body: { username, password: goodPassword } })
  await app.anyone(session.login, { body: { username, password: goodPassword } })
}

function issueFor(userId: string, username: string) {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
  const csr = execFileSync('openssl', ['req', '-new', ...key, '-subj', `/CN=${username}`], { stdio: 'pipe' }).toString()
  return change(clientCertificates.create, { body: { csr, userId, days: 30 } })
}

it('after each change of users and roles, no read outside the table has another answer', async () => {
  const role = await change(roles.create, { body: { name: 'line-9' } })
  seen.role = role.id
  const grantTypes = [{ method: 'password' as const }, { method: 'certificate' as const }, { method: 'token' as const }]
  const user = await change(users.create, {
    body: { username: 'press-9', password: goodPassword, mustChangePassword: false, grantTypes, roles: [role.id] },
  })
  seen.user = user.id
  const params = { id: user.id }
  await beginSession('press-9')
  const [opened] = (await admin(sessions.listOf, { params })).items
  await change(sessions.endOf, { params: { ...params, sessionId: opened?.id ?? '' } })
  const [token] = (await admin(tokens.listOf, { params })).items
  await change(tokens.revokeOf, { params: { ...params, tokenId: token?.id ?? '' } })
  await beginSession('press-9')
  await issueFor(user.id, 'press-9')
  await change(roles.update, {
    params: { id: role.id },
    body: { name: 'line-nine', permissions: [{ context: 'mqtt', resource: 'line-9/#', operation: 'read' }] },
  })
  await change(users.update, { params, body: { displayName: 'Press', mfaRequired: true } })
  await change(users.update, { params, body: { disabled: true } })
  await change(users.update, { params, body: { disabled: false } })
  await change(users.setPassword, { params, body: { newPassword: `${goodPassword} again` } })
  await change(sessions.endAllOf, { params })
  await change(userChanges.apply, { body: { users: [user.id], change: { addTags: ['hall 9'] } } })
  await change(userTransfer.batch, { body: { users: [{ username: 'press-10', roles: [role.id] }] } })
  await change(users.remove, { params })
  await change(roles.remove, { params: { id: role.id }, search: { detach: 'true' } })
  expect(missing).toEqual([])
})

it('after each change of identity providers, no read outside the table has another answer', async () => {
  const place = { issuer: 'https://login.plant.example', clientId: 'gatehouse' }
  const body = { kind: 'oidc' as const, name: 'plant', label: 'Plant account', settings: place }
  const { id } = await change(identityProviders.create, { body })
  await change(identityProviders.update, { params: { id }, body: { kind: 'oidc', enabled: false } })
  await change(identityProviders.remove, { params: { id } })
  expect(missing).toEqual([])
})

it('after each change of upstreams, no read outside the table has another answer', async () => {
  const { id } = await change(upstreams.create, { body: { name: 'telemetry', origin: 'http://127.0.0.1:9' } })
  await change(upstreams.update, { params: { id }, body: { name: 'measures' } })
  await change(upstreams.remove, { params: { id } })
  expect(missing).toEqual([])
})

it('after each change of the own account, no read outside the table has another answer', async () => {
  const { id } = await change(tokens.create, { body: { label: 'nightly', expiresAt: null, permissions: null } })
  await change(tokens.revoke, { params: { id } })
  const other = app.browser()
  await other.call(session.signIn, { body: { username: 'admin', password: goodPassword } })
  const { items } = await admin(sessions.list, {})
  await change(sessions.end, { params: { id: items.find(({ current }) => !current)?.id ?? '' } })
  await change(sessions.endOthers, {})
  expect(missing).toEqual([])
})

it('after each change of trust and of the policies, no read outside the table has another answer', async () => {
  const { id } = await change(users.create, { body: { username: 'pump-1' } })
  seen.user = id
  const { certificate } = await issueFor(id, 'pump-1')
  const { id: revocation } = await change(revocations.create, { body: { certificate, reason: 'superseded' } })
  await change(revocations.remove, { params: { id: revocation } })
  const { added } = await change(authorities.create, {
    body: { certificates: makeAuthority({ subject: 'Plant CA' }).certificatePem },
  })
  const params = { fingerprint: added[0]?.fingerprint ?? '' }
  await change(authorities.update, { params, body: { name: 'Plant', usernames: ['pump-*'] } })
  await change(authorities.remove, { params })
  const { authority } = await admin(builtInAuthority.view, {})
  const rule = { name: 'pumps', authority: authority.fingerprint, usernames: ['pump-*'] }
  const { id: ruleId } = await change(admissionRules.create, { body: rule })
  await change(admissionRules.update, { params: { id: ruleId }, body: { enabled: true } })
  await change(deniedDevices.deny, { body: { username: 'pump-7' } })
  await change(deniedDevices.forgive, { params: { username: 'pump-7' } })
  await change(builtInAuthority.replace, { body: { renew: true, replaces: authority.fingerprint } })
  await change(admissionRules.remove, { params: { id: ruleId } })
  await change(settings.update, { body: { mfa: { requiredFor: 'everyone', roles: [] } } })
  expect(missing).toEqual([])
})

/** Changes that no story above makes. Their entries are compiled, and read by people. */
const notMade = [
  // They begin or end the session of this test, or prove what it has proved.
  'session.signIn',
  'session.secondFactor',
  'session.signOut',
  'session.login',
  'session.prove',
  'session.changePassword',
  'mfa.enrol',
  'mfa.verify',
  'mfa.regenerate',
  'mfa.disable',
  'mfa.reset',
  // They need a client that is connected, a port, a CRL or an agent.
  'broker.disconnect',
  // It ends after its answer. The story of the import waits for that.
  'mosquittoImports.create',
  'mosquittoImports.cancel',
  'brokers.create',
  'brokers.testNew',
  'brokers.update',
  'brokers.test',
  'brokers.remove',
  'mosquitto.lookForDrift',
  'mosquitto.restore',
  'mosquitto.writeFirstLoad',
  // They need a Cedalo broker.
  'deployments.deploy',
  'deployments.forget',
  // They need texts that were generated before.
  'kubernetes.record',
  'kubernetes.remove',
  'listeners.create',
  'listeners.update',
  'listeners.remove',
  'identityProviders.testNew',
  'identityProviders.test',
  // It needs a directory.
  'identityProviders.sweep',
  // They need a person of a provider.
  'identities.link',
  'identities.unlink',
  'identities.linkOf',
  'identities.unlinkOf',
  'upstreams.testNew',
  'upstreams.test',
  'upstreams.forgetIdentity',
  'enforcers.replaceAuthority',
  'enforcers.completeAuthority',
  'enforcers.enrol',
  'enforcers.cancel',
  'enforcers.restore',
  'enforcers.revoke',
  'mqttSessions.remove',
  'retained.clear',
  'topics.publish',
  'topics.clear',
  'revocationLists.create',
  'revocationLists.remove',
]

it('a new change of the contract is made above, or listed with a reason', () => {
  const changes = everyRoute.filter((route) => operationOf(route) === 'write').map(({ id }) => id)
  expect(changes.filter((id) => !made.has(id)).toSorted()).toEqual([...notMade].toSorted())
})
