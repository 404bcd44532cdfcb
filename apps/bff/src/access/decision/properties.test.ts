/** The decisions agree with the slow model, and with each other. */
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { assert, constantFrom, property, subarray } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decideSlowly, type Situation } from '../../../test/decision-model.ts'
import { names, ofNewDevice, situation } from '../../../test/decision-situations.ts'
import type { AdmissionFacts } from './admission.ts'
import { judgeConnect } from './connect.ts'
import { type Evidence, evidenceOf, type PasswordEvidence, type PresentedCredentials } from './evidence.ts'
import type { DecisionUser } from './facts.ts'
import { mayKeepSession, type ReviewContext, review } from './review.ts'
import { compileRights, judgeSubscribe } from './topics.ts'

const numRuns = 5_000
describe('a CONNECT', () => {
  test('is decided as the slow model decides it', () => {
    assert(
      property(situation, (given) => {
        expect(summaryOf(given)).toBe(decideSlowly(given))
      }),
      { numRuns },
    )
  })

  test('of a device without a user is decided as the slow model decides it', () => {
    assert(
      property(ofNewDevice, (given) => {
        expect(summaryOf(given)).toBe(decideSlowly(given))
      }),
      { numRuns },
    )
  })

  test('reaches every kind of decision in these runs', () => {
    const reached = new Set<string>()
    // With one seed: a rare outcome would be missing now and then.
    for (const each of [situation, ofNewDevice]) {
      assert(
        property(each, (given) => void reached.add(summaryOf(given))),
        { numRuns, seed: 1 },
      )
    }
    for (const outcome of [
      'certificate',
      'password',
      'certificate+password',
      'password-needed',
      'no_certificate',
      'expired',
      'no_common_name',
      'not_a_username',
      'username_mismatch',
      'authority_limit',
      'authority_unconfirmed',
      'unknown_user',
      'disabled',
      'no_certificate_grant',
      'no_password_grant',
      'required_grant_missing',
      'no_credentials',
      'wrong_credentials',
      'throttled',
      'busy',
      'bad_client_id',
      'client_id_taken',
      'will_refused',
      'device_denied',
      'spelling_taken',
      'admission_roles',
      'admission_author',
      'admission_limit',
      'new-device r1',
    ]) {
      expect(reached).toContain(outcome)
    }
  })

  test('without a certificate needs the password check for every user, known or not', () => {
    assert(
      property(situation, constantFrom(...names), (given, username) => {
        const byPassword: Situation = { ...given, clientCertificate: 'accepted', chain: null, password: 'unchecked' }
        expect(summaryOf({ ...byPassword, username })).toBe('password-needed')
      }),
    )
  })

  test('admits nobody with a wrong password where the password is required', () => {
    assert(
      property(situation, constantFrom('none', 'wrong', 'throttled', 'busy', 'unchecked'), (given, password) => {
        const demanding = given.user && { ...given.user, grants: [{ method: 'password' as const, isRequired: true }] }
        const decision = decide({ ...given, password, user: demanding })
        expect(decision.outcome).not.toBe('admitted')
      }),
    )
  })
})

describe('a review', () => {
  const filters = subarray(['t/1', 't/2', 't/+'])

  test('keeps a connection exactly when CONNECT would admit it now and its subscriptions are covered', () => {
    assert(
      property(situation, filters, (given, subscribed) => {
        const { client, context } = reviewed(given)
        const rights = compileRights(given.user ? userOf(given) : { mqttPermissions: [], mqttPublishPrefix: null })
        const connect = { ...given, clientId: 'device', clientIdOwner: 'same-user' as const, will: null }
        const isCovered = subscribed.every((filter) => judgeSubscribe(rights, filter))
        const isAdmitted = decide(connect).outcome === 'admitted'
        expect(review({ ...client, rights }, subscribed, context).isKept).toBe(isAdmitted && isCovered)
      }),
      { numRuns },
    )
  })

  test('keeps the session of a client whose password was changed, and of no client that CONNECT would refuse', () => {
    assert(
      property(situation, (given) => {
        const { client, context } = reviewed(given)
        const isRight = given.password === 'right-for-an-earlier-password'
        const asNew = { ...given, password: isRight ? ('right' as const) : given.password }
        const connect = { ...asNew, clientId: 'device', clientIdOwner: 'same-user' as const, will: null }
        expect(mayKeepSession(client, [], context)).toBe(decide(connect).outcome === 'admitted')
      }),
      { numRuns },
    )
  })
})

function summaryOf(given: Situation): string {
  const decision = decide(given)
  if (decision.outcome === 'refused') return decision.reason
  if (decision.outcome === 'new-device') return `new-device ${decision.rule.id}`
  return decision.outcome === 'admitted' ? decision.method : decision.outcome
}

function decide(given: Situation) {
  const owners = { nobody: null, 'same-user': 'u1', 'other-user': 'u2' }
  const { clientId, isClean, will } = given
  const request = { clientId, isClean, will: will === null ? null : { topic: will } }
  const evidence: Evidence = evidenceOf(credentialsOf(given), request, {
    judgeChain: () => verdictOf(given),
    at: new Date(0),
  })
  const user = given.user && userOf(given)
  const admission = admissionOf(given)
  return judgeConnect(evidence, {
    user,
    admission,
    ceilings: given.ceilings,
    clientIdOwner: owners[given.clientIdOwner],
  })
}

const fullUntil = { below: null, full: null, 'full-this-hour': 1, 'full-an-hour-ago': 0 }

function admissionOf({ admission }: Situation): AdmissionFacts | null {
  if (!admission) return null
  const rules = admission.rules.map(({ id, authority, usernames, gives, author, limit }) => {
    const until = fullUntil[limit]
    const hourFullUntil = until === null ? null : new Date(until)
    const isFull = limit === 'full'
    return {
      id,
      name: id,
      authority,
      usernames,
      roles: [],
      permissions: gives,
      authorPermissions: author,
      isFull,
      hourFullUntil,
    }
  })
  return { ...admission, rules, at: new Date(0) }
}

function reviewed(given: Situation) {
  const client = { clientId: 'device', userId: 'u1', credentials: credentialsOf(given) }
  const user = given.user && userOf(given)
  const { ceilings } = given
  const context: ReviewContext = { user, ceilings, judgeChain: () => verdictOf(given), now: new Date(0) }
  return { client, context }
}

function credentialsOf({ clientCertificate, chain, username, password }: Situation): PresentedCredentials {
  const commonName = chain?.commonName ?? null
  return {
    listener: { id: 'l1', name: 'mqtts', clientCertificate, identity: 'certificate', trusted: null },
    address: '192.0.2.1',
    presented: chain ? [new Uint8Array([0x30])] : [],
    commonName: commonName === null ? { ok: false, reason: 'no_common_name' } : { ok: true, commonName },
    username,
    password: passwordOf(password),
    at: new Date(0),
  }
}

function passwordOf(password: Situation['password']): PasswordEvidence {
  if (password === 'right') return { state: 'right', credential: 'hash' }
  if (password === 'right-for-an-earlier-password') return { state: 'right', credential: 'earlier hash' }
  return { state: password }
}

function userOf({ user }: Situation): DecisionUser {
  if (!user) throw new Error('no user')
  const { username, isDisabled, grants, permissions, confirmations, prefix } = user
  return {
    id: 'u1',
    username,
    disabledAt: isDisabled ? '2026-01-01T00:00:00Z' : null,
    grants,
    mqttPermissions: permissions,
    permissions,
    confirmations,
    mqttPublishPrefix: prefix,
    credential: 'hash',
    passwordEndsAt: null,
  }
}

function verdictOf({ chain }: Situation): ChainVerdict {
  if (!chain || chain.fault !== null) {
    return { trusted: false, leafFingerprint: 'leaf', reason: chain?.fault ?? 'no_certificate' }
  }
  const paths = chain.paths.map((path) => ({ ...path, path: [], validUntil: new Date('2040-01-01') }))
  const [first, ...otherPaths] = paths
  if (!first) throw new Error('no path')
  return { trusted: true, leafFingerprint: 'leaf', authorities: [first.authority], ...first, otherPaths }
}
