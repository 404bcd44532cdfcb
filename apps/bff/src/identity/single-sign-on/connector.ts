/** Tests the connection to an OpenID provider, step by step, without a person. */
import type { FieldCode } from '@gatehouse/contract/errors'
import type { OidcSettings } from '@gatehouse/contract/identity/provider-settings'
import type { ProviderTestStep } from '@gatehouse/contract/identity/provider-test'
import { certificateProblemOf } from '../../platform/base/connection-errors.ts'
import { isLoopback } from '../../platform/base/loopback.ts'
import { areCertificates } from '../../platform/outbound/authorities.ts'
import { OutboundFault, type OutboundReason, type ProxyEnvironment } from '../../platform/outbound/outbound-fetch.ts'
import type { ProviderConnector, ProviderOf } from '../providers/connector.ts'
import { causesOf, codeOf } from './faults.ts'
import { ProviderFactsCache } from './provider-facts.ts'
import { type RelyingPartyContext, tryClient } from './relying-party.ts'

type Problem = NonNullable<ProviderTestStep['problem']>

interface ConnectorParts extends Pick<RelyingPartyContext, 'clock'> {
  proxy: ProxyEnvironment
}

export function makeOidcConnector(parts: ConnectorParts): ProviderConnector<'oidc'> {
  return {
    judge: async (settings) => judge(settings),
    test: (provider, secret) => test(parts, provider, secret),
    // An OpenID provider says something about a person only when the person signs in.
    describe: async () => null,
    prove: null,
  }
}

function judge({ issuer, authorities }: OidcSettings): Partial<Record<string, FieldCode>> {
  const url = URL.canParse(issuer) ? new URL(issuer) : null
  const host = url?.hostname.replace(/^\[|\]$/g, '') ?? ''
  const isGood = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(host))
  return {
    ...(!isGood && { issuer: 'invalid' as const }),
    ...(authorities !== null && !areCertificates(authorities) && { authorities: 'invalid' as const }),
  }
}

async function test(
  { clock, proxy }: ConnectorParts,
  { settings }: ProviderOf<'oidc'>,
  secret: string | null,
): Promise<ProviderTestStep[]> {
  // Of its own, so that the answer is not one of an earlier attempt.
  const context = { clock, facts: new ProviderFactsCache({ clock, proxy }) }
  const steps: ProviderTestStep[] = []
  const run = async (step: ProviderTestStep['step'], work: () => Promise<string | null>) => {
    const isLeft = steps.every(({ outcome }) => outcome === 'passed')
    steps.push(isLeft ? await outcomeOf(step, work) : { step, outcome: 'skipped', problem: null, detail: null })
  }
  await run('discovery', async () => (await context.facts.factsOf(settings)).metadata.issuer)
  await run('keys', async () => {
    const { keys } = await context.facts.factsOf(settings)
    await keys.reload()
    const count = keys.jwks()?.keys.length ?? 0
    if (count === 0) throw new StepFailed('no_usable_keys')
    return String(count)
  })
  await run('client', async () => {
    if (!(await tryClient(context, { settings, secret }))) throw new StepFailed('client_refused')
    return null
  })
  return steps
}

class StepFailed extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem)
    this.problem = problem
  }
}

async function outcomeOf(
  step: ProviderTestStep['step'],
  work: () => Promise<string | null>,
): Promise<ProviderTestStep> {
  try {
    return { step, outcome: 'passed', problem: null, detail: await work() }
  } catch (error) {
    return { step, outcome: 'failed', problem: problemOf(error), detail: null }
  }
}

const outboundProblems: Record<OutboundReason, Problem> = {
  address_refused: 'address_not_allowed',
  unreachable: 'refused_connection',
  timeout: 'timed_out',
  certificate_refused: 'certificate_not_trusted',
  proxy_refused: 'proxy_failed',
  answer_too_large: 'unexpected_answer',
}

function problemOf(error: unknown): Problem {
  if (error instanceof StepFailed) return error.problem
  const chain = causesOf(error)
  const fault = chain.find((each) => each instanceof OutboundFault)
  if (fault) return preciseProblem(fault)
  const codes = chain.map(codeOf)
  if (codes.includes('OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')) return 'issuer_differs'
  if (codes.includes('OAUTH_RESPONSE_IS_NOT_CONFORM')) return 'not_an_issuer'
  return 'unexpected_answer'
}

const precise: Record<string, Problem | undefined> = {
  ENOTFOUND: 'not_resolved',
  EAI_AGAIN: 'not_resolved',
}

function preciseProblem(fault: OutboundFault): Problem {
  return certificateProblemOf(fault.cause) ?? precise[codeOf(fault.cause)] ?? outboundProblems[fault.reason]
}
