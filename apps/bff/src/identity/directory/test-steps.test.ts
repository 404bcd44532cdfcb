import type { LdapSettings } from '@gatehouse/contract/identity/provider-settings'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  branches,
  dnOf,
  group,
  hasSlapd,
  person,
  Slapd,
  servicePassword,
  settingsFor,
  suffix,
} from '../../../test/slapd.ts'
import { testDirectory } from './test-steps.ts'

const now = new Date('2026-11-29T12:00:00Z')
const password = 'a password of the directory'
let slapd: Slapd

beforeAll(async () => {
  if (!hasSlapd) return
  const disabled = person('gone', { password, more: 'objectClass: shadowAccount\nshadowExpire: 1' })
  slapd = await Slapd.start(
    [branches, person('alice', { password }), disabled, group('staff', [dnOf('alice')])].join('\n'),
  )
})

afterAll(() => slapd?.stop())

/** The outcomes: `passed`, `skipped`, or the problem. */
async function outcomes(
  given: Partial<LdapSettings>,
  {
    secret = servicePassword,
    person: asked = null,
  }: { secret?: string | null; person?: { username: string; password: string | null } | null } = {},
): Promise<Record<string, string>> {
  const settings = settingsFor(slapd, given)
  const steps = await testDirectory({ settings, secret, person: asked && { ...asked, source }, now })
  return Object.fromEntries(steps.map(({ step, outcome, problem }) => [step, problem ?? outcome]))
}

const source = { address: '127.0.0.1', devices: [] }
const allPassed = {
  address: 'passed',
  tcp: 'passed',
  tls: 'passed',
  credentials: 'passed',
  directory: 'passed',
  person: 'passed',
  password: 'passed',
  groups: 'passed',
}
const alice = { username: 'alice', password }
const direct = { bind: 'direct', bindDn: null, userRdn: 'uid' } as const

describe.skipIf(!hasSlapd)('the test of a directory', () => {
  test('passes every step with a person and the password', async () => {
    expect(await outcomes({}, { person: alice })).toEqual(allPassed)
    expect(await outcomes({ urls: [slapd.url], tls: 'starttls' }, { person: alice })).toEqual(allPassed)
  })

  test('skips what cannot be tested without a person or a password', async () => {
    const without = { ...allPassed, password: 'skipped' }
    expect(await outcomes({}, { person: { ...alice, password: null } })).toEqual(without)
    expect(await outcomes({})).toEqual({ ...without, groups: 'skipped' })
    const unread = { directory: 'skipped', person: 'skipped', groups: 'skipped' }
    expect(await outcomes(direct)).toEqual({ ...without, ...unread, credentials: 'skipped' })
  })

  test('passes every step of a direct bind', async () => {
    expect(await outcomes(direct, { person: alice })).toEqual({ ...allPassed, credentials: 'skipped' })
    expect(await outcomes(direct, { person: { ...alice, password: 'wrong' } })).toMatchObject({
      password: 'wrong_password',
    })
  })

  test.each<[string, string, () => Partial<LdapSettings>, string?]>([
    ['address', 'not_resolved', () => ({ urls: ['ldaps://no-such-host.invalid'] })],
    ['address', 'address_not_allowed', () => ({ urls: ['ldaps://169.254.169.254'] })],
    ['tcp', 'refused_connection', () => ({ urls: ['ldaps://localhost:1'] })],
    ['tcp', 'refused_connection', () => ({ urls: [slapd.tlsUrl, 'ldaps://localhost:1'] })],
    ['tls', 'certificate_not_trusted', () => ({ authorities: null })],
    ['tls', 'certificate_wrong_name', () => ({ urls: [slapd.tlsUrl.replace('localhost', '127.0.0.1')] })],
    ['credentials', 'wrong_secret', () => ({}), 'wrong'],
    ['directory', 'base_not_found', () => ({ searchBase: `ou=nowhere,${suffix}` })],
    ['directory', 'base_not_found', () => ({ groupBase: `ou=nowhere,${suffix}` })],
    ['person', 'person_not_found', () => ({ userFilter: '(employeeType=nobody)' })],
    ['person', 'no_id_attribute', () => ({ idAttribute: 'objectGUID' })],
  ])(
    'names the step %s that failed with %s, and skips those behind it',
    async (step, problem, given, secret = servicePassword) => {
      const found = await outcomes(given(), { secret, person: alice })
      expect(found[step]).toBe(problem)
      const names = Object.keys(allPassed)
      for (const after of names.slice(names.indexOf(step) + 1)) expect(found[after]).toBe('skipped')
    },
  )

  test('names an expired certificate', async () => {
    slapd.makeCertificate({ names: ['localhost'], notAfter: new Date('2020-01-01') })
    await slapd.stop()
    await slapd.start()
    expect(await outcomes({})).toMatchObject({ tls: 'certificate_expired' })
    slapd.makeCertificate({ names: ['localhost'] })
    await slapd.stop()
    await slapd.start()
  })

  test('names a wrong password and a disabled person', async () => {
    expect(await outcomes({}, { person: { ...alice, password: 'wrong' } })).toMatchObject({
      password: 'wrong_password',
    })
    expect(await outcomes({}, { person: { ...alice, username: 'gone' } })).toMatchObject({ person: 'account_disabled' })
  })
})
