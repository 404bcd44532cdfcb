import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { Attribute, Change } from 'ldapts'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import {
  branches,
  dnOf,
  group,
  groupDn,
  hasSlapd,
  person,
  Slapd,
  servicePassword,
  settingsFor,
  suffix,
} from '../../../test/slapd.ts'
import { Directory } from './directory.ts'
import { DirectoryFault } from './faults.ts'
import { listPeople } from './list-people.ts'
import { describePerson, proveByDirectory } from './people.ts'

const now = new Date('2026-11-29T12:00:00Z')
const password = 'a password of the directory'
let slapd: Slapd
const opened: Directory[] = []
/** More than slapd sends in one answer to the service account. */
const manyGroups = Array.from({ length: 600 }, (_, at) => `group${at}`)

beforeAll(async () => {
  if (!hasSlapd) return
  slapd = await Slapd.start(
    [
      branches,
      person('alice', { password, more: 'employeeType: operator\nemployeeType: auditor' }),
      person('bob', { password }),
      person('expired', { password, more: 'objectClass: shadowAccount\nshadowExpire: 20000' }),
      person('later', { password, more: 'objectClass: shadowAccount\nshadowExpire: 40000' }),
      person('twin', { password }),
      person('other', { password, more: 'uid: twin' }),
      person('many', { password }),
      ...manyGroups.map((name) => group(name, [dnOf('many')])),
      group('operators', [dnOf('alice'), groupDn('all')]),
      group('staff', [groupDn('operators')]),
      group('all', [groupDn('staff')]),
      group('others', [dnOf('bob')]),
    ].join('\n'),
  )
})

afterAll(async () => {
  for (const directory of opened) directory.close()
  await slapd?.stop()
})

function settingsWith(given: Partial<LdapSettings> = {}): LdapSettings {
  return settingsFor(slapd, { urls: [slapd.url], tls: 'starttls', ...given })
}

function directoryWith(given: Partial<LdapSettings> = {}, secret = servicePassword): Directory {
  const directory = new Directory({ settings: settingsWith(given), secret })
  opened.push(directory)
  return directory
}

async function faultOf(asked: Promise<unknown>): Promise<string> {
  const error: unknown = await asked.catch((reason: unknown) => reason)
  return error instanceof DirectoryFault ? error.problem : 'no fault'
}

function ask(given: Partial<LdapSettings>, secret?: string): Promise<string> {
  return faultOf(describePerson(directoryWith(given, secret), { username: 'alice', now }))
}

describe.skipIf(!hasSlapd)('a directory of OpenLDAP', () => {
  test('proves a password over StartTLS and names groups of groups, also in a cycle', async () => {
    const found = await proveByDirectory(directoryWith(), { username: 'alice', password, now })
    expect(found).toMatchObject({ username: 'alice', displayName: 'The person alice', isDisabled: false })
    expect(found?.subject).toMatch(/^[0-9a-f-]{36}$/)
    expect(found?.groups?.toSorted()).toEqual(['all', 'operators', 'staff'].map(groupDn))
  })

  test('names only direct groups without nesting', async () => {
    const found = await proveByDirectory(directoryWith({ nestedGroups: false }), { username: 'alice', password, now })
    expect(found?.groups).toEqual([groupDn('operators')])
  })

  test('names no groups where the directory sends only some of them', async () => {
    const found = await proveByDirectory(directoryWith(), { username: 'many', password, now })
    expect(found).toMatchObject({ username: 'many', groups: null })
  })

  test('proves a password over LDAPS, and on the same connections again', async () => {
    const directory = directoryWith({ urls: [slapd.tlsUrl], tls: 'ldaps' })
    for (const username of ['alice', 'bob', 'alice']) {
      expect(await proveByDirectory(directory, { username, password, now })).toMatchObject({ username })
    }
    expect(await proveByDirectory(directory, { username: 'alice', password: 'wrong', now })).toBeNull()
    expect(await proveByDirectory(directory, { username: 'alice', password, now })).not.toBeNull()
  })

  test('takes the values of an attribute as groups', async () => {
    const directory = directoryWith({ groups: 'attribute', rolesAttribute: 'employeeType' })
    const found = await proveByDirectory(directory, { username: 'alice', password, now })
    expect(found?.groups).toEqual(['operator', 'auditor'])
  })

  test('searches nested groups itself where the rule of Active Directory is missing', async () => {
    const found = await describePerson(directoryWith({ groups: 'in-chain' }), { username: 'alice', now })
    expect(found?.groups).toHaveLength(3)
  })

  test('binds directly as the person, who then reads the own groups', async () => {
    const directory = directoryWith({ bind: 'direct', bindDn: null, userRdn: 'uid' }, '')
    expect(await proveByDirectory(directory, { username: 'alice', password: 'wrong', now })).toBeNull()
    const found = await proveByDirectory(directory, { username: 'alice', password, now })
    expect(found?.groups).toHaveLength(3)
  })

  test('finds one person under another case, with the name from the entry', async () => {
    const found = await proveByDirectory(directoryWith(), { username: 'ALICE', password, now })
    expect(found?.username).toBe('alice')
  })

  test.each([
    '*',
    'a*',
    'alice)(uid=*',
    '\\2a',
    '(',
    'ali\u0000ce',
    ' alice ',
    'ａｌｉｃｅ',
    'alice,ou=people',
    'al',
    '',
  ])('finds nobody by %j', async (username) => {
    expect(await proveByDirectory(directoryWith(), { username, password, now })).toBeNull()
    const direct = directoryWith({ bind: 'direct', bindDn: null, userRdn: 'uid' }, '')
    expect(await proveByDirectory(direct, { username, password, now })).toBeNull()
  })

  test('never sends an empty password', async () => {
    expect(await proveByDirectory(directoryWith(), { username: 'alice', password: '', now })).toBeNull()
    expect(await faultOf(describePerson(directoryWith({}, ''), { username: 'alice', now }))).toBe('wrong_secret')
  })

  test('names no groups where it may not look for them', async () => {
    const directory = directoryWith({ groupBase: `ou=nowhere,${suffix}` })
    expect(await proveByDirectory(directory, { username: 'alice', password, now })).toMatchObject({ groups: null })
  })

  test('ends a listing that takes too long', async () => {
    const take = vi.fn<() => Promise<void>>()
    const listing = { now, withinMs: -1, known: async () => new Map(), take }
    expect(await faultOf(listPeople(directoryWith(), listing))).toBe('timed_out')
    expect(take).not.toHaveBeenCalled()
  })

  test('refuses a name that two entries have', async () => {
    expect(await faultOf(describePerson(directoryWith(), { username: 'twin', now }))).toBe('several_persons')
  })

  test('sees accounts as disabled that are expired, locked for good, or match the filter', async () => {
    const disabledFilter = '(employeeType=auditor)'
    const states = ['expired', 'later', 'alice', 'bob'].map(async (username) => {
      const found = await describePerson(directoryWith({ disabledFilter }), { username, now })
      return found?.isDisabled
    })
    expect(await Promise.all(states)).toEqual([true, false, true, false])
    await setLock('bob', '000001010000Z')
    expect(await describePerson(directoryWith(), { username: 'bob', now })).toMatchObject({ isDisabled: true })
    await setLock('bob', '20260101000000Z')
    expect(await describePerson(directoryWith(), { username: 'bob', now })).toMatchObject({ isDisabled: false })
    await setLock('bob', null)
  })

  test('opens a new connection after the directory was restarted', async () => {
    const directory = directoryWith()
    const before = await proveByDirectory(directory, { username: 'alice', password, now })
    await slapd.stop()
    await slapd.start()
    expect(await proveByDirectory(directory, { username: 'alice', password, now })).toEqual(before)
  })

  test('opens no connection after it was closed', async () => {
    const directory = directoryWith()
    directory.close()
    expect(await faultOf(describePerson(directory, { username: 'alice', now }))).toBe('refused_connection')
  })

  test('tries the next server where the first one is not there', async () => {
    const directory = directoryWith({ urls: ['ldap://localhost:1', slapd.url] })
    expect(await describePerson(directory, { username: 'alice', now })).not.toBeNull()
  })

  test('names what is wrong with a connection', async () => {
    expect(await ask({ authorities: null })).toBe('certificate_not_trusted')
    expect(await ask({ urls: [slapd.url.replace('localhost', '127.0.0.1')] })).toBe('certificate_wrong_name')
    expect(await ask({ urls: ['ldap://localhost:1'] })).toBe('refused_connection')
    expect(await ask({ urls: ['ldap://no-such-host.invalid'] })).toBe('not_resolved')
    expect(await ask({ urls: ['ldap://169.254.169.254'] })).toBe('address_not_allowed')
    expect(await ask({ urls: ['ldap://192.0.2.1'], tls: 'none' })).toBe('address_not_allowed')
    expect(await ask({}, 'wrong')).toBe('wrong_secret')
    expect(await ask({ searchBase: `ou=nowhere,${suffix}` })).toBe('base_not_found')
    expect(await ask({ urls: [slapd.tlsUrl.replace('ldaps', 'ldap')], connectTimeoutMs: 200 })).toMatch(
      /timed_out|refused_connection/,
    )
  })

  test('names a server that accepts connections and answers nothing', async () => {
    const directory = directoryWith({ responseTimeoutMs: 2_000 })
    await describePerson(directory, { username: 'alice', now })
    slapd.freeze()
    try {
      expect(await faultOf(describePerson(directory, { username: 'alice', now }))).toBe('timed_out')
    } finally {
      slapd.go()
    }
    expect(await describePerson(directory, { username: 'alice', now })).not.toBeNull()
  })
})

async function setLock(uid: string, time: string | null): Promise<void> {
  await slapd.asRoot((client) =>
    client.modify(
      dnOf(uid),
      new Change({
        operation: 'replace',
        modification: new Attribute({ type: 'pwdAccountLockedTime', values: time === null ? [] : [time] }),
      }),
    ),
  )
}
