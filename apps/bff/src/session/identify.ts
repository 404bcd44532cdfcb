import type { Session } from '@gatehouse/contract/session'
import type { SessionPolicy } from '@gatehouse/contract/settings'
import { type Clock, later, timestamp } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import { hashSecret } from '../base/secret.ts'
import type { Caller, RequestInfo } from '../http/request.ts'
import type { FactorContext } from '../mfa/prove.ts'
import { permissionsOf } from '../roles/store.ts'
import { readPolicies } from '../settings/store.ts'
import { maySignIn } from '../users/change.ts'
import { findCredentialsById } from '../users/store.ts'
import { stageOf } from './stage.ts'
import { findSession, type SessionLimits, type SessionRow, touchSession } from './store.ts'

const recentProofMs = 10 * 60_000
/** Sliding expiry is written at most this often: a request is not a write. */
const touchEveryMs = 60_000

export interface SessionContext extends FactorContext {
  /** The version of Gatehouse that runs. */
  version: string
  /** The password changed: MQTT connections that rely on it end. */
  forgetPasswords(userIds: readonly string[]): Promise<number | null>
}

export interface By {
  caller: Caller
  request: RequestInfo
}

/** Whose session this secret is, if it still is one: not expired, its user still there and still let in. */
export async function identifySession(
  context: Pick<SessionContext, 'db' | 'reader' | 'clock'>,
  secret: string,
): Promise<Caller | null> {
  const { reader, clock } = context
  const session = await findSession(reader, hashSecret(secret))
  if (!session) return null
  const { session: policy } = await readPolicies(reader)
  if (hasEnded(session, policy, clock)) return null
  const user = await findCredentialsById(reader, session.user_id)
  if (!user || !maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return null
  await touch(context, session)
  const stage = stageOf({
    factorProvedAt: session.factor_proved_at,
    mfaEnrolledAt: user.mfa_enrolled_at,
    isFactorDemanded: user.isFactorDemanded,
    passwordChangeRequiredAt: user.password_change_required_at,
  })
  return {
    userId: user.id,
    username: user.username,
    displayName: user.display_name,
    roleNames: user.roleNames,
    stage,
    permissions: stage === 'full' ? await permissionsOf(reader, user.id) : [],
    via: 'session',
    sessionId: session.id,
    hasFactor: user.mfa_enrolled_at !== null,
    notice: session.notice,
    hasRecentProof: isRecent(
      user.mfa_enrolled_at === null ? session.password_proved_at : session.factor_proved_at,
      clock,
    ),
  }
}

function isRecent(provedAt: string | null, clock: Clock): boolean {
  return provedAt !== null && clock.now().getTime() - Date.parse(provedAt) < recentProofMs
}

function hasEnded(session: SessionRow, policy: SessionPolicy, clock: Clock): boolean {
  const { seenAfter, openedAfter, now } = limitsOf(policy, clock)
  const { created_at, expires_at, last_seen_at } = session
  return last_seen_at <= seenAfter || created_at <= openedAfter || expires_at <= now
}

/** Both limits as the policy says now: shortened, they hold for sessions that are open already. */
export function limitsOf({ idleMinutes, absoluteHours }: SessionPolicy, clock: Clock): SessionLimits {
  return {
    now: timestamp(clock),
    seenAfter: later(clock.now(), -idleMinutes * 60_000),
    openedAfter: later(clock.now(), -absoluteHours * 60 * 60_000),
  }
}

async function touch({ db, clock }: Pick<SessionContext, 'db' | 'clock'>, session: SessionRow): Promise<void> {
  if (clock.now().getTime() - Date.parse(session.last_seen_at) < touchEveryMs) return
  await db.transaction().execute((trx) => touchSession(trx, session.id, timestamp(clock)))
}

export function describe(caller: Caller, version: string): Session {
  const { userId: id, username, displayName, roleNames, permissions, stage, hasFactor, notice } = caller
  // Whoever has shown a password only learns nothing but that a code is due.
  if (stage === 'mfa-required') return { stage }
  const known = { stage, ...(hasFactor && { mfaEnabled: true }), ...(notice && { notice }) }
  if (stage !== 'full') return known
  return { ...known, user: { id, username, displayName, roleNames }, permissions, version }
}

export async function describeSecret(context: SessionContext, secret: string): Promise<Session> {
  const caller = await identifySession(context, secret)
  // Between the sign-in and this line the user was disabled.
  if (!caller) throw new Problem('sign_in_refused')
  return describe(caller, context.version)
}
