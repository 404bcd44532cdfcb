import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { describe, expect, test } from 'vitest'
import { type AdmittedUser, type Evidence, judgeAdmission } from './connect.ts'

const trusted: ChainVerdict = {
  trusted: true,
  leafFingerprint: 'leaf',
  authority: 'a',
  authorities: ['a'],
  limits: [],
  otherPaths: [],
  path: [],
  validUntil: new Date('2040-01-01'),
}
const ceilings = new Map()
const certificate = { verdict: trusted, commonName: { ok: true as const, commonName: 'device001' }, ceilings }
const limited = (...limits: string[][]) => ({
  ...certificate,
  verdict: { ...trusted, limits: limits.map((usernames) => ({ authority: 'a', usernames })) },
})
const nothing: Evidence = { certificate: null, username: null, password: 'none' }
const byCertificate: Evidence = { ...nothing, certificate }
const named = (commonName: string): Evidence => ({
  ...nothing,
  certificate: { ...certificate, commonName: { ok: true, commonName } },
})
const byPassword: Evidence = { ...nothing, username: 'device001', password: 'right' }

function user(grants: string, more: Partial<AdmittedUser> = {}): AdmittedUser {
  const each = grants.split(' ').filter(Boolean)
  return {
    id: 'u1',
    username: 'device001',
    disabledAt: null,
    grants: each.map((grant) => ({
      method: grant.replace('!', '') as 'password' | 'certificate' | 'token',
      isRequired: grant.endsWith('!'),
    })),
    permissions: [],
    rights: [],
    confirmations: [],
    mqttPublishPrefix: null,
    ...more,
  }
}
const disabled = { disabledAt: '2026-01-01T00:00:00Z' }

describe('who is admitted', () => {
  // what was shown, the user, what comes of it
  const cases: [string, Evidence, AdmittedUser | null, string][] = [
    ['a certificate', byCertificate, user('certificate'), 'certificate'],
    ['its username too', { ...byCertificate, username: 'device001' }, user('certificate'), 'certificate'],
    ['another username', { ...byCertificate, username: 'Device001' }, user('certificate'), '5 username_mismatch'],
    ['an empty username', { ...byCertificate, username: '' }, user('certificate'), '5 username_mismatch'],
    ['a name that no user can have', named('ab'), null, '5 not_a_username'],
    [
      'a name that no user can have, and a username beside it',
      { ...named('é'), username: 'x' },
      null,
      '5 not_a_username',
    ],
    ['nobody of that name', byCertificate, null, '5 unknown_user'],
    ['a user of another name', byCertificate, user('certificate', { username: 'other' }), '5 unknown_user'],
    ['disabled', byCertificate, user('certificate', disabled), '5 disabled'],
    ['no grant', byCertificate, user(''), '5 no_certificate_grant'],
    ['a token grant alone', byCertificate, user('token'), '5 no_certificate_grant'],
    ['a required token plays no part', byCertificate, user('certificate token!'), 'certificate'],
    ['only a password grant', byCertificate, user('password'), '5 no_certificate_grant'],
    ['an unneeded password', { ...byCertificate, password: 'unchecked' }, user('certificate password'), 'certificate'],
    ['a required certificate', byCertificate, user('certificate! password'), 'certificate'],
    ['both required, one shown', byCertificate, user('certificate! password!'), '5 required_grant_missing'],
    ['the password required', byCertificate, user('certificate password!'), '5 required_grant_missing'],
    [
      'a limit it is within',
      { ...nothing, certificate: limited(['x', 'device*']) },
      user('certificate'),
      'certificate',
    ],
    ['a limit it is not within', { ...nothing, certificate: limited(['x']) }, user('certificate'), '5 authority_limit'],
    ['each limit counts', { ...nothing, certificate: limited(['*'], ['x']) }, user('certificate'), '5 authority_limit'],
    ['a password', byPassword, user('password'), 'password'],
    ['no username', nothing, null, '5 no_credentials'],
    ['a username alone', { ...byPassword, password: 'none' }, user('password'), '4 no_credentials'],
    ['a username alone, nobody', { ...byPassword, password: 'none' }, null, '4 no_credentials'],
    ['before the check', { ...byPassword, password: 'unchecked' }, user('password'), 'password-needed'],
    ['before the check, nobody', { ...byPassword, password: 'unchecked' }, null, 'password-needed'],
    ['before the check, disabled', { ...byPassword, password: 'unchecked' }, user('', disabled), 'password-needed'],
    ['wrong', { ...byPassword, password: 'wrong' }, user('password'), '4 wrong_credentials'],
    ['wrong, nobody', { ...byPassword, password: 'wrong' }, null, '4 unknown_user'],
    ['wrong, disabled', { ...byPassword, password: 'wrong' }, user('password', disabled), '4 wrong_credentials'],
    ['throttled', { ...byPassword, password: 'throttled' }, user('password'), '4 throttled'],
    ['busy', { ...byPassword, password: 'busy' }, user('password'), '3 busy'],
    ['right, disabled', byPassword, user('password', disabled), '5 disabled'],
    ['right, no grant', byPassword, user('certificate'), '5 no_password_grant'],
    ['right, no grants at all', byPassword, user(''), '5 no_password_grant'],
    ['right, certificate required', byPassword, user('certificate! password'), '5 required_grant_missing'],
    ['right, but nobody', byPassword, null, '5 unknown_user'],
    ['both', { ...byCertificate, password: 'right' }, user('certificate! password!'), 'certificate+password'],
    [
      'both, not yet checked',
      { ...byCertificate, password: 'unchecked' },
      user('certificate! password!'),
      'password-needed',
    ],
    ['both, wrong', { ...byCertificate, password: 'wrong' }, user('certificate! password!'), '4 wrong_credentials'],
    ['both, throttled', { ...byCertificate, password: 'throttled' }, user('certificate password!'), '4 throttled'],
    [
      'a password beside a certificate without grant',
      { ...byCertificate, password: 'right' },
      user('password'),
      'password',
    ],
    ['the same, not yet checked', { ...byCertificate, password: 'unchecked' }, user('password'), 'password-needed'],
    [
      'a password saves no disabled user',
      { ...byCertificate, password: 'right' },
      user('password', disabled),
      '5 disabled',
    ],
    [
      'an untrusted chain',
      {
        ...byPassword,
        certificate: { ...certificate, verdict: { trusted: false, leafFingerprint: 'x', reason: 'expired' } },
      },
      user('password'),
      '5 expired',
    ],
    [
      'two common names',
      { ...byPassword, certificate: { ...certificate, commonName: { ok: false, reason: 'several_common_names' } } },
      user('password'),
      '5 several_common_names',
    ],
  ]
  test.each(cases)('%s', (_name, evidence, someone, expected) => {
    const admission = judgeAdmission(evidence, someone)
    const told =
      admission.outcome === 'refused'
        ? `${admission.returnCode} ${admission.reason}`
        : admission.outcome === 'admitted'
          ? admission.method
          : admission.outcome
    expect(told).toBe(expected)
  })
})

describe('notes', () => {
  const order =
    'parses chain dates usage revocation common_name username authority_limit user enabled grant required_grants'.split(
      ' ',
    )

  test.each<[string, string, Evidence, AdmittedUser | null]>([
    ['the chain', 'chain', untrusted('unknown_authority'), null],
    ['the dates', 'dates', untrusted('expired'), null],
    ['the usage', 'usage', untrusted('wrong_usage'), null],
    ['the name', 'username', named('ab'), null],
    ['the limit', 'authority_limit', { ...nothing, certificate: limited(['x']) }, user('certificate')],
    ['the user', 'user', byCertificate, null],
    ['a disabled user', 'enabled', byCertificate, user('certificate', disabled)],
    ['the grant', 'grant', byCertificate, user('password')],
    ['what else is required', 'required_grants', byCertificate, user('certificate! password!')],
  ])('end with what refuses: %s', (_name, last, evidence, someone) => {
    const notes: string[] = []
    judgeAdmission(evidence, someone, (check, isPassed) => notes.push(isPassed ? check : `not ${check}`))
    expect(notes).toEqual([...order.slice(0, order.indexOf(last)), `not ${last}`])
  })

  test('are whole where somebody is admitted', () => {
    const notes: string[] = []
    judgeAdmission(byCertificate, user('certificate'), (check, isPassed) =>
      notes.push(isPassed ? check : `not ${check}`),
    )
    expect(notes).toEqual(order)
  })
})

function untrusted(reason: 'unknown_authority' | 'expired' | 'wrong_usage'): Evidence {
  return { ...nothing, certificate: { ...certificate, verdict: { trusted: false, leafFingerprint: 'x', reason } } }
}
