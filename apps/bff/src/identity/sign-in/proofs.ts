/**
 * Proofs: what a session has shown of its user, each kind with its last time. Which kinds are enough, and for how long, is
 * computed from them for each request and never stored (decision 54).
 */
import { type Clock, maxSkewMs } from '../../platform/base/clock.ts'
import { type HeldKind, hasSecondFactor } from '../second-factors/kinds.ts'

/** `provider-factor`: the second factor of an identity provider, where the administrator has said that it counts. */
export type ProofKind = 'password' | 'directory' | 'oidc' | 'totp' | 'backup-code' | 'provider-factor'

export interface Proof {
  kind: ProofKind
  at: string
}

/** Explicit for each kind, so that a new kind does not compile before it has an entry. */
const steps: Record<ProofKind, 'first' | 'second'> = {
  password: 'first',
  directory: 'first',
  oidc: 'first',
  totp: 'second',
  'backup-code': 'second',
  'provider-factor': 'second',
}

type Shown = readonly Pick<Proof, 'kind'>[]

export function hasFirstStep(proofs: Shown): boolean {
  return proofs.some(({ kind }) => steps[kind] === 'first')
}

export function hasSecondStep(proofs: Shown): boolean {
  return proofs.some(({ kind }) => steps[kind] === 'second')
}

/** A session that the provider's second factor was shown in needs no factor of ours. */
export function hasProviderFactor(proofs: Shown): boolean {
  return proofs.some(({ kind }) => kind === 'provider-factor')
}

export const secondStepKinds = (Object.keys(steps) as ProofKind[]).filter((kind) => steps[kind] === 'second')

const recentMs = 10 * 60_000

/**
 * Step-up: was the second factor proved within ten minutes, or the first step where the session has no second factor? The
 * factor of the provider counts as one, so its session proves it again at the provider.
 */
export function isRecentlyProved(
  proofs: readonly Proof[],
  { authenticators }: { authenticators: readonly HeldKind[] },
  clock: Clock,
): boolean {
  const step = hasSecondFactor(authenticators) || hasProviderFactor(proofs) ? 'second' : 'first'
  return proofs.some(({ kind, at }) => {
    const ageMs = clock.now().getTime() - Date.parse(at)
    return steps[kind] === step && ageMs > -maxSkewMs && ageMs < recentMs
  })
}
