/**
 * How far a browser has signed in. The stage is computed for each request and never stored, so that a new demand also holds for
 * sessions that are already open. The first rule that applies decides.
 */
import type { Stage } from '@gatehouse/contract/route'
import { type HeldKind, hasSecondFactor } from '../second-factors/kinds.ts'
import { hasFirstStep, hasProviderFactor, hasSecondStep, type Proof } from './proofs.ts'

export interface StageFacts {
  authenticators: readonly HeldKind[]
  isFactorDemanded: boolean
  passwordChangeRequiredAt: string | null
}

/** Null: the proofs are not enough for any stage. */
export function stageOf(proofs: readonly Pick<Proof, 'kind'>[], facts: StageFacts): Stage | null {
  if (!hasFirstStep(proofs)) return null
  if (hasSecondFactor(facts.authenticators) && !hasSecondStep(proofs)) return 'mfa-required'
  return stageWhenProved({ ...facts, isFactorDemanded: facts.isFactorDemanded && !hasProviderFactor(proofs) })
}

/** The stage of a user who has proved everything. A token has this stage: it was made by a complete sign-in. */
export function stageWhenProved({ authenticators, isFactorDemanded, passwordChangeRequiredAt }: StageFacts): Stage {
  if (passwordChangeRequiredAt !== null) return 'password-change-required'
  if (isFactorDemanded && !hasSecondFactor(authenticators)) return 'mfa-enrolment-required'
  return 'full'
}
