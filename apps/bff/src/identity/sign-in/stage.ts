/**
 * The rule: how far a browser has signed in is computed from facts at each request and never stored, so that a demand made
 * a moment ago holds for sessions that are already open. The first that applies, in this order.
 */
import type { Stage } from '@gatehouse/contract/route'

export interface StageFacts {
  factorProvedAt: string | null
  mfaEnrolledAt: string | null
  isFactorDemanded: boolean
  passwordChangeRequiredAt: string | null
}

export function stageOf(facts: StageFacts): Stage {
  if (facts.mfaEnrolledAt !== null && facts.factorProvedAt === null) return 'mfa-required'
  if (facts.passwordChangeRequiredAt !== null) return 'password-change-required'
  if (facts.isFactorDemanded && facts.mfaEnrolledAt === null) return 'mfa-enrolment-required'
  return 'full'
}
