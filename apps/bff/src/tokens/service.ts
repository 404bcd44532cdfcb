/** Tokens: what a script shows instead of a password. Given out once, kept as a hash, worth what its user is worth now. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import type { session } from '@gatehouse/contract/session'
import { recordEvent } from '../audit/store.ts'
import { type Clock, later, timestamp } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { hashSecret, newSecret } from '../base/secret.ts'
import type { Caller, RequestInfo } from '../http/request.ts'
import type { FactorContext } from '../mfa/prove.ts'
import { permissionsOf } from '../roles/store.ts'
import { signInThrough } from '../session/sign-in.ts'
import { stageOf } from '../session/stage.ts'
import { hasGrant, mayUseTokens } from '../users/change.ts'
import { type Credentials, findCredentialsById, updateLastSignIns } from '../users/store.ts'
import { findToken, insertToken, type TokenRow, touchToken } from './store.ts'

type TokensContext = FactorContext

const hourMs = 60 * 60_000
const touchEveryMs = 60_000

/** Username and password for a token: the same rules and the same throttling as in the browser. */
export async function login(
  context: TokensContext,
  { username, password, code, ...wanted }: Parsed<typeof session.login>['body'],
  request: RequestInfo,
): Promise<Answer<typeof session.login>> {
  const { clock } = context
  return signInThrough(context, {
    username,
    password,
    request,
    refusal: 'token.refused',
    code,
    judge: whatIsMissing,
    admit: async (trx, user) => {
      const { secret, row, expiresAt } = newToken(user.id, clock, wanted)
      await insertToken(trx, row)
      await updateLastSignIns(trx, [{ userId: user.id, at: row.created_at }])
      await recordEvent(trx, clock, {
        action: 'token.created',
        actor: { userId: user.id, username: user.username, via: 'sign-in', address: request.address },
        target: { type: 'token', id: row.id, name: row.label },
        after: { label: row.label, expiresAt },
      })
      return { token: secret, id: row.id, expiresAt }
    },
  })
}

/** A token stands for a sign-in that is complete. */
function whatIsMissing(user: Credentials, code: { isShown: boolean }): ErrorCode | null {
  if (!hasGrant(user.grants, 'token')) return 'sign_in_refused'
  const stage = stageOf({
    // As if the code were right; it is used up before anything is made.
    factorProvedAt: code.isShown ? user.mfa_enrolled_at : null,
    mfaEnrolledAt: user.mfa_enrolled_at,
    isFactorDemanded: user.isFactorDemanded,
    passwordChangeRequiredAt: user.password_change_required_at,
  })
  if (stage === 'full') return null
  return stage === 'mfa-required' ? 'code_required' : 'login_incomplete'
}

function newToken(
  userId: string,
  clock: Clock,
  { label, expireTimeInHours }: { label: string; expireTimeInHours: number },
): { secret: string; expiresAt: string; row: TokenRow } {
  const secret = newSecret()
  const expiresAt = later(clock.now(), expireTimeInHours * hourMs)
  const row = {
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    user_id: userId,
    label,
    created_at: timestamp(clock),
    expires_at: expiresAt,
    last_used_at: null,
  }
  return { secret, expiresAt, row }
}

/** Whose token this is, if it is still good. */
export async function identifyToken(
  context: Pick<TokensContext, 'db' | 'reader' | 'clock'>,
  secret: string,
): Promise<Caller | null> {
  const { reader, clock } = context
  const token = await findToken(reader, hashSecret(secret))
  if (!token || (token.expires_at !== null && timestamp(clock) >= token.expires_at)) return null
  const user = await findCredentialsById(reader, token.user_id)
  if (!user || !mayUseTokens({ disabledAt: user.disabled_at, grantTypes: user.grants })) return null
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
    hasFactor: user.mfa_enrolled_at !== null,
    notice: null,
    hasRecentProof: true,
  }
}

async function touch({ db, clock }: Pick<TokensContext, 'db' | 'clock'>, token: TokenRow): Promise<void> {
  const now = clock.now().getTime()
  if (token.last_used_at !== null && now - Date.parse(token.last_used_at) < touchEveryMs) return
  await db.transaction().execute((trx) => touchToken(trx, token.id, timestamp(clock)))
}
