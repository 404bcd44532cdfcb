/** Facts of decisions, for tests that need few of them. */
import type { TrustedVerdict } from '@gatehouse/pki/judge/chain'
import type { DecisionUser } from '../src/access/decision/facts.ts'

/** A certificate of the CA `a`. */
export const trustedVerdict: TrustedVerdict = {
  trusted: true,
  leafFingerprint: 'leaf',
  authority: 'a',
  authorities: ['a'],
  limits: [],
  otherPaths: [],
  path: [],
  validUntil: new Date('2040-01-01'),
}

/** An enabled user without grants and permissions. */
export function makeDecisionUser(facts: Partial<DecisionUser> = {}): DecisionUser {
  return {
    id: 'u1',
    username: 'press-1',
    disabledAt: null,
    grants: [],
    mqttPermissions: [],
    permissions: [],
    confirmations: [],
    mqttPublishPrefix: null,
    credential: null,
    passwordEndsAt: null,
    ...facts,
  }
}
