import type { Session } from '@gatehouse/contract/identity/sign-in'
import type { SessionPolicy } from '@gatehouse/contract/operations/settings'
import { type Clock, later, maxSkewMs, timestamp } from '../../platform/base/clock.ts'
import { unlessStorageFull } from '../../platform/base/database-errors.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { SnapshotCache } from '../../platform/base/snapshot-cache.ts'
import type { Enforcers } from '../../platform/changes/enforcers.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isSignInTooOld } from '../identities/last-sign-in.ts'
import type { FactorContext } from '../second-factors/prove.ts'
import { type Account, callerOf, readAccount } from '../users/account.ts'
import type { EndTokensOfPassword } from '../users/context.ts'
import { maySignIn } from './may-sign-in.ts'
import { isRecentlyProved } from './proofs.ts'
import { stageOf } from './stage.ts'
import { findSession, findSessionById, type SessionLimits, type SessionRow, touchSession } from './store.ts'

/** The server writes the last use of a session at most this often, so that most requests write nothing. */
const touchEveryMs = 60_000

export interface SessionContext extends FactorContext {
  /** The version of Gatehouse that runs. */
  version: string
  cache: SnapshotCache
  enforcers: Enforcers
  endTokensOfPassword: EndTokensOfPassword
}

type IdentifyContext = Pick<SessionContext, 'db' | 'reader' | 'cache' | 'clock'>

/** The caller with this session secret. Null where the session has ended or its user may not sign in any more. */
export async function identifySession(
  context: IdentifyContext,
  secret: string,
  { isUse }: { isUse: boolean },
): Promise<Caller | null> {
  const { reader, cache, clock } = context
  const secretHash = hashSecret(secret)
  const known = await cache.getOrLoad(`session ${secretHash}`, () => readHolder(reader, secretHash))
  if (!known || hasEnded(known.session, known.account.policies.session, clock)) return null
  const caller = callerIn(known, clock)
  if (caller && isUse) await touch(context, known.session)
  return caller
}

/** The caller in this session, for a transaction. Null as for `identifySession`. */
export async function identifySessionById(trx: Trx, id: string, clock: Clock): Promise<Caller | null> {
  const session = await findSessionById(trx, id)
  const account = session && (await readAccount(trx, session.user_id))
  if (!account || hasEnded(session, account.policies.session, clock)) return null
  return callerIn({ session, account }, clock)
}

interface Holder {
  session: SessionRow
  account: Account
}

/** The caller in this session. Null where the user may not sign in any more, or the proofs are not enough. */
export function callerIn({ session, account }: Holder, clock: Clock): Caller | null {
  const stage = stageOf(session.proofs, account)
  if (stage === null || !maySignIn(account) || isSignInTooOld(account, clock)) return null
  const caller = callerOf(account)
  return {
    ...caller,
    permissions: stage === 'full' ? caller.permissions : [],
    stage,
    via: 'session',
    sessionId: session.id,
    notice: session.notice,
    hasRecentProof: isRecentlyProved(session.proofs, account, clock),
    provider: session.proofs.some(({ kind }) => kind === 'oidc') ? session.provider : null,
    lifetime: lifetimeOf(session, account.policies.session, clock),
  }
}

/** By the policy of now, as `hasEnded` judges. */
function lifetimeOf(session: SessionRow, policy: SessionPolicy, clock: Clock): Caller['lifetime'] {
  const byPolicy = Date.parse(session.created_at) + policy.absoluteHours * 60 * 60_000
  const endsAt = Math.min(byPolicy, Date.parse(session.expires_at))
  return {
    idleSeconds: policy.idleMinutes * 60,
    remainingSeconds: Math.max(0, Math.floor((endsAt - clock.now().getTime()) / 1_000)),
  }
}

async function readHolder(reader: Db, secretHash: string) {
  const session = await findSession(reader, secretHash)
  const account = session && (await readAccount(reader, session.user_id))
  return account && { session, account }
}

function hasEnded(session: SessionRow, policy: SessionPolicy, clock: Clock): boolean {
  const { seenAfter, openedAfter, now, notAfter } = limitsOf(policy, clock)
  const { created_at, expires_at, last_seen_at } = session
  const isFromFuture = last_seen_at > notAfter || created_at > notAfter
  return isFromFuture || last_seen_at <= seenAfter || created_at <= openedAfter || expires_at <= now
}

/** The limits by the policy of now. A shortened limit also holds for sessions that are already open. */
export function limitsOf({ idleMinutes, absoluteHours }: SessionPolicy, clock: Clock): SessionLimits {
  return {
    now: timestamp(clock),
    seenAfter: later(clock.now(), -idleMinutes * 60_000),
    openedAfter: later(clock.now(), -absoluteHours * 60 * 60_000),
    notAfter: later(clock.now(), maxSkewMs),
  }
}

async function touch({ db, clock }: Pick<SessionContext, 'db' | 'clock'>, session: SessionRow): Promise<void> {
  if (clock.now().getTime() - Date.parse(session.last_seen_at) < touchEveryMs) return
  // If this write is lost, the session only ends earlier.
  await unlessStorageFull(db.transaction().execute((trx) => touchSession(trx, session.id, timestamp(clock))))
}

export function describe(caller: Caller, version: string): Session {
  const { userId: id, username, displayName, identityProvider, roleNames } = caller
  const { permissions, stage, hasFactor, notice, lifetime, provider } = caller
  // A caller who has shown only the password learns only that a code is due.
  if (stage === 'mfa-required') return { stage }
  // Also before the enrolment of a second factor, which needs a recent proof.
  const known = {
    stage,
    ...(hasFactor && { mfaEnabled: true }),
    ...(notice && { notice }),
    ...(provider && { provider }),
  }
  if (stage !== 'full') return known
  return {
    ...known,
    user: { id, username, displayName, identityProvider, roleNames },
    permissions,
    ...(lifetime && { lifetime }),
    version,
  }
}

export async function describeSecret(context: SessionContext, secret: string): Promise<Session> {
  const caller = await identifySession(context, secret, { isUse: true })
  // The user was disabled since the transaction.
  if (!caller) throw new Problem('sign_in_refused')
  return describe(caller, context.version)
}
