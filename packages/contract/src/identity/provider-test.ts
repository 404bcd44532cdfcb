/** The test of an identity provider: its steps, and why one fails. */
import * as z from 'zod/mini'

/** The steps of a test, in their order. A provider takes those that apply to it. */
export const providerTestSteps = [
  'address',
  'tcp',
  'tls',
  'credentials',
  'directory',
  'person',
  'password',
  'groups',
  'discovery',
  'keys',
  'client',
] as const

/** Why a step failed. Never what the other side answered. */
export const providerProblems = [
  'not_resolved',
  'address_not_allowed',
  'refused_connection',
  'timed_out',
  'proxy_failed',
  'certificate_not_trusted',
  'certificate_expired',
  'certificate_wrong_name',
  'tls_failed',
  'starttls_refused',
  'wrong_secret',
  'base_not_found',
  'not_permitted_there',
  'person_not_found',
  'several_persons',
  'wrong_password',
  'account_disabled',
  'groups_not_readable',
  'no_id_attribute',
  'username_unusable',
  'not_an_issuer',
  'issuer_differs',
  'no_usable_keys',
  'clock_differs',
  'client_refused',
  'unexpected_answer',
] as const

export const ProviderTestStep = z.object({
  step: z.enum(providerTestSteps),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** Null where the step passed. */
  problem: z.nullable(z.enum(providerProblems)),
  /** A count, a host or an attribute that the step is about. */
  detail: z.nullable(z.string()),
})
export type ProviderTestStep = z.output<typeof ProviderTestStep>
