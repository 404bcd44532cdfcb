// @postgres
/** Mappings: who may write them, what a change takes from users, its preview, and roles that become wider later. */
import { adminRoleName, roles } from '@gatehouse/contract/access/roles'
import { identities } from '@gatehouse/contract/identity/identities'
import { identityProviders, type RoleMapping } from '@gatehouse/contract/identity/providers'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, refused, type TestApp } from '../../../test/app.ts'
import { makeUser, signIn } from '../../../test/authenticator.ts'
import type { BackDoor } from '../../../test/back-door.ts'
import { type Provisioning, startProvisioningApp } from '../../../test/provisioning.ts'

let app: TestApp
let admin: Browser['call']
let world: Provisioning
let door: BackDoor
let stop: () => Promise<void>
beforeAll(async () => {
  ;({ app, admin, world, door, stop } = await startProvisioningApp())
})
afterAll(() => stop())

const onLine = (name: string) => ({ context: 'mqtt' as const, resource: `${name}/#`, operation: 'read' as const })
const makeRole = async (name: string, permissions: Parameters<typeof onLine>[0][] = [name]) =>
  (await admin(roles.create, { body: { name, permissions: permissions.map(onLine) } })).id

async function makeProvider(name: string, mappings: RoleMapping[]): Promise<string> {
  const settings = { issuer: `https://${name}.example`, clientId: 'gatehouse' }
  return (await admin(identityProviders.create, { body: { kind: 'oidc', name, label: name, settings, mappings } })).id
}

const map = (id: string, mappings: RoleMapping[]) =>
  admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', mappings } })

const mappedOf = async (username: string) =>
  (await admin(users.view, { params: { id: await door.idOf(username) } })).mappedRoles

describe('a change of mappings', () => {
  it('takes a role from its users at once, and gives one with the next sign-in; the preview says both', async () => {
    const [old, fresh] = [await makeRole('old'), await makeRole('fresh')]
    const id = await makeProvider('changing', [{ source: 'staff', roleId: old }])
    for (const name of ['staff-1', 'staff-2']) {
      await world.provide(id, { subject: name, username: name, groups: ['staff'] })
    }
    await world.provide(id, { subject: 'guest', username: 'guest', groups: ['STAFF'] })
    expect(await mappedOf('guest')).toEqual([])
    const mappings = [{ source: 'staff', roleId: fresh }]
    const { users: preview } = await admin(identityProviders.preview, { params: { id }, body: { mappings } })
    expect(preview).toMatchObject({ users: 3, gaining: 2, losing: 2 })
    expect(preview?.first).toContainEqual({
      userId: await door.idOf('staff-1'),
      username: 'staff-1',
      gains: [fresh],
      loses: [old],
    })
    expect(await mappedOf('staff-1')).toEqual([old])
    await map(id, mappings)
    expect(await mappedOf('staff-1')).toEqual([])
    await world.provide(id, { subject: 'staff-1', username: 'staff-1', groups: ['staff'] })
    expect(await mappedOf('staff-1')).toEqual([fresh])
    expect(await mappedOf('staff-2')).toEqual([])
  })

  it('is a change of the users who lose a role: an older version is refused, and the audit names the roles that stay', async () => {
    const [kept, lost] = [await makeRole('stays-mapped'), await makeRole('goes')]
    const staying = { source: 'staff', roleId: kept }
    const id = await makeProvider('narrowing', [staying, { source: 'staff', roleId: lost }])
    await world.provide(id, { subject: 'n', username: 'narrowed', groups: ['staff'] })
    const userId = await door.idOf('narrowed')
    const { version } = await admin(users.view, { params: { id: userId } })
    await map(id, [staying])
    const body = { roles: [kept, lost] }
    await refused(admin(users.update, { params: { id: userId }, body, ifMatch: version }), 'changed_meanwhile')
    expect(await admin(users.view, { params: { id: userId } })).toMatchObject({ roles: [kept] })
    const { items } = await admin(audit.list, { search: { 'target[eq]': userId, 'action[eq]': 'roles.mapped' } })
    expect(items[0]?.before?.['roles']).toHaveLength(2)
    expect(items[0]?.after).toEqual({ roles: ['stays-mapped'] })
  })

  it('says what one person gets and why, by what the provider said last', async () => {
    const roleId = await makeRole('explained')
    const id = await makeProvider('explaining', [{ source: 'a', roleId }])
    await world.provide(id, { subject: 's', username: 'explained', groups: ['a', 'b'] })
    const cookie = await door.openSession('explained')
    const own = await app.browser(() => ({ Cookie: cookie })).call(identities.list, {})
    expect(own.mapped).toEqual([{ roleId, sources: ['a'] }])
    expect(own.linkable.map(({ name }) => name)).not.toContain('explaining')
    await refused(
      admin(identityProviders.preview, { params: { id }, body: { mappings: [{ source: 'a', roleId: id }] } }),
      'unknown_role',
    )
  })
})

describe('the author of a mapping', () => {
  it('is an administrator with a recent proof', async () => {
    const roleId = await makeRole('for-authors')
    const id = await makeProvider('authors', [])
    await makeUser(app, 'almost', {
      permissions: [
        { context: 'http', resource: '/api/identity-providers/#', operation: 'readWrite' },
        onLine('for-authors'),
      ],
    })
    const { call } = await signIn(app, 'almost')
    const body = { kind: 'oidc' as const, mappings: [{ source: 'x', roleId }] }
    await refused(call(identityProviders.update, { params: { id }, body }), 'not_permitted')
    await makeUser(app, 'stale', { roles: [await roleNamed(adminRoleName)] })
    const cookie = await door.openSession('stale', { provedMsAgo: 11 * 60_000 })
    const stale = app.browser(() => ({ Cookie: cookie })).call
    await refused(stale(identityProviders.update, { params: { id }, body }), 'proof_required')
  })

  it('holds every permission of the role, also those that an administrator may lack', async () => {
    const onEdge = { context: 'edge' as const, resource: '/secret/#', operation: 'read' as const }
    const { id: roleId } = await admin(roles.create, { body: { name: 'edge-role', permissions: [onEdge] } })
    const id = await makeProvider('edge', [])
    const withoutEdge = [
      { context: 'http' as const, resource: '/#', operation: 'readWrite' as const },
      { context: 'mqtt' as const, resource: '#', operation: 'readWrite' as const },
      { context: 'mqtt' as const, resource: '$SYS/#', operation: 'read' as const },
    ]
    await makeUser(app, 'no-edge', { permissions: withoutEdge })
    const { call } = await signIn(app, 'no-edge')
    const body = { kind: 'oidc' as const, mappings: [{ source: 'x', roleId }] }
    const problem = await refused(call(identityProviders.update, { params: { id }, body }), 'more_than_held')
    expect(problem.fields).toEqual({ 'mappings.0.roleId': 'more_than_held' })
    await map(id, body.mappings)
    // A mapping that was there keeps its author. Taking it away needs to cover those who lose the role.
    expect(await call(identityProviders.update, { params: { id }, body: { ...body, label: 'Edge' } })).toMatchObject({
      label: 'Edge',
    })
    await world.provide(id, { subject: 'e', username: 'edge-user', groups: ['x'] })
    const nothing = { kind: 'oidc' as const, mappings: [] }
    await refused(call(identityProviders.update, { params: { id }, body: nothing }), 'above_caller')
    expect(await mappedOf('edge-user')).toEqual([roleId])
    // The same source may name other persons at another issuer.
    const elsewhere = { ...body, settings: { issuer: 'https://attacker.example' } }
    await refused(call(identityProviders.update, { params: { id }, body: elsewhere }), 'more_than_held')
  })
})

describe('a role that is mapped', () => {
  it('gets permissions in the console only from an administrator, and the preview names its groups', async () => {
    const roleId = await makeRole('widened')
    const console = { context: 'http' as const, resource: '/api/audit/#', operation: 'read' as const }
    await makeUser(app, 'role-editor', {
      permissions: [
        { context: 'http', resource: '/api/roles/#', operation: 'readWrite' },
        { context: 'http', resource: '/api/identity-providers/#', operation: 'read' },
        console,
        onLine('widened'),
        onLine('more'),
      ],
    })
    const { call } = await signIn(app, 'role-editor')
    const id = await makeProvider('widening', [{ source: 'everybody', roleId }])
    const wider = { permissions: [onLine('widened'), console] }
    await refused(call(roles.update, { params: { id: roleId }, body: wider }), 'not_permitted')
    const alsoMqtt = { permissions: [onLine('widened'), onLine('more')] }
    expect(await call(roles.update, { params: { id: roleId }, body: alsoMqtt })).toMatchObject({ version: 2 })
    expect(await call(roles.impact, { params: { id: roleId }, body: wider })).toMatchObject({
      mappings: [{ provider: 'widening', source: 'everybody' }],
    })
    await map(id, [])
    expect(await call(roles.update, { params: { id: roleId }, body: wider })).toMatchObject({ version: 3 })
  })

  it('is deleted only with its mappings', async () => {
    const roleId = await makeRole('deleted')
    const id = await makeProvider('deleting', [{ source: 'x', roleId }])
    await refused(admin(roles.remove, { params: { id: roleId }, search: {} }), 'role_in_use')
    await admin(roles.remove, { params: { id: roleId }, search: { detach: 'true' } })
    expect(await admin(identityProviders.view, { params: { id } })).toMatchObject({ mappings: [], version: 2 })
    const { items } = await admin(audit.list, { search: { 'target[eq]': roleId } })
    expect(items[0]).toMatchObject({ action: 'role.deleted', before: { mappings: ['deleting: x'] } })
  })
})

describe('a provider', () => {
  it('is not deleted while users come from it; disabled, its sessions end', async () => {
    const id = await makeProvider('used', [])
    const made = await world.provide(id, { subject: 'e-used', username: 'used-user' })
    await refused(admin(identityProviders.remove, { params: { id } }), 'provider_in_use')
    const cookie = await door.openSession('used-user')
    const identityId = made.outcome === 'admitted' ? made.identityId : ''
    await door.run('update sessions set identity_id = ? where user_id = ?', identityId, made.userId)
    const call = app.browser(() => ({ Cookie: cookie })).call
    expect((await call(identities.list, {})).items).toHaveLength(1)
    await admin(identityProviders.update, { params: { id }, body: { kind: 'oidc', enabled: false } })
    await refused(call(identities.list, {}), 'not_signed_in')
    await admin(users.remove, { params: { id: made.userId ?? '' } })
    expect(await admin(identityProviders.remove, { params: { id } })).toBeUndefined()
  })
})

async function roleNamed(name: string): Promise<string> {
  const { items } = await admin(roles.list, { search: { 'name[eq]': name } })
  return items[0]?.id ?? ''
}
