import { type Clock, timestamp } from '../base/clock.ts'
import { hashSecret } from '../base/secret.ts'
import type { Db } from '../db/open.ts'
import type { Caller } from '../http/request.ts'
import { permissionsOf } from '../roles/store.ts'
import { maySignIn } from '../users/change.ts'
import { findCredentialsById } from '../users/store.ts'
import { idleMs, recentProofMs, touchEveryMs } from './lifetimes.ts'
import { stageOf } from './stage.ts'
import { findSession, type SessionRow, touchSession } from './store.ts'

interface SessionContext {
  db: Db
  reader: Db
  clock: Clock
}

/** Whose session this secret is, if it still is one: not expired, its user still there and still let in. */
export async function identifySession(context: SessionContext, secret: string): Promise<Caller | null> {
  const { reader, clock } = context
  const session = await findSession(reader, hashSecret(secret))
  if (!session || hasEnded(session, clock)) return null
  const user = await findCredentialsById(reader, session.user_id)
  if (!user || !maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return null
  await touch(context, session)
  const stage = stageOf({
    factorProvedAt: session.factor_proved_at,
    mfaEnrolledAt: user.mfa_enrolled_at,
    mfaRequiredAt: user.mfa_required_at,
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
    hasRecentProof: clock.now().getTime() - Date.parse(session.password_proved_at) < recentProofMs,
  }
}

function hasEnded({ expires_at, last_seen_at }: SessionRow, clock: Clock): boolean {
  const now = clock.now().getTime()
  return now >= Date.parse(expires_at) || now - Date.parse(last_seen_at) >= idleMs
}

async function touch({ db, clock }: SessionContext, session: SessionRow): Promise<void> {
  if (clock.now().getTime() - Date.parse(session.last_seen_at) < touchEveryMs) return
  await db.transaction().execute((trx) => touchSession(trx, session.id, timestamp(clock)))
}
