// Rule: whoever is connected is judged again, by the same function as at CONNECT, whenever something changed that the answer hung on.
import type { RefusalReason } from '@gatehouse/contract/brokers/broker'
import type { ChainVerdict } from '@gatehouse/pki/judge/chain'
import { type Admission, judgeAdmission, type Method, verdictBy } from './connect.ts'
import { type Access, accessKey, compileAccess } from './topics.ts'
import type { Ceilings } from './authority-limits.ts'
import type { Judge } from '../../certificates/trust/trust.ts'
import type { StoredUser } from '../../certificates/trust/user-facts-store.ts'
import type { Connection, Holder, Shown } from '../../brokers/embedded/connections.ts'

/** The connection's user and the trust store, as they are or as they would be. */
export interface World {
  /** Null: gone. */
  user: StoredUser | null
  judge: Judge
  ceilings: Ceilings
  now: Date
}

export type Review =
  | { isKept: true; access: Access; method: Method; verdict: ChainVerdict | null }
  | { isKept: false; reason: RefusalReason; keepsSession: boolean; verdict: ChainVerdict | null }

/** Would this connection be admitted now, and may it keep its subscriptions? */
export function reviewConnection(connection: Connection, filters: readonly string[], world: World): Review {
  const { user } = world
  const { admission, verdict, hasEnded, isOutdated } = judgeAgain(connection.shown, world)
  if (!user || admission.outcome !== 'admitted') {
    // Time and a new password are all that a second look overlooks: without them it would come to the same.
    const keepsSession = (hasEnded || isOutdated) && mayKeepSession(connection, filters, world)
    return { isKept: false, reason: reasonOf(verdict, hasEnded), keepsSession, verdict }
  }
  const access = accessKey(user) === connection.access.key ? connection.access : compileAccess(user)
  const isCovered = filters.every((filter) => access.may('read', filter))
  if (!isCovered) return { isKept: false, reason: 'withdrawn', keepsSession: false, verdict }
  return { isKept: true, access, method: admission.method, verdict }
}

/** What the line on the Decisions page says: what ended by itself, what was revoked, or that something was taken away. */
function reasonOf(verdict: ChainVerdict | null, hasEnded: boolean): RefusalReason {
  const reason = verdict?.trusted === false ? verdict.reason : null
  if (reason === 'revoked' || reason === 'crl_expired') return reason
  return hasEnded ? 'certificate_ended' : 'withdrawn'
}

/** What ends at its time: the device will come with a new certificate, the authority will publish a new list. */
const endings: readonly RefusalReason[] = ['expired', 'authority_expired', 'crl_expired']

/**
 * May what a client left behind stay? A session outlives a password that was changed and a certificate that ended: the device will come
 * with new ones. It does not outlive the loss of the right to come at all, or to read what it subscribed to.
 */
export function mayKeepSession({ shown }: Pick<Holder, 'shown'>, filters: readonly string[], world: World): boolean {
  const { user } = world
  if (!user) return false
  const asThen = { ...shown, credential: user.credential }
  const { admission } = judgeAgain(asThen, { ...world, now: shown.at })
  if (admission.outcome !== 'admitted') return false
  const access = compileAccess(user)
  return filters.every((filter) => access.may('read', filter))
}

function judgeAgain(shown: Shown, { user, judge, ceilings, now }: World) {
  const verdict = shown.presented.length > 0 ? judge(shown.presented, now) : null
  const isOutdated = shown.password === 'right' && shown.credential !== user?.credential
  const admission: Admission = judgeAdmission(
    {
      certificate: verdict ? { verdict, commonName: shown.commonName, ceilings } : null,
      username: shown.username,
      password: isOutdated ? 'none' : shown.password,
    },
    user,
  )
  return {
    admission,
    verdict: verdictBy(verdict, admission),
    isOutdated,
    hasEnded: verdict?.trusted === false && endings.includes(verdict.reason),
  }
}
