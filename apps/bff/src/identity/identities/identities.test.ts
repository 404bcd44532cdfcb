// @postgres
/** Linked identities: who links and unlinks them, and which sessions end with them. */
import { identities } from '@gatehouse/contract/identity/identities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Browser, refused, type TestApp } from '../../../test/app.ts'
import { makeUser, signIn } from '../../../test/authenticator.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'

let app: TestApp
let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
let providerId: string
const issuer = 'https://login.plant.example'
beforeAll(async () => {
  ;({ app, admin, world, door, stop } = await startProvisioningApp())
  const settings = { issuer, clientId: 'gatehouse' }
  const body = { kind: 'oidc' as const, name: 'plant', label: 'Plant account', settings }
  providerId = (await admin(identityProviders.create, { body })).id
})
afterAll(() => stop())

const link = (id: string, subject: string) =>
  admin(identities.linkOf, { params: { id }, body: { providerId, subject } })

it('signs the person in as the linked user, who keeps its origin and gets no roles from there', async () => {
  const { id } = await makeUser(app, 'linked')
  expect(await link(id, 'sub-1')).toMatchObject({ isOrigin: false, label: null, provider: { name: 'plant' } })
  const person = { subject: `${issuer} sub-1`, username: 'somebody-else', groups: ['admins'] }
  expect(await world.provide(providerId, person)).toMatchObject({ outcome: 'admitted', userId: id, isNew: false })
  expect(await admin(users.view, { params: { id } })).toMatchObject({ identityProvider: 'local', mappedRoles: [] })
  const { items } = await admin(identities.listOf, { params: { id } })
  expect(items).toMatchObject([{ label: 'somebody-else', isOrigin: false }])
})

it('belongs to one user, and a user has one at each provider', async () => {
  const { id: first } = await makeUser(app, 'first')
  const { id: second } = await makeUser(app, 'second')
  await link(first, 'sub-2')
  await refused(link(second, 'sub-2'), 'identity_taken')
  await refused(link(first, 'sub-3'), 'identity_taken')
  const came = await world.provide(providerId, { subject: `${issuer} sub-4`, username: 'came-from-there' })
  await refused(link(second, 'sub-4'), 'identity_taken')
  expect(came).toMatchObject({ outcome: 'admitted' })
})

it('is linked at the same moment to one of two users only', async () => {
  const made = [await makeUser(app, 'racer-1'), await makeUser(app, 'racer-2')]
  const ended = await Promise.allSettled(made.map(({ id }) => link(id, 'sub-race')))
  expect(ended.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
})

it('ends with the sessions that began with it, and not the others', async () => {
  const { id } = await makeUser(app, 'unlinking')
  const { id: identityId } = await link(id, 'sub-5')
  const there = await door.openSession('unlinking')
  await door.run('update sessions set identity_id = ? where user_id = ?', identityId, id)
  const here = await door.openSession('unlinking')
  const callWith = (cookie: string) => app.browser(() => ({ Cookie: cookie })).call
  expect((await callWith(there)(identities.list, {})).items).toHaveLength(1)
  await callWith(here)(identities.unlink, { params: { id: identityId } })
  await refused(callWith(there)(identities.list, {}), 'not_signed_in')
  expect(await callWith(here)(identities.list, {})).toMatchObject({ items: [], linkable: [{ name: 'plant' }] })
  const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
  expect(items.map(({ action }) => action)).toEqual(['identity.unlinked', 'identity.linked', 'user.created'])
})

it('is removed from a local user whose account there was disabled', async () => {
  const { id } = await makeUser(app, 'half-gone')
  await link(id, 'sub-6')
  const person = { subject: `${issuer} sub-6`, username: 'x', isDisabled: true }
  expect(await world.provide(providerId, person)).toMatchObject({ code: 'account_disabled_there' })
  expect(await admin(users.view, { params: { id } })).toMatchObject({ disabledAt: null })
  expect((await admin(identities.listOf, { params: { id } })).items).toEqual([])
})

it('through which the user came cannot be unlinked', async () => {
  const made = await world.provide(providerId, { subject: `${issuer} sub-7`, username: 'stays' })
  const id = made.userId ?? ''
  const [own] = (await admin(identities.listOf, { params: { id } })).items
  const params = { id, identityId: own?.id ?? '' }
  await refused(admin(identities.unlinkOf, { params }), 'origin_identity')
})

it('is changed only by a caller who covers the user, with a recent proof, and never by the number of another user', async () => {
  const { id } = await makeUser(app, 'powerful', {
    permissions: [{ context: 'http', resource: '/api/settings', operation: 'readWrite' }],
  })
  const { id: identityId } = await link(id, 'sub-8')
  await makeUser(app, 'clerk', {
    permissions: [{ context: 'http', resource: '/api/users/#', operation: 'readWrite' }],
  })
  const { call } = await signIn(app, 'clerk')
  const weak = await makeUser(app, 'weak')
  await refused(call(identities.linkOf, { params: { id }, body: { providerId, subject: 'sub-9' } }), 'above_caller')
  await refused(call(identities.unlinkOf, { params: { id, identityId } }), 'above_caller')
  await refused(call(identities.unlinkOf, { params: { id: weak.id, identityId } }), 'not_found')
  await refused(call(identities.unlink, { params: { id: identityId } }), 'not_found')
  const own = await door.idOf('clerk')
  await refused(call(identities.linkOf, { params: { id: own }, body: { providerId, subject: 's' } }), 'own_account')
  const stale = await door.openSession('clerk', { provedMsAgo: 11 * 60_000 })
  const late = app.browser(() => ({ Cookie: stale })).call
  await refused(
    late(identities.linkOf, { params: { id: weak.id }, body: { providerId, subject: 's' } }),
    'proof_required',
  )
})

it('is removed with its provider, which the audit records for its user', async () => {
  const { id } = await makeUser(app, 'left-alone')
  const settings = { issuer: 'https://old.example', clientId: 'gatehouse' }
  const body = { kind: 'oidc' as const, name: 'old', label: 'Old', settings }
  const { id: old } = await admin(identityProviders.create, { body })
  await admin(identities.linkOf, { params: { id }, body: { providerId: old, subject: 'sub-10' } })
  await admin(identityProviders.remove, { params: { id: old } })
  expect((await admin(identities.listOf, { params: { id } })).items).toEqual([])
  const { items } = await admin(audit.list, { search: { 'target[eq]': id } })
  expect(items[0]).toMatchObject({ action: 'identity.unlinked', before: { subject: 'https://old.example sub-10' } })
})

it('is not linked by a subject with a control character', async () => {
  const { id } = await makeUser(app, 'with-control')
  const problem = await refused(link(id, 'sub\0 11'), 'invalid')
  expect(problem.fields).toEqual({ subject: 'invalid' })
  expect((await admin(identities.listOf, { params: { id } })).items).toEqual([])
})

it('is needed by a user of an OpenID provider: without it the session ends', async () => {
  await world.provide(providerId, { subject: `${issuer} sub-12`, username: 'without-identity' })
  const cookie = await door.openSession('without-identity')
  const { call } = app.browser(() => ({ Cookie: cookie }))
  expect((await call(identities.list, {})).items).toHaveLength(1)
  await door.run('delete from user_identities where user_id = ?', await door.idOf('without-identity'))
  await refused(call(identities.list, {}), 'not_signed_in')
})
