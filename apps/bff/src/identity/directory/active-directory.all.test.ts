import { LdapGiven, type LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { domain, groupDn, hasSamba, realm, Samba, userDn } from '../../../test/samba.ts'
import { findAbsent } from './absent-people.ts'
import { Directory } from './directory.ts'
import { listPeople } from './list-people.ts'
import { describePerson, type FoundPerson, proveByDirectory } from './people.ts'
import { testDirectory } from './test-steps.ts'

const now = new Date('2026-11-29T12:00:00Z')
const password = 'Of the domain 1'
let samba: Samba
const opened: Directory[] = []

beforeAll(async () => {
  if (!hasSamba) return
  samba = await Samba.start()
  for (const name of ['gatehouse', 'alice', 'bob', 'gone']) await samba.addUser(name, password)
  await samba.addUser('expired', password, { accountExpires: '132000000000000000' })
  await samba.addUser('later', password, { accountExpires: '140000000000000000' })
  await samba.addGroup('operators', [userDn('alice')])
  await samba.addGroup('staff', [groupDn('operators')])
  await samba.addGroup('all', [groupDn('staff')])
  await samba.addGroup('plant', [userDn('bob')])
  await samba.addGroup('site', [groupDn('plant')])
  await replace(userDn('gone'), 'userAccountControl', '514')
  const { rid } = await ridOf('plant')
  await replace(userDn('bob'), 'primaryGroupID', String(rid))
})

afterAll(async () => {
  for (const directory of opened) directory.close()
  await samba?.stop()
})

function replace(dn: string, type: string, value: string): Promise<void> {
  const change = new Change({ operation: 'replace', modification: new Attribute({ type, values: [value] }) })
  return samba.asAdministrator((client) => client.modify(dn, change))
}

async function ridOf(group: string): Promise<{ rid: number }> {
  const { searchEntries } = await samba.asAdministrator((client) =>
    client.search(groupDn(group), {
      scope: 'base',
      attributes: ['objectSid'],
      explicitBufferAttributes: ['objectSid'],
    }),
  )
  const sid = searchEntries[0]?.['objectSid']
  return { rid: Buffer.isBuffer(sid) ? sid.readUInt32LE(sid.length - 4) : 0 }
}

function settingsWith(given: Partial<LdapSettings>): LdapSettings {
  return LdapGiven.parse({
    urls: [`ldaps://${samba.address}`],
    authorities: samba.authorities,
    bindDn: `gatehouse@${realm}`,
    searchBase: domain,
    usernameAttribute: 'sAMAccountName',
    userFilter: '(&(objectCategory=person)(objectClass=user))',
    groups: 'in-chain',
    ...given,
  })
}

function directoryWith(given: Partial<LdapSettings> = {}): Directory {
  const directory = new Directory({ settings: settingsWith(given), secret: password })
  opened.push(directory)
  return directory
}

describe.skipIf(!hasSamba)('Active Directory, by samba-ad-dc', () => {
  test.each(['ldaps', 'starttls'] as const)(
    'proves a password over %s, and names the account by its objectGUID',
    async (tls) => {
      const urls = [`${tls === 'ldaps' ? 'ldaps' : 'ldap'}://${samba.address}`]
      const directory = directoryWith({ tls, urls })
      const found = await proveByDirectory(directory, { username: 'alice', password, now })
      expect(found).toMatchObject({ username: 'alice', isDisabled: false, subject: samba.show('alice', 'objectGUID') })
      expect(await proveByDirectory(directory, { username: 'ALICE', password, now })).toEqual(found)
      expect(await proveByDirectory(directory, { username: 'alice', password: 'wrong', now })).toBeNull()
      // Active Directory answers an empty password with success.
      expect(await proveByDirectory(directory, { username: 'alice', password: '', now })).toBeNull()
      expect(await proveByDirectory(directory, { username: 'gone', password, now })).toBeNull()
    },
  )

  test.each(['in-chain', 'search', 'memberOf'] as const)(
    'names nested groups and the primary group, mode %s',
    async (groups) => {
      const directory = directoryWith({ groups })
      const alice = await describePerson(directory, { username: 'alice', now })
      expect(alice?.groups).toEqual(expect.arrayContaining([groupDn('operators'), groupDn('staff'), groupDn('all')]))
      expect(alice?.groups).toContain(`CN=Domain Users,CN=Users,${domain}`)
      expect(alice?.groups).not.toContain(groupDn('plant'))
      const bob = await describePerson(directory, { username: 'bob', now })
      expect(bob?.groups).toEqual(expect.arrayContaining([groupDn('plant'), groupDn('site')]))
    },
  )

  test('sees disabled and expired accounts', async () => {
    const states = ['alice', 'gone', 'expired', 'later'].map(async (username) => {
      const found = await describePerson(directoryWith(), { username, now })
      return found?.isDisabled
    })
    expect(await Promise.all(states)).toEqual([false, true, true, false])
  })

  test('lists the same as it describes', async () => {
    const directory = directoryWith()
    const listed: FoundPerson[] = []
    await listPeople(directory, {
      now,
      withinMs: 60_000,
      known: async (subjects) => new Map(subjects.map((subject) => [subject, true])),
      take: async (some) => void listed.push(...some.map(({ found }) => found)),
    })
    for (const username of ['alice', 'bob', 'gone']) {
      expect(listed.find((one) => one.username === username)).toEqual(
        await describePerson(directory, { username, now }),
      )
    }
  })

  test('finds out which of some accounts are absent', async () => {
    const gone = '11111111-2222-3333-4444-555555555555'
    const absent = await findAbsent(directoryWith(), [samba.show('alice', 'objectGUID'), gone])
    expect(absent).toEqual(new Set([gone]))
  })

  test.each(['*', 'a*', 'alice)(cn=*', ' alice ', 'ａｌｉｃｅ', 'alice@lab.test', 'LAB\\alice'])(
    'finds nobody by %j',
    async (username) => {
      expect(await proveByDirectory(directoryWith(), { username, password, now })).toBeNull()
    },
  )

  test('ends a listing where the service account may not read whether a person is disabled', async () => {
    samba.hideState('later')
    const directory = directoryWith()
    const list = listPeople(directory, {
      now,
      withinMs: 60_000,
      known: async (subjects) => new Map(subjects.map((subject) => [subject, true])),
      take: async () => {},
    })
    await expect(list).rejects.toMatchObject({ problem: 'not_permitted_there' })
    const person = { username: 'later', password: null, source: { address: '127.0.0.1', devices: [] } }
    const steps = await testDirectory({ settings: settingsWith({}), secret: password, person, now })
    expect(steps.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      step: 'person',
      problem: 'not_permitted_there',
    })
  })

  test('passes the steps of the test', async () => {
    const person = { username: 'alice', password, source: { address: '127.0.0.1', devices: [] } }
    const steps = await testDirectory({ settings: settingsWith({}), secret: password, person, now })
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).toEqual(
      ['address', 'tcp', 'tls', 'credentials', 'directory', 'person', 'password', 'groups'].map(
        (step) => `${step} passed`,
      ),
    )
  })
})
