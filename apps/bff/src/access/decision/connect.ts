// Rule: a CONNECT is admitted only as the one user that its certificate or its right password proves, and only by that user's grants.
import type { RefusalReason, SignInMethod } from '@gatehouse/contract/brokers/broker'
import type { CheckName } from '@gatehouse/contract/certificates/check'
import { Username } from '@gatehouse/contract/identity/users'
import { type ChainVerdict, type TrustedPath, trustedPaths } from '@gatehouse/pki/judge/chain'
import { type ChainCheck, chainCheckOf, chainChecks } from '@gatehouse/pki/judge/chain-checks'
import type { CommonNameResult } from '@gatehouse/pki/read/common-name'
import type * as z from 'zod/mini'
import type { UserFacts } from './facts.ts'
import { type Ceilings, chooseWay, type VouchedUser } from './authority-limits.ts'

/** A user as the broker judges it. */
export type AdmittedUser = UserFacts & VouchedUser

export type Method = z.output<typeof SignInMethod>

/** What a client showed. */
export interface Evidence {
  /** Null where none was presented or the listener does not ask. */
  certificate: { verdict: ChainVerdict; commonName: CommonNameResult; ceilings: Ceilings } | null
  /** The MQTT username. */
  username: string | null
  password: 'none' | 'unchecked' | 'right' | 'wrong' | 'throttled' | 'busy'
}

/** MQTT 3.1.1 table 3.1: 2 identifier rejected, 3 server unavailable, 4 bad username or password, 5 not authorised. */
export type ReturnCode = 2 | 3 | 4 | 5

export type Admission =
  /** `way`: by which path of certificates; null where none was shown. */
  | { outcome: 'admitted'; method: Method; way: TrustedPath | null }
  /** It depends on the password: check it and ask again. */
  | { outcome: 'password-needed' }
  | { outcome: 'refused'; reason: RefusalReason; returnCode: ReturnCode }

/** Who the client says it is. Proved by nothing yet. */
export function claimedUsername({
  certificate,
  username,
}: {
  certificate: { commonName: CommonNameResult } | null
  username: string | null
}): string | null {
  if (!certificate) return username
  return certificate.commonName.ok ? certificate.commonName.commonName : null
}

/** Told of each check that was asked, in order. */
export type Note = (check: CheckName, isPassed: boolean) => void

/**
 * The one decision, at CONNECT, at each change after it, and where somebody asks about a certificate: who wants to know how it came
 * about takes notes. `user` is the one with exactly the claimed username, or null.
 */
export function judgeAdmission(evidence: Evidence, user: AdmittedUser | null, note?: Note): Admission {
  const { certificate } = evidence
  if (!certificate) return judgeByPassword(evidence, user)
  for (const [check, refuses] of certificateChecks) {
    const refusal = refuses({ ...evidence, certificate }, user)
    note?.(check, refusal === null)
    if (refusal) return refusal
  }
  // Never null here; a guard that passes when something is missing would be worse than a second look.
  const { way } = choose({ ...evidence, certificate }, user)
  return user && way ? admitByCertificate(user, way) : refuse('unknown_user', 5)
}

type Claim = Evidence & { certificate: NonNullable<Evidence['certificate']> }
type Refuses = (claim: Claim, user: AdmittedUser | null) => Admission | null

/** What the broker asks of a client with a certificate; the first that refuses is the answer. */
const certificateChecks: readonly (readonly [CheckName, Refuses])[] = [
  ...chainChecks.map((check) => [check, refuseChain(check)] as const),
  ['common_name', ({ certificate: { commonName } }) => (commonName.ok ? null : refuse(commonName.reason, 5))],
  ['username', refuseUsername],
  ['authority_limit', refuseLimit],
  ['user', (claim, user) => (user?.username === claimedUsername(claim) ? null : refuse('unknown_user', 5))],
  ['enabled', ofUser((_, user) => (user.disabledAt === null ? null : refuse('disabled', 5)))],
  ['grant', ofUser(refuseGrant)],
  ['required_grants', ofUser(refuseRequiredGrants)],
]

// The chain was judged as a whole: a check of it is passed where the fault belongs to a later one.
function refuseChain(check: ChainCheck): Refuses {
  return ({ certificate: { verdict } }) => {
    if (verdict.trusted) return null
    const isPassed = chainChecks.indexOf(check) < chainChecks.indexOf(chainCheckOf[verdict.reason])
    return isPassed ? null : refuse(verdict.reason, 5)
  }
}

function refuseUsername(claim: Claim): Admission | null {
  const claimed = claimedUsername(claim)
  if (!Username.safeParse(claimed).success) return refuse('not_a_username', 5)
  return claim.username === null || claim.username === claimed ? null : refuse('username_mismatch', 5)
}

function refuseLimit(claim: Claim, user: AdmittedUser | null): Admission | null {
  const { verdict } = choose(claim, user)
  if (verdict === 'vouched') return null
  return refuse(verdict === 'unconfirmed' ? 'authority_unconfirmed' : 'authority_limit', 5)
}

/** By which way the client may come in, as the user that it claims to be. */
function choose({ certificate, username }: Claim, user: AdmittedUser | null) {
  const claimed = claimedUsername({ certificate, username })
  const { verdict, ceilings } = certificate
  if (!verdict.trusted || claimed === null) return { verdict: 'beyond_limit', way: null } as const
  return chooseWay(trustedPaths(verdict), claimed, { user: user?.username === claimed ? user : null, ceilings })
}

/** The verdict as it is by the way on which the client was admitted. */
export function verdictBy(verdict: ChainVerdict | null, admission: Admission): ChainVerdict | null {
  const way = admission.outcome === 'admitted' ? admission.way : null
  return verdict?.trusted && way ? { ...verdict, ...way } : verdict
}

function ofUser(refuses: (claim: Claim, user: AdmittedUser) => Admission | null): Refuses {
  return (claim, user) => (user ? refuses(claim, user) : refuse('unknown_user', 5))
}

// Where something is required, that decides, and any other grant does not count.
function refuseGrant({ password }: Claim, user: AdmittedUser): Admission | null {
  // A password that is not needed is not verified.
  if (has(user, 'certificate') || requires(user, 'password')) return null
  if (!has(user, 'password') || password === 'none') return refuse('no_certificate_grant', 5)
  return requirePassword(password, user)
}

function refuseRequiredGrants({ password }: Claim, user: AdmittedUser): Admission | null {
  return requires(user, 'password') ? requirePassword(password, user) : null
}

function admitByCertificate(user: AdmittedUser, way: TrustedPath): Admission {
  if (!has(user, 'certificate')) return { outcome: 'admitted', method: 'password', way }
  return { outcome: 'admitted', method: requires(user, 'password') ? 'certificate+password' : 'certificate', way }
}

function judgeByPassword(evidence: Evidence, user: AdmittedUser | null): Admission {
  const refusal = refusePassword(evidence, user)
  if (refusal) return refusal
  if (user?.username !== evidence.username || !user) return refuse('unknown_user', 5)
  if (requires(user, 'certificate')) return refuse('required_grant_missing', 5)
  return has(user, 'password') ? { outcome: 'admitted', method: 'password', way: null } : refuse('no_password_grant', 5)
}

// Nothing is said about the user before the password was right: unknown, wrong and throttled all look the same to the client.
function refusePassword({ username, password }: Evidence, user: AdmittedUser | null): Admission | null {
  if (username === null) return refuse('no_credentials', 5)
  if (password === 'none') return refuse('no_credentials', 4)
  const unproved = requirePassword(password, user)
  if (unproved) return unproved
  return user?.disabledAt ? refuse('disabled', 5) : null
}

function requirePassword(password: Evidence['password'], user: AdmittedUser | null): Admission | null {
  switch (password) {
    case 'right':
      return null
    case 'unchecked':
      return { outcome: 'password-needed' }
    case 'busy':
      return refuse('busy', 3)
    case 'throttled':
      return refuse('throttled', 4)
    case 'wrong':
      return refuse(user ? 'wrong_credentials' : 'unknown_user', 4)
    case 'none':
      return refuse('required_grant_missing', 5)
    default:
      // Not reached: the type has no other. What came from anywhere else proves nothing.
      return refuse('wrong_credentials', 4)
  }
}

function has({ grants }: AdmittedUser, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method)
}

function requires({ grants }: AdmittedUser, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method && grant.isRequired)
}

function refuse(reason: RefusalReason, returnCode: ReturnCode): Admission {
  return { outcome: 'refused', reason, returnCode }
}
