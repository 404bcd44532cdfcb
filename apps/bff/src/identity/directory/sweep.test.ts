// @postgres
/** Users of a directory follow it without signing in. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { refused } from '../../../test/app.ts'
import { type DirectoryWorld, directoryPassword, startDirectoryWorld } from '../../../test/directory-world.ts'
import { dnOf, groupDn, hasSlapd, person } from '../../../test/slapd.ts'
import { DirectoryConnection } from './connection.ts'

let world: DirectoryWorld
beforeAll(async () => {
  if (hasSlapd) world = await startDirectoryWorld({}, person('carol', { password: directoryPassword }))
})
afterAll(() => world?.stop())

const sweep = () => world.admin(identityProviders.sweep, { params: { id: world.provider.id } })
const viewUser = async (username: string) => {
  const id = (await world.userNamed(username))?.id ?? ''
  return world.admin(users.view, { params: { id } })
}
const actions = async (limit: number) => {
  const { items } = await world.admin(audit.list, { search: { limit } })
  return items.map(({ action, via }) => `${action} ${via}`)
}

describe.skipIf(!hasSlapd)('the sweep of a directory', () => {
  it('changes nothing where nothing changed there, and makes no users', async () => {
    await world.signIn('alice')
    await sweep()
    expect(await sweep()).toEqual({ people: 3, changed: 0, disabled: 0 })
    expect(await world.userNamed('bob')).toBeNull()
  })

  it('takes the roles of groups that the person has left', async () => {
    await changeGroup('operators', 'delete', 'alice')
    expect(await sweep()).toEqual({ people: 3, changed: 1, disabled: 0 })
    expect(await viewUser('alice')).toMatchObject({ roles: [], mappedRoles: [] })
    expect(await actions(1)).toEqual(['roles.mapped machine'])
    await changeGroup('operators', 'add', 'alice')
    await sweep()
    expect((await viewUser('alice')).mappedRoles).toHaveLength(2)
  })

  it('gives the roles of new mappings', async () => {
    const { id } = world.provider
    const { operators } = world.roleIds
    const mappings = [{ source: groupDn('staff'), roleId: operators }]
    await world.admin(identityProviders.update, { params: { id }, body: { kind: 'ldap', mappings } })
    await sweep()
    expect((await viewUser('alice')).mappedRoles).toEqual([operators])
  })

  it('disables a user whose person was deleted there, and ends the sessions', async () => {
    const browser = await world.signIn('carol')
    await world.slapd.asRoot((client) => client.del(dnOf('carol')))
    expect(await sweep()).toEqual({ people: 2, changed: 1, disabled: 1 })
    expect((await viewUser('carol')).disabledAt).not.toBeNull()
    expect(await actions(1)).toEqual(['user.disabled-by-provider machine'])
    await refused(browser.call(session.view, {}), 'not_signed_in')
    expect(await sweep()).toEqual({ people: 2, changed: 0, disabled: 0 })
  })

  it('does not count a user whom an administrator had disabled before the person was deleted there', async () => {
    const attributes = { objectClass: 'inetOrgPerson', cn: 'Dora', sn: 'Dora', userPassword: directoryPassword }
    await world.slapd.asRoot((client) => client.add(dnOf('dora'), attributes))
    await world.signIn('dora')
    const id = (await world.userNamed('dora'))?.id ?? ''
    await world.admin(users.update, { params: { id }, body: { disabled: true } })
    await world.slapd.asRoot((client) => client.del(dnOf('dora')))
    expect(await sweep()).toMatchObject({ changed: 0, disabled: 0 })
  })

  it('does not disable a user whom the listing leaves out and a search for the id finds', async () => {
    const whole = DirectoryConnection.prototype.pages
    const spied = vi.spyOn(DirectoryConnection.prototype, 'pages').mockImplementation(async function* (
      this: DirectoryConnection,
      search,
    ) {
      for await (const page of whole.call(this, search)) yield page.filter(({ dn }) => dn !== dnOf('alice'))
    })
    onTestFinished(() => spied.mockRestore())
    expect(await sweep()).toEqual({ people: 1, changed: 0, disabled: 0 })
    expect((await viewUser('alice')).disabledAt).toBeNull()
  })

  it('disables and enables a user with the account there', async () => {
    await world.signIn('bob')
    await lock('bob', '000001010000Z')
    expect(await sweep()).toMatchObject({ changed: 1, disabled: 1 })
    expect((await viewUser('bob')).disabledAt).not.toBeNull()
    await lock('bob', null)
    expect(await sweep()).toMatchObject({ changed: 1, disabled: 0 })
    expect((await viewUser('bob')).disabledAt).toBeNull()
  })

  it('disables nobody where the directory names nobody or does not answer', async () => {
    const { id } = world.provider
    const set = (userFilter: string | null) =>
      world.admin(identityProviders.update, { params: { id }, body: { kind: 'ldap', settings: { userFilter } } })
    await set('(uid=nobody)')
    await refused(sweep(), 'provider_unavailable')
    await set(null)
    await world.slapd.stop()
    await refused(sweep(), 'provider_unavailable')
    expect((await viewUser('alice')).disabledAt).toBeNull()
    expect(await world.admin(identityProviders.view, { params: { id } })).toMatchObject({
      lastSweep: { finishedAt: expect.any(String), people: 2, problem: 'refused_connection' },
    })
    await world.slapd.start()
  })
})

function change(dn: string, operation: 'add' | 'delete' | 'replace', modification: Attribute): Promise<void> {
  return world.slapd.asRoot((client) => client.modify(dn, new Change({ operation, modification })))
}

function changeGroup(name: string, operation: 'add' | 'delete', uid: string): Promise<void> {
  return change(groupDn(name), operation, new Attribute({ type: 'member', values: [dnOf(uid)] }))
}

function lock(uid: string, time: string | null): Promise<void> {
  const values = time === null ? [] : [time]
  return change(dnOf(uid), 'replace', new Attribute({ type: 'pwdAccountLockedTime', values }))
}
