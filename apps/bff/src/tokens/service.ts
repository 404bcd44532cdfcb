/** Tokens: what a script shows instead of a password. Given out once, kept as a hash, worth what its user is worth now. */
import type { Answer, Parsed } from '@gatehouse/contract/route'
import type { session } from '@gatehouse/contract/session'
import { recordEvent } from '../audit/store.ts'
import { type Clock, later, timestamp } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Problem } from '../base/problem.ts'
import { hashSecret, newSecret } from '../base/secret.ts'
import type { Db } from '../db/open.ts'
import type { Caller, RequestInfo } from '../http/request.ts'
import { permissionsOf } from '../roles/store.ts'
import { proveSignIn } from '../session/service.ts'
import { stageOf } from '../session/stage.ts'
import { hasGrant } from '../users/change.ts'
import { findCredentialsById, updateLastSignIns } from '../users/store.ts'
import { findToken, insertToken, type TokenRow, touchToken } from './store.ts'

interface TokensContext {
  db: Db
  reader: Db
  clock: Clock
}

const hourMs = 60 * 60_000
const touchEveryMs = 60_000

/** Username and password for a token: the same rules and the same throttling as in the browser. */
export async function login(
  { db, reader, clock }: TokensContext,
  body: Parsed<typeof session.login>['body'],
  request: RequestInfo,
): Promise<Answer<typeof session.login>> {
  const user = await proveSignIn({ db, reader, clock }, body, request, 'token.refused')
  if (!hasGrant(user.grants, 'token')) throw new Problem('sign_in_refused')
  const stage = stageOf({
    factorProvedAt: null,
    mfaEnrolledAt: user.mfa_enrolled_at,
    mfaRequiredAt: user.mfa_required_at,
    passwordChangeRequiredAt: user.password_change_required_at,
  })
  if (stage !== 'full') throw new Problem(stage === 'mfa-required' ? 'code_required' : 'login_incomplete')
  const secret = newSecret()
  const now = timestamp(clock)
  const expiresAt = later(clock.now(), body.expireTimeInHours * hourMs)
  const token = {
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    user_id: user.id,
    label: body.label,
    created_at: now,
    expires_at: expiresAt,
    last_used_at: null,
  }
  await db.transaction().execute(async (trx) => {
    await insertToken(trx, token)
    await updateLastSignIns(trx, [{ userId: user.id, at: now }])
    await recordEvent(trx, clock, {
      action: 'token.created',
      actor: { userId: user.id, username: user.username, via: 'sign-in', address: request.address },
      target: { type: 'token', id: token.id, name: token.label },
      after: { label: token.label, expiresAt },
    })
  })
  return { token: secret, id: token.id, expiresAt }
}

/** Whose token this is, if it is still good. */
export async function identifyToken(context: TokensContext, secret: string): Promise<Caller | null> {
  const { reader, clock } = context
  const token = await findToken(reader, hashSecret(secret))
  if (!token || (token.expires_at !== null && timestamp(clock) >= token.expires_at)) return null
  const user = await findCredentialsById(reader, token.user_id)
  if (!user || user.disabled_at !== null || !hasGrant(user.grants, 'token')) return null
  await touch(context, token)
  return {
    userId: user.id,
    username: user.username,
    displayName: user.display_name,
    roleNames: user.roleNames,
    stage: 'full',
    permissions: await permissionsOf(reader, user.id),
    via: 'token',
    sessionId: null,
    hasRecentProof: true,
  }
}

async function touch({ db, clock }: TokensContext, token: TokenRow): Promise<void> {
  const now = clock.now().getTime()
  if (token.last_used_at !== null && now - Date.parse(token.last_used_at) < touchEveryMs) return
  await db.transaction().execute((trx) => touchToken(trx, token.id, timestamp(clock)))
}
