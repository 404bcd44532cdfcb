// @postgres
/** A person of a provider becomes a user here, and its roles and state follow the provider. */
import { roles } from '@gatehouse/contract/access/roles'
import { identities } from '@gatehouse/contract/identity/identities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { userChanges } from '@gatehouse/contract/identity/user-changes'
import { userTransfer } from '@gatehouse/contract/identity/user-import'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, goodPassword, refused, type TestApp } from '../../../test/app.ts'
import { makeUser, signIn } from '../../../test/authenticator.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { addDirectory, type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'

let app: TestApp
let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
/** A directory whose group `line-3` gives the role of this name, and `line-4` too. */
let plant: string
let line3: string
let line4: string
beforeAll(async () => {
  ;({ app, admin, world, door, stop } = await startProvisioningApp())
  line3 = await makeRole('line-3')
  line4 = await makeRole('line-4')
  plant = await makeProvider('plant', [
    { source: 'CN=Line 3,DC=plant', roleId: line3 },
    { source: 'CN=Line 4,DC=plant', roleId: line4 },
    { source: 'CN=All Lines,DC=plant', roleId: line4 },
  ])
})
afterAll(() => stop())

async function makeRole(name: string): Promise<string> {
  const permissions = [{ context: 'mqtt' as const, resource: `${name}/#`, operation: 'read' as const }]
  return (await admin(roles.create, { body: { name, permissions } })).id
}

async function makeProvider(name: string, mappings: { source: string; roleId: string }[], more = {}): Promise<string> {
  return addDirectory(admin, name, { mappings, ...more })
}

async function userOf(username: string) {
  return admin(users.view, { params: { id: await door.idOf(username) } })
}

async function actionsOn(username: string): Promise<string[]> {
  const { items } = await admin(audit.list, { search: { 'target[eq]': await door.idOf(username) } })
  return items.map(({ action }) => action).toReversed()
}

describe('a person who signs in for the first time', () => {
  it('becomes a user with the roles of its groups, compared as names of a directory', async () => {
    const made = await world.provide(plant, {
      subject: 'e-maria',
      username: 'maria',
      displayName: 'Maria Lindqvist',
      groups: ['cn=line 3, dc=plant', 'cn=others,dc=plant'],
    })
    expect(made).toMatchObject({ outcome: 'admitted', isNew: true })
    expect(await userOf('maria')).toMatchObject({
      identityProvider: 'ldap:plant',
      displayName: 'Maria Lindqvist',
      kind: 'person',
      hasPassword: false,
      grantTypes: [{ method: 'password', isRequired: false }],
      roles: [line3],
      mappedRoles: [line3],
      mfa: { required: false },
    })
    expect(await actionsOn('maria')).toEqual(['user.provisioned'])
    const { items, mapped } = await admin(identities.listOf, { params: { id: await door.idOf('maria') } })
    expect(items).toMatchObject([{ provider: { name: 'plant' }, label: 'maria', isOrigin: true }])
    expect(mapped).toEqual([{ roleId: line3, sources: ['CN=Line 3,DC=plant'] }])
  })

  it('needs a second factor where the provider demands one for new users', async () => {
    const strict = await makeProvider('strict', [], { mfaForNew: true })
    await world.provide(strict, { subject: 'e-1', username: 'strict-1' })
    expect(await userOf('strict-1')).toMatchObject({ mfa: { required: true, demanded: true } })
  })

  it('is refused without a mapped role where the provider requires one; a known user stays', async () => {
    const id = await makeProvider('members', [{ source: 'cn=members', roleId: line3 }], { roleRequired: true })
    const person = { subject: 'e-member', username: 'member' }
    expect(await world.provide(id, person)).toMatchObject({ outcome: 'refused', code: 'no_mapped_role' })
    expect(await world.provide(id, { ...person, groups: ['cn=members'] })).toMatchObject({ outcome: 'admitted' })
    expect(await world.provide(id, person)).toMatchObject({ outcome: 'admitted', isNew: false })
    expect(await userOf('member')).toMatchObject({ roles: [] })
  })

  it.each([
    ['a local user has the name', { username: 'Taken' }, 'username_taken_here'],
    ['the name is not valid here', { username: 'ａｌｉｃｅ' }, 'username_unusable'],
    ['the name has a space', { username: ' alice ' }, 'username_unusable'],
    ['the provider has disabled the account', { username: 'gone', isDisabled: true }, 'account_disabled_there'],
    ['the provider does not name all groups', { username: 'many', groups: null }, 'groups_unknown'],
    ['there are more groups than can be judged', { username: 'more', groups: groupsOf(1_025) }, 'groups_unknown'],
  ])('is refused where %s', async (_says, person, code) => {
    if (code === 'username_taken_here') await makeUser(app, 'taken')
    const subject = `e-${code}-${person.username}`
    const before = await door.value('select count(*) from users')
    expect(await world.provide(plant, { subject, ...person })).toMatchObject({ outcome: 'refused', code })
    expect(await door.value('select count(*) from users')).toBe(before)
  })

  it('becomes one user when it signs in twice at the same moment, and another one at another provider', async () => {
    const person = { subject: 'e-twice', username: 'twice' }
    const made = await Promise.all([world.provide(plant, person), world.provide(plant, person)])
    expect(made.map((each) => each.outcome)).toEqual(['admitted', 'admitted'])
    expect(new Set(made.map((each) => each.userId)).size).toBe(1)
    const other = await makeProvider('other', [])
    expect(await world.provide(other, person)).toMatchObject({ outcome: 'refused', code: 'username_taken_here' })
  })
})

function groupsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `cn=group-${at}`)
}

describe('a known user of a provider', () => {
  it('gains and loses mapped roles with its groups, keeps roles given by hand, and keeps all while groups are unknown', async () => {
    const person = { subject: 'e-anna', username: 'anna' }
    await world.provide(plant, { ...person, groups: ['CN=Line 3,DC=plant', 'CN=All Lines,DC=plant'] })
    const { id, roles: held } = await userOf('anna')
    expect(held.toSorted()).toEqual([line3, line4].toSorted())
    const byHand = await makeRole('by-hand')
    await admin(users.update, { params: { id }, body: { roles: [line3, line4, byHand] } })
    await world.provide(plant, { ...person, groups: null })
    expect((await userOf('anna')).mappedRoles).toHaveLength(2)
    await world.provide(plant, { ...person, groups: ['CN=Line 4,DC=plant'] }, { isSignIn: false })
    expect(await userOf('anna')).toMatchObject({ mappedRoles: [line4] })
    expect((await userOf('anna')).roles.toSorted()).toEqual([line4, byHand].toSorted())
    expect(await actionsOn('anna')).toContain('roles.mapped')
    await admin(roles.remove, { params: { id: byHand }, search: { detach: 'true' } })
  })

  it('keeps a role that was given by hand when the mapping goes', async () => {
    const person = { subject: 'e-both', username: 'both' }
    await world.provide(plant, person)
    const { id } = await userOf('both')
    await admin(users.update, { params: { id }, body: { roles: [line3] } })
    await world.provide(plant, { ...person, groups: ['CN=Line 3,DC=plant'] })
    expect(await userOf('both')).toMatchObject({ roles: [line3], mappedRoles: [line3] })
    await world.provide(plant, person)
    expect(await userOf('both')).toMatchObject({ roles: [line3], mappedRoles: [] })
  })

  it('cannot lose a mapped role by hand', async () => {
    await world.provide(plant, { subject: 'e-kept', username: 'kept', groups: ['CN=Line 3,DC=plant'] })
    const { id } = await userOf('kept')
    const problem = await refused(admin(users.update, { params: { id }, body: { roles: [] } }), 'role_is_mapped')
    expect(problem.fields).toEqual({ roles: 'role_is_mapped' })
    const many = admin(userChanges.apply, { body: { users: [id], change: { removeRoles: [line3] } } })
    expect((await refused(many, 'role_is_mapped')).fields).toEqual({ 'users.0.roles': 'role_is_mapped' })
    await refused(admin(users.impact, { params: { id }, body: { roles: [] } }), 'role_is_mapped')
    await admin(users.update, { params: { id }, body: { displayName: 'Kept', roles: [line3] } })
    expect(await userOf('kept')).toMatchObject({ mappedRoles: [line3] })
  })

  it('is found by its subject after a rename there, and a new person of the old name is refused', async () => {
    const made = await world.provide(plant, { subject: 'e-renamed', username: 'before' })
    const again = await world.provide(plant, { subject: 'e-renamed', username: 'after' })
    expect(again).toMatchObject({ outcome: 'admitted', userId: made.userId, isNew: false })
    expect(await userOf('before')).toMatchObject({ username: 'before' })
    expect(await world.provide(plant, { subject: 'e-new', username: 'before' })).toMatchObject({
      outcome: 'refused',
      code: 'username_taken_here',
    })
  })

  it('has no password here: nobody sets, changes or resets one', async () => {
    await world.provide(plant, { subject: 'e-nopass', username: 'no-password' })
    const { id } = await userOf('no-password')
    await refused(admin(users.setPassword, { params: { id }, body: {} }), 'password_elsewhere')
    const cookie = await door.openSession('no-password')
    const call = app.browser(() => ({ Cookie: cookie })).call
    const body = { currentPassword: goodPassword, newPassword: 'another perfectly good one' }
    await refused(call(session.changePassword, { body }), 'password_elsewhere')
  })

  it('is no administrator of last resort', async () => {
    const { items } = await admin(roles.list, { search: { 'name[eq]': 'gatehouse-admin' } })
    const adminRole = items[0]?.id ?? ''
    const bosses = await makeProvider('bosses', [{ source: 'cn=bosses', roleId: adminRole }])
    await world.provide(bosses, { subject: 'e-boss', username: 'boss', groups: ['cn=bosses'] })
    const { call } = await signIn(app, 'admin')
    const { items: admins } = await call(users.list, { search: { 'role[eq]': adminRole } })
    expect(admins.map(({ username }) => username).toSorted()).toEqual(['admin', 'boss'])
    const cookie = await door.openSession('boss')
    const boss = app.browser(() => ({ Cookie: cookie })).call
    const id = await door.idOf('admin')
    await refused(boss(users.update, { params: { id }, body: { disabled: true } }), 'last_admin')
    await refused(boss(users.remove, { params: { id } }), 'last_admin')
  })
})

describe('what a provider says', () => {
  it('is shortened to one line of text before it is stored', async () => {
    const displayName = `  Eva\u202e\n${'x'.repeat(5_000)}  `
    await world.provide(plant, { subject: 'e-eva', username: 'eva', displayName })
    const { displayName: stored } = await userOf('eva')
    expect(stored).toBe(`Eva${'x'.repeat(197)}`)
    await world.provide(plant, { subject: 'e-eva', username: 'y'.repeat(5_000) })
    const { items } = await admin(identities.listOf, { params: { id: await door.idOf('eva') } })
    expect(items[0]?.label).toBe('y'.repeat(200))
    expect(await world.provide(plant, { subject: '', username: 'nobody' })).toMatchObject({ outcome: 'refused' })
    expect(await world.provide(plant, { subject: 'a\0b', username: 'nul' })).toMatchObject({ outcome: 'refused' })
  })

  it('makes no user in a sweep', async () => {
    const person = { subject: 'e-unseen', username: 'unseen' }
    expect(await world.provide(plant, person, { isSignIn: false })).toMatchObject({ code: 'person_not_found' })
  })

  it('counts by the mappings of now, and not at all where the provider was disabled or moved since it was asked', async () => {
    const id = await makeProvider('slow', [{ source: 'cn=a', roleId: line3 }])
    const person = { subject: 'e-slow', username: 'slow', groups: ['cn=a'] }
    const asked = await world.ask(id, person)
    await admin(identityProviders.update, { params: { id }, body: { kind: 'ldap', mappings: [] } })
    expect(await asked.provide()).toMatchObject({ outcome: 'admitted' })
    expect((await userOf('slow')).roles).toEqual([])
    await admin(identityProviders.update, {
      params: { id },
      body: { kind: 'ldap', settings: { searchBase: 'dc=other' } },
    })
    expect(await asked.provide()).toMatchObject({ code: 'provider_unavailable' })
    await admin(identityProviders.update, { params: { id }, body: { kind: 'ldap', enabled: false } })
    expect(await asked.provide()).toMatchObject({ code: 'unknown_provider' })
  })
})

describe('lists and files', () => {
  it('finds the users of a provider and the local ones, also together with other filters', async () => {
    const origin = await makeProvider('listed', [])
    for (const name of ['listed-b', 'listed-a', 'listed-c']) {
      await world.provide(origin, { subject: name, username: name })
    }
    const names = async (search: Parameters<typeof listed>[0]) => (await listed(search)).map(({ username }) => username)
    expect(await names({ 'identityProvider[eq]': 'ldap:listed' })).toEqual(['listed-a', 'listed-b', 'listed-c'])
    expect(await names({ 'identityProvider[eq]': 'ldap:listed', search: 'listed-b' })).toEqual(['listed-b'])
    expect(await names({ 'identityProvider[eq]': 'ldap:listed', sort: '-createdAt' })).toHaveLength(3)
    expect(await names({ 'identityProvider[eq]': 'ldap:listed', 'kind[eq]': 'machine' })).toEqual([])
    const local = await listed({ 'identityProvider[eq]': 'local' })
    expect(local.map(({ username }) => username)).toContain('admin')
    expect(new Set(local.map(({ identityProvider }) => identityProvider))).toEqual(new Set(['local']))
    expect(await names({ 'identityProvider[eq]': 'oidc:unknown' })).toEqual([])
  })

  it('refuses an import of users who come from a provider', async () => {
    const body = { users: [{ username: 'imported', identityProvider: 'ldap:plant' }] }
    await refused(admin(userTransfer.batch, { body }), 'identity_provider_unsupported')
  })
})

async function listed(search: NonNullable<Parameters<typeof admin<typeof users.list>>[1]['search']>) {
  return (await admin(users.list, { search })).items
}
