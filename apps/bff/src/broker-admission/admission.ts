// Rule: a CONNECT is admitted only as the one user that its certificate or its right password proves, and only by that user's grants.
import type { RefusalReason, SignInMethod } from '@gatehouse/contract/broker'
import type { ChainVerdict } from '@gatehouse/pki/chain'
import type { CommonNameResult } from '@gatehouse/pki/common-name'
import { usernameMatches } from '@gatehouse/pki/username-glob'
import type * as z from 'zod/mini'
import type { UserFacts } from '../broker/port.ts'

export type Method = z.output<typeof SignInMethod>

/** What a client showed. */
export interface Evidence {
  /** Null where none was presented or the listener does not ask. */
  certificate: { verdict: ChainVerdict; commonName: CommonNameResult } | null
  /** The MQTT username. */
  username: string | null
  password: 'none' | 'unchecked' | 'right' | 'wrong' | 'throttled' | 'busy'
}

/** MQTT 3.1.1 table 3.1: 2 identifier rejected, 3 server unavailable, 4 bad username or password, 5 not authorised. */
export type ReturnCode = 2 | 3 | 4 | 5

export type Admission =
  | { outcome: 'admitted'; method: Method }
  /** It depends on the password: check it and ask again. */
  | { outcome: 'password-needed' }
  | { outcome: 'refused'; reason: RefusalReason; returnCode: ReturnCode }

/** Who the client says it is. Proved by nothing yet. */
export function claimedUsername({ certificate, username }: Pick<Evidence, 'certificate' | 'username'>): string | null {
  if (!certificate) return username
  return certificate.commonName.ok ? certificate.commonName.commonName : null
}

/** The one decision, at CONNECT and at each change after it. `user` is the one with exactly the claimed username, or null. */
export function judgeAdmission(evidence: Evidence, user: UserFacts | null): Admission {
  const refusal = evidence.certificate ? refuseCertificate(evidence, user) : refusePassword(evidence, user)
  if (refusal) return refusal
  // Never null here; a guard that passes when something is missing would be worse than a second look.
  if (!user || user.username !== claimedUsername(evidence)) return refuse('unknown_user', 5)
  return evidence.certificate ? judgeWithCertificate(evidence, user) : judgeWithPassword(user)
}

function refuseCertificate({ certificate, username }: Evidence, user: UserFacts | null): Admission | null {
  if (!certificate) return refuse('no_certificate', 5)
  const { verdict, commonName } = certificate
  if (!verdict.trusted) return refuse(verdict.reason, 5)
  if (!commonName.ok) return refuse(commonName.reason, 5)
  const claimed = commonName.commonName
  if (username !== null && username !== claimed) return refuse('username_mismatch', 5)
  const isWithinLimits = verdict.usernameLimits.every((globs) => globs.some((glob) => usernameMatches(glob, claimed)))
  if (!isWithinLimits) return refuse('authority_limit', 5)
  if (!user) return refuse('unknown_user', 5)
  return user.disabledAt === null ? null : refuse('disabled', 5)
}

// Nothing is said about the user before the password was right: unknown, wrong and throttled all look the same to the client.
function refusePassword({ username, password }: Evidence, user: UserFacts | null): Admission | null {
  if (username === null) return refuse('no_credentials', 5)
  if (password === 'none') return refuse('no_credentials', 4)
  const unproved = requirePassword(password, user)
  if (unproved) return unproved
  return user?.disabledAt ? refuse('disabled', 5) : null
}

function requirePassword(password: Evidence['password'], user: UserFacts | null): Admission | null {
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

function judgeWithCertificate({ password }: Evidence, user: UserFacts): Admission {
  const isGranted = has(user, 'certificate')
  if (!requires(user, 'password') && !requires(user, 'certificate')) {
    // A password that is not needed is not verified.
    if (isGranted) return { outcome: 'admitted', method: 'certificate' }
    if (!has(user, 'password') || password === 'none') return refuse('no_certificate_grant', 5)
    return requirePassword(password, user) ?? { outcome: 'admitted', method: 'password' }
  }
  if (!requires(user, 'password')) return { outcome: 'admitted', method: 'certificate' }
  const unproved = requirePassword(password, user)
  return unproved ?? { outcome: 'admitted', method: isGranted ? 'certificate+password' : 'password' }
}

function judgeWithPassword(user: UserFacts): Admission {
  if (requires(user, 'certificate')) return refuse('required_grant_missing', 5)
  return has(user, 'password') ? { outcome: 'admitted', method: 'password' } : refuse('no_password_grant', 5)
}

function has({ grants }: UserFacts, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method)
}

function requires({ grants }: UserFacts, method: 'certificate' | 'password'): boolean {
  return grants.some((grant) => grant.method === method && grant.isRequired)
}

function refuse(reason: RefusalReason, returnCode: ReturnCode): Admission {
  return { outcome: 'refused', reason, returnCode }
}
