/** 10,000 users of a directory. */
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBackDoor } from '../../../test/back-door.ts'
import { type DirectoryWorld, startDirectoryWorld } from '../../../test/directory-world.ts'
import { dnOf, group, hasSlapd, person, suffix } from '../../../test/slapd.ts'

const count = 10_000
const uids = Array.from({ length: count }, (_, at) => `person${at}`)
let world: DirectoryWorld

beforeAll(async () => {
  if (!hasSlapd) return
  const entries = uids.map((uid) => person(uid, { password: 'secret' }))
  world = await startDirectoryWorld({}, [...entries, group('everybody', uids.map(dnOf))].join('\n'))
})
afterAll(() => world?.stop())

describe.skipIf(!hasSlapd)('the sweep of 10,000 users', () => {
  it('brings all of them up to date, then none, and disables those who left', async () => {
    await addUsers()
    const sweep = () => world.admin(identityProviders.sweep, { params: { id: world.provider.id } })
    const mappings = [{ source: `cn=everybody,ou=groups,${suffix}`, roleId: world.roleIds.staff }]
    const params = { id: world.provider.id }
    await world.admin(identityProviders.update, { params, body: { kind: 'ldap', mappings } })
    expect(await sweep()).toEqual({ people: count + 2, changed: count, disabled: 0 })
    expect(await sweep()).toEqual({ people: count + 2, changed: 0, disabled: 0 })
    await world.admin(identityProviders.update, {
      params,
      body: { kind: 'ldap', settings: { userFilter: '(!(uid=person1*))' } },
    })
    const left = uids.filter((uid) => uid.startsWith('person1')).length
    expect(await sweep()).toMatchObject({ changed: left, disabled: left })
  })
})

/** As if each of them had signed in once. */
async function addUsers(): Promise<void> {
  const door = openBackDoor(world.app)
  const at = world.app.now().toISOString()
  const { searchEntries } = await world.slapd.asRoot((client) =>
    client.search(`ou=people,${suffix}`, { filter: '(uid=person*)', attributes: ['uid', 'entryUUID'] }),
  )
  const people = searchEntries.map(({ uid, entryUUID }) => ({ name: String(uid), subject: String(entryUUID) }))
  const user = { identity_provider: 'ldap:lab', kind: 'person', methods: 1, created_at: at, version: 1 }
  const names = people.map(({ name }) => ({ ...user, id: name, username: name, username_folded: name }))
  await door.insert('users', ...names)
  const identity = { provider_id: world.provider.id, is_origin: 1, linked_at: at }
  const known = people.map(({ name, subject }) => ({ ...identity, id: name, user_id: name, label: name, subject }))
  await door.insert('user_identities', ...known)
  await door.close()
}
