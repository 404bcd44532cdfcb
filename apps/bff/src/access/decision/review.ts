/** Judges live connections and stored sessions again after a change, with the function that judged their CONNECT. */
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import type { LimiterPermissions } from './authority-limits.ts'
import { judgeConnect } from './connect.ts'
import { evidenceOf, type JudgeChain, type PresentedCredentials } from './evidence.ts'
import type { DecisionUser } from './facts.ts'
import type { Method } from './outcome.ts'
import { hasPasswordEnded } from './password-rules.ts'
import { compileRights, judgeSubscribe, renewRights, type TopicRights } from './topics.ts'

/** The user and the trust store as they are now, or as they would be after a change. */
export interface ReviewContext {
  /** Null: the user was deleted. */
  user: DecisionUser | null
  judgeChain: JudgeChain
  ceilings: LimiterPermissions
  now: Date
}

/** A client that is connected, or has left a session. */
export interface ReviewedClient {
  clientId: string
  userId: string
  credentials: PresentedCredentials
}

export type Review =
  | { isKept: true; rights: TopicRights; method: Method; verdict: ChainVerdict | null }
  | { isKept: false; reason: RefusalReason; keepsSession: boolean; verdict: ChainVerdict | null }

/** Would this connection be admitted now, and may it keep its subscriptions? */
export function review(
  client: ReviewedClient & { rights: TopicRights },
  filters: readonly string[],
  context: ReviewContext,
): Review {
  const { user } = context
  const { decision, verdict } = judgeAgain(client, context)
  if (!user || decision.outcome !== 'admitted') {
    const hasEnded = verdict?.trusted === false && endings.includes(verdict.reason)
    // The session may stay only if expiry, a new password or the end of a password caused the refusal.
    const keepsSession = (hasEnded || isOutdated(client, context)) && mayKeepSession(client, filters, context)
    return { isKept: false, reason: reasonOf(verdict, hasEnded), keepsSession, verdict }
  }
  const rights = renewRights(client.rights, user)
  const isCovered = filters.every((filter) => judgeSubscribe(rights, filter))
  if (!isCovered) return { isKept: false, reason: 'withdrawn', keepsSession: false, verdict }
  return { isKept: true, rights, method: decision.method, verdict }
}

/**
 * May the session of this client stay? It outlives a new password and the end of a certificate, because the device comes back with new ones.
 * It does not outlive the loss of the right to connect, or of the right to one of its subscriptions.
 */
export function mayKeepSession(client: ReviewedClient, filters: readonly string[], context: ReviewContext): boolean {
  const { user } = context
  if (!user) return false
  const { credentials } = client
  const { password } = credentials
  const withNewPassword =
    password.state === 'right'
      ? { ...credentials, password: { state: 'right' as const, credential: user.credential } }
      : credentials
  const atThatTime = { ...context, now: credentials.at }
  const { decision } = judgeAgain({ ...client, credentials: withNewPassword }, atThatTime)
  if (decision.outcome !== 'admitted') return false
  const rights = compileRights(user)
  return filters.every((filter) => judgeSubscribe(rights, filter))
}

function judgeAgain(
  { clientId, userId, credentials }: ReviewedClient,
  { user, judgeChain, ceilings, now }: ReviewContext,
) {
  // The will is not judged again: it is judged when it is published. A client keeps its connection when only its will lost its right.
  const request = { clientId, isClean: true, will: null }
  const evidence = evidenceOf(credentials, request, { judgeChain, at: now })
  const decision = judgeConnect(evidence, { user, admission: null, ceilings, clientIdOwner: userId })
  const verdict = decision.outcome === 'admitted' ? decision.verdict : (evidence.certificate?.verdict ?? null)
  return { decision, verdict }
}

function isOutdated(
  { credentials: { password } }: ReviewedClient,
  { user, now }: Pick<ReviewContext, 'user' | 'now'>,
): boolean {
  if (password.state !== 'right') return false
  return password.credential !== user?.credential || (user !== null && hasPasswordEnded(user, now))
}

/** The certificate, a CA or a CRL has ended at its date. The device and the CA will present a new one. */
const endings: readonly RefusalReason[] = ['expired', 'authority_expired', 'crl_expired']

/** The reason on the Decisions page. */
function reasonOf(verdict: ChainVerdict | null, hasEnded: boolean): RefusalReason {
  const reason = verdict?.trusted === false ? verdict.reason : null
  if (reason === 'revoked' || reason === 'crl_expired') return reason
  return hasEnded ? 'certificate_ended' : 'withdrawn'
}
