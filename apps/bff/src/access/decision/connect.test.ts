import { describe, expect, test } from 'vitest'
import { makeDecisionUser, trustedVerdict as trusted } from '../../../test/decision-facts.ts'
import { returnCodeOf } from '../../brokers/embedded/return-codes.ts'
import { judgeConnect } from './connect.ts'
import type { Evidence, PasswordEvidence } from './evidence.ts'
import type { DecisionUser } from './facts.ts'

const certificate = { verdict: trusted, commonName: { ok: true as const, commonName: 'device001' } }
const limited = (...limits: string[][]) => ({
  ...certificate,
  verdict: { ...trusted, limits: limits.map((usernames) => ({ authority: 'a', usernames })) },
})
const right: PasswordEvidence = { state: 'right', credential: 'hash' }
const unchecked: PasswordEvidence = { state: 'unchecked' }
const nothing: Evidence = {
  at: new Date('2026-06-01'),
  listener: { clientCertificate: 'accepted', identity: 'certificate', trusted: null },
  certificate: null,
  username: null,
  password: { state: 'none' },
  clientId: 'press-1',
  isClean: true,
  will: null,
}
const byCertificate: Evidence = { ...nothing, certificate }
const named = (commonName: string): Evidence => ({
  ...nothing,
  certificate: { ...certificate, commonName: { ok: true, commonName } },
})
const byPassword: Evidence = { ...nothing, username: 'device001', password: right }

function user(grants: string, more: Partial<DecisionUser> = {}): DecisionUser {
  const each = grants.split(' ').filter(Boolean)
  return makeDecisionUser({
    username: 'device001',
    grants: each.map((grant) => ({
      method: grant.replace('!', '') as 'password' | 'certificate' | 'token',
      isRequired: grant.endsWith('!'),
    })),
    credential: 'hash',
    ...more,
  })
}
const disabled = { disabledAt: '2026-01-01T00:00:00Z' }

describe('the user', () => {
  // what was shown, the user, what comes of it
  const cases: [string, Evidence, DecisionUser | null, string][] = [
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
    ['an unneeded password', { ...byCertificate, password: unchecked }, user('certificate password'), 'certificate'],
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
    ['a username alone', { ...byPassword, password: { state: 'none' } }, user('password'), '4 no_credentials'],
    ['a username alone, nobody', { ...byPassword, password: { state: 'none' } }, null, '4 no_credentials'],
    ['before the check', { ...byPassword, password: unchecked }, user('password'), 'password-needed'],
    ['before the check, nobody', { ...byPassword, password: unchecked }, null, 'password-needed'],
    ['before the check, disabled', { ...byPassword, password: unchecked }, user('', disabled), 'password-needed'],
    ['wrong', { ...byPassword, password: { state: 'wrong' } }, user('password'), '4 wrong_credentials'],
    ['wrong, nobody', { ...byPassword, password: { state: 'wrong' } }, null, '4 unknown_user'],
    [
      'wrong, disabled',
      { ...byPassword, password: { state: 'wrong' } },
      user('password', disabled),
      '4 wrong_credentials',
    ],
    ['throttled', { ...byPassword, password: { state: 'throttled' } }, user('password'), '4 throttled'],
    ['busy', { ...byPassword, password: { state: 'busy' } }, user('password'), '3 busy'],
    ['right, disabled', byPassword, user('password', disabled), '5 disabled'],
    ['right, no grant', byPassword, user('certificate'), '5 no_password_grant'],
    ['right, no grants at all', byPassword, user(''), '5 no_password_grant'],
    ['right, certificate required', byPassword, user('certificate! password'), '5 required_grant_missing'],
    ['right, but nobody', byPassword, null, 'password-needed'],
    ['right, and changed since', byPassword, user('password', { credential: 'new hash' }), 'password-needed'],
    [
      'right, and changed since, but not needed',
      { ...byCertificate, password: right },
      user('certificate password', { credential: 'new hash' }),
      'certificate',
    ],
    ['both', { ...byCertificate, password: right }, user('certificate! password!'), 'certificate+password'],
    [
      'both, not yet checked',
      { ...byCertificate, password: unchecked },
      user('certificate! password!'),
      'password-needed',
    ],
    [
      'both, wrong',
      { ...byCertificate, password: { state: 'wrong' } },
      user('certificate! password!'),
      '4 wrong_credentials',
    ],
    [
      'both, throttled',
      { ...byCertificate, password: { state: 'throttled' } },
      user('certificate password!'),
      '4 throttled',
    ],
    [
      'a password beside a certificate without grant',
      { ...byCertificate, password: right },
      user('password'),
      'password',
    ],
    ['the same, not yet checked', { ...byCertificate, password: unchecked }, user('password'), 'password-needed'],
    [
      'a password saves no disabled user',
      { ...byCertificate, password: right },
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
    expect(summaryOf(evidence, someone)).toBe(expected)
  })
})

describe('what the CONNECT asks for', () => {
  const writer = user('certificate', {
    mqttPermissions: [{ context: 'mqtt', operation: 'write', resource: 'line-3/#' }],
    mqttPublishPrefix: 'line-3/',
  })
  test.each<[string, Partial<Evidence>, string | null, string]>([
    ['admits a free client id', {}, null, 'certificate'],
    ['admits a client id of the same user', {}, 'u1', 'certificate'],
    ['refuses a client id of another user', {}, 'u2', '2 client_id_taken'],
    ['admits no client id with a clean session', { clientId: '', isClean: true }, null, 'certificate'],
    ['refuses no client id without a clean session', { clientId: '', isClean: false }, null, '2 bad_client_id'],
    ['refuses a client id of 257 characters', { clientId: 'x'.repeat(257) }, null, '2 bad_client_id'],
    ['refuses a control character in a client id', { clientId: 'a\u0000b' }, null, '2 bad_client_id'],
    ['admits a will on a topic that is allowed with the prefix', { will: { topic: 'a' } }, null, 'certificate'],
    ['refuses a will with a wildcard', { will: { topic: '+' } }, null, '5 will_refused'],
    ['judges the client id before the will', { will: { topic: '+' } }, 'u2', '2 client_id_taken'],
  ])('%s', (_name, request, clientIdOwner, expected) => {
    expect(summaryOf({ ...byCertificate, ...request }, writer, clientIdOwner)).toBe(expected)
  })

  test('names the topic of a refused will with its prefix', () => {
    const facts = { user: writer, admission: null, ceilings: new Map(), clientIdOwner: null }
    const decision = judgeConnect({ ...byCertificate, will: { topic: '#' } }, facts)
    expect(decision).toMatchObject({ reason: 'will_refused', topic: 'line-3/#' })
  })
})

describe('the listener', () => {
  const someone = user('certificate password')
  test.each<[Evidence['listener']['clientCertificate'], Evidence, string]>([
    ['required', byCertificate, 'certificate'],
    ['required', byPassword, '5 no_certificate'],
    ['accepted', byPassword, 'password'],
    ['ignored', byCertificate, '5 no_credentials'],
    ['ignored', { ...byCertificate, ...byPassword, certificate }, 'password'],
    ['none', byCertificate, '5 no_credentials'],
  ])('with client certificates %s: %#', (clientCertificate, evidence, expected) => {
    expect(summaryOf({ ...evidence, listener: { ...evidence.listener, clientCertificate } }, someone)).toBe(expected)
  })
})

function noteIn(notes: string[]): (check: string, isPassed: boolean) => void {
  return (check, isPassed) => void notes.push(isPassed ? check : `not ${check}`)
}

/** The method; the return code and the reason; or that the password is needed. */
function summaryOf(evidence: Evidence, someone: DecisionUser | null, clientIdOwner: string | null = null): string {
  const decision = judgeConnect(evidence, { user: someone, admission: null, ceilings: new Map(), clientIdOwner })
  if (decision.outcome === 'refused') return `${returnCodeOf(decision)} ${decision.reason}`
  return decision.outcome === 'admitted' ? decision.method : decision.outcome
}

describe('notes', () => {
  const noFacts = { admission: null, ceilings: new Map(), clientIdOwner: null }
  const order =
    'listener parses chain dates usage revocation common_name username authority_limit user enabled grant required_grants'.split(
      ' ',
    )

  test.each<[string, string, Evidence, DecisionUser | null]>([
    ['the chain', 'chain', untrusted('unknown_authority'), null],
    ['the dates', 'dates', untrusted('expired'), null],
    ['the usage', 'usage', untrusted('wrong_usage'), null],
    ['the name', 'username', named('ab'), null],
    ['the limit', 'authority_limit', { ...nothing, certificate: limited(['x']) }, user('certificate')],
    ['the user', 'user', byCertificate, null],
    ['a disabled user', 'enabled', byCertificate, user('certificate', disabled)],
    ['the grant', 'grant', byCertificate, user('password')],
    ['what else is required', 'required_grants', byCertificate, user('certificate! password!')],
  ])('end with the check that fails: %s', (_name, last, evidence, someone) => {
    const notes: string[] = []
    judgeConnect(evidence, { ...noFacts, user: someone }, noteIn(notes))
    expect(notes).toEqual([...order.slice(0, order.indexOf(last)), `not ${last}`])
  })

  test('name every check of a client that is admitted', () => {
    const notes: string[] = []
    judgeConnect(byCertificate, { ...noFacts, user: user('certificate') }, noteIn(notes))
    expect(notes).toEqual(order)
  })
})

function untrusted(reason: 'unknown_authority' | 'expired' | 'wrong_usage'): Evidence {
  return { ...nothing, certificate: { ...certificate, verdict: { trusted: false, leafFingerprint: 'x', reason } } }
}
