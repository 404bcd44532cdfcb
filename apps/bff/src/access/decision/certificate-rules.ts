/** The rules for a client with a certificate, in order. The first that fails is the reason of the refusal. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { CheckName } from '@gatehouse/contract/certificates/check'
import { Username } from '@gatehouse/contract/identity/users'
import { type TrustedPath, type TrustedVerdict, trustedPaths } from '@gatehouse/pki/judge/chain'
import { type ChainCheck, chainCheckOf, chainChecks } from '@gatehouse/pki/judge/chain-checks'
import { type AdmissionFacts, type AdmissionRule, judgeAdmission, newDeviceUser } from './admission.ts'
import { choosePath, type LimiterPermissions } from './authority-limits.ts'
import { claimedUsername, type Evidence } from './evidence.ts'
import type { DecisionUser } from './facts.ts'
import type { Method, Note, PasswordNeeded, Proved, Refused } from './outcome.ts'
import { hasGrant, judgePassword, needPassword, requiresGrant } from './password-rules.ts'

type CertificateEvidence = Evidence & { certificate: NonNullable<Evidence['certificate']> }

interface Judged {
  evidence: CertificateEvidence
  /** The username that the certificate claims. Null: it names none. */
  claimed: string | null
  user: DecisionUser | null
  ceilings: LimiterPermissions
  /** The rule that admits the user, who does not exist yet. Null: the user exists. */
  admittedBy: AdmissionRule | null
}

/** Null: passed. */
type Rule = (judged: Judged) => Refused | PasswordNeeded | null
type Checks = readonly (readonly [CheckName, Rule])[]

interface CertificateFacts {
  user: DecisionUser | null
  ceilings: LimiterPermissions
  /** What decides about a device without a user. Null: it is refused. */
  admission: AdmissionFacts | null
}

export function judgeCertificate(
  evidence: CertificateEvidence,
  { user, ceilings, admission }: CertificateFacts,
  note?: Note,
): Proved | Refused | PasswordNeeded {
  const claiming: Judged = { evidence, claimed: claimedUsername(evidence), user, ceilings, admittedBy: null }
  const claimFailure = firstFailure(claimRules, claiming, note)
  if (claimFailure) return claimFailure
  const judged = user === null && admission ? judgeNewDevice(claiming, admission) : claiming
  if ('outcome' in judged) {
    note?.('user', false)
    return judged
  }
  const failure = firstFailure(userRules, judged, note)
  if (failure) return failure
  const { verdict } = evidence.certificate
  const { path } = choose(judged)
  // The rules have refused a missing user, a path that no limit allows, and an untrusted chain. Without this test a rule that is
  // removed by mistake would admit the client.
  if (!judged.user || !path || !verdict.trusted) return refuse('unknown_user')
  const { admittedBy } = judged
  return {
    outcome: 'proved',
    user: judged.user,
    method: methodOf(judged.user),
    verdict: byPath(verdict, path),
    admittedBy,
  }
}

function firstFailure(checks: Checks, judged: Judged, note?: Note): ReturnType<Rule> {
  for (const [check, rule] of checks) {
    const failure = rule(judged)
    note?.(check, failure === null)
    if (failure) return failure
  }
  return null
}

/** Judges on as the user that a rule would create, so that no user is created for a client that is refused afterwards. */
function judgeNewDevice(judged: Judged, admission: AdmissionFacts): Judged | Refused {
  const { verdict } = judged.evidence.certificate
  if (!verdict.trusted || judged.claimed === null) return refuse('unknown_user')
  const authorities = [...new Set([...verdict.authorities, ...trustedPaths(verdict).map(({ authority }) => authority)])]
  const { rule, reason } = judgeAdmission({ username: judged.claimed, authorities }, admission)
  if (!rule) return refuse(reason)
  const asUser = { ...judged, user: newDeviceUser(judged.claimed, rule), admittedBy: rule }
  // Once more, for the rights that the user would have.
  return refuseLimit(asUser) ?? asUser
}

/**
 * For a listener that identifies clients by password. The certificate may be any that the listener trusts, but the
 * username limit of its CA counts for the user who signs in.
 */
export function judgeCertificateAndPassword(
  evidence: CertificateEvidence,
  { user, ceilings }: { user: DecisionUser | null; ceilings: LimiterPermissions },
  note?: Note,
): Proved | Refused | PasswordNeeded {
  const { verdict } = evidence.certificate
  const judged: Judged = { evidence, claimed: claimedUsername(evidence), user, ceilings, admittedBy: null }
  const failure = firstFailure(chainRules, judged, note)
  if (failure) return failure
  const proof = judgePassword(evidence, user)
  if (proof.outcome !== 'proved') return proof
  const beyondLimit = refuseLimit(judged)
  if (beyondLimit) return { ...beyondLimit, claim: 'username' }
  const { path } = choose(judged)
  // The rules have refused a path that no limit allows, and an untrusted chain. Without this test a rule that is removed by mistake
  // would admit the client.
  if (!path || !verdict.trusted) return refuse('authority_limit')
  return { ...proof, method: 'certificate+password', verdict: byPath(verdict, path) }
}

const chainRules: Checks = chainChecks.map((check) => [check, chainRule(check)] as const)

/** What does not depend on a user: the chain, the name and the limit of the CA. */
const claimRules: Checks = [
  ...chainRules,
  ['common_name', ({ evidence }) => refuseCommonName(evidence)],
  ['username', refuseUsername],
  ['authority_limit', refuseLimit],
]

const userRules: Checks = [
  ['user', ({ claimed, user }) => (user?.username === claimed ? null : refuse('unknown_user'))],
  ['enabled', forUser((_, user) => (user.disabledAt === null ? null : refuse('disabled')))],
  ['grant', forUser(refuseGrant)],
  ['required_grants', forUser(refuseRequiredGrants)],
]

// The chain has one verdict with one fault. The checks before the check of that fault count as passed.
function chainRule(check: ChainCheck): Rule {
  return ({ evidence }) => {
    const { verdict } = evidence.certificate
    if (verdict.trusted) return null
    const isPassed = chainChecks.indexOf(check) < chainChecks.indexOf(chainCheckOf[verdict.reason])
    return isPassed ? null : refuse(verdict.reason)
  }
}

function refuseCommonName({ certificate: { commonName } }: CertificateEvidence): Refused | null {
  return commonName.ok ? null : refuse(commonName.reason)
}

function refuseUsername({ evidence: { username }, claimed }: Judged): Refused | null {
  if (!Username.safeParse(claimed).success) return refuse('not_a_username')
  return username === null || username === claimed ? null : refuse('username_mismatch')
}

function refuseLimit(judged: Judged): Refused | null {
  const { verdict } = choose(judged)
  if (verdict === 'allowed') return null
  return refuse(verdict === 'unconfirmed' ? 'authority_unconfirmed' : 'authority_limit')
}

/** The path of certificates by which the client may be admitted as the claimed user. */
function choose({ evidence: { certificate }, claimed, user, ceilings, admittedBy }: Judged) {
  const { verdict } = certificate
  if (!verdict.trusted || claimed === null) return { verdict: 'beyond_limit', path: null } as const
  const paths = trustedPaths(verdict).filter((path) => admittedBy === null || leadsTo(path, verdict, admittedBy))
  return choosePath(paths, claimed, { user: user?.username === claimed ? user : null, ceilings })
}

function leadsTo(path: TrustedPath, verdict: TrustedVerdict, { authority }: AdmissionRule): boolean {
  return path.authority === authority || (path === verdict && verdict.authorities.includes(authority))
}

function byPath(verdict: TrustedVerdict, path: TrustedPath): TrustedVerdict {
  return path === verdict ? verdict : { ...verdict, ...path }
}

function forUser(rule: (evidence: CertificateEvidence, user: DecisionUser) => ReturnType<Rule>): Rule {
  return ({ evidence, user }) => (user ? rule(evidence, user) : refuse('unknown_user'))
}

// When a grant is required, the optional grants do not count.
function refuseGrant(evidence: CertificateEvidence, user: DecisionUser): ReturnType<Rule> {
  // A password that is not needed is not verified.
  if (hasGrant(user, 'certificate') || requiresGrant(user, 'password')) return null
  if (!hasGrant(user, 'password') || evidence.password.state === 'none') return refuse('no_certificate_grant')
  return needPassword(evidence, user, 'certificate')
}

function refuseRequiredGrants(evidence: CertificateEvidence, user: DecisionUser): ReturnType<Rule> {
  return requiresGrant(user, 'password') ? needPassword(evidence, user, 'certificate') : null
}

function methodOf(user: DecisionUser): Method {
  if (!hasGrant(user, 'certificate')) return 'password'
  return requiresGrant(user, 'password') ? 'certificate+password' : 'certificate'
}

function refuse(reason: RefusalReason): Refused {
  return { outcome: 'refused', reason, claim: 'certificate' }
}
