/** The steps of the check of a chain, in their order, and the step that each fault belongs to. */
import type { ChainProblem } from './chain.ts'

export const chainChecks = ['parses', 'chain', 'dates', 'usage', 'revocation'] as const
export type ChainCheck = (typeof chainChecks)[number]

/** `judgeChain` looks for faults in the order of the steps, so every step before this one has passed. */
export const chainCheckOf: Record<ChainProblem, ChainCheck> = {
  no_certificate: 'parses',
  malformed: 'parses',
  certificate_too_large: 'parses',
  too_many_certificates: 'parses',
  empty_trust_store: 'chain',
  unknown_authority: 'chain',
  bad_signature: 'chain',
  unsupported_signature: 'chain',
  weak_key: 'chain',
  weak_signature: 'chain',
  unknown_critical_extension: 'chain',
  not_a_ca: 'chain',
  path_too_long: 'chain',
  name_constraints: 'chain',
  no_valid_policy: 'chain',
  authority_expired: 'dates',
  not_yet_valid: 'dates',
  expired: 'dates',
  wrong_usage: 'usage',
  client_is_authority: 'usage',
  key_not_for_tls: 'usage',
  revoked: 'revocation',
  crl_expired: 'revocation',
}
