/** Exchanges username and password for a token, by the rules and the throttling of a sign-in in the browser. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import type { session } from '@gatehouse/contract/identity/sign-in'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { later } from '../../platform/base/clock.ts'
import type { RequestInfo } from '../../platform/http/request.ts'
import { rememberAddress } from '../passwords/known-sources.ts'
import { hasGrant } from '../sign-in/may-sign-in.ts'
import type { ProofKind } from '../sign-in/proofs.ts'
import { type SignInContext, signInThrough } from '../sign-in/sign-in.ts'
import { stageOf } from '../sign-in/stage.ts'
import type { Credentials } from '../users/credentials-store.ts'
import { updateLastSignIns } from '../users/store.ts'
import { newToken } from './service.ts'
import { insertToken } from './store.ts'

const hourMs = 60 * 60_000

export async function login(
  context: SignInContext,
  { username, password, code, label, expireTimeInHours }: Parsed<typeof session.login>['body'],
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
      const expiresAt = later(clock.now(), expireTimeInHours * hourMs)
      const { secret, row } = newToken(clock, { userId: user.id, label, expiresAt, permissions: null, origin: 'login' })
      await insertToken(trx, row)
      await rememberAddress(trx, clock, { userId: user.id, kind: 'console', address: request.address })
      await updateLastSignIns(trx, [{ userId: user.id, at: row.created_at }])
      await recordEvent(trx, clock, {
        action: 'token.created',
        actor: { userId: user.id, username: user.username, via: 'sign-in', address: request.address },
        target: auditTarget.token(row),
        after: { label, expiresAt },
      })
      return { token: secret, id: row.id, expiresAt }
    },
  })
}

/** A token stands for a complete sign-in, so the proofs have to be enough for the stage `full`. */
function whatIsMissing(user: Credentials, proved: readonly ProofKind[]): ErrorCode | null {
  if (!hasGrant(user.grants, 'token')) return 'sign_in_refused'
  if (user.isPasswordOff) return 'password_sign_in_off'
  const proofs = proved.map((kind) => ({ kind }))
  const stage = stageOf(proofs, { ...user, passwordChangeRequiredAt: user.password_change_required_at })
  if (stage === 'full') return null
  return stage === 'mfa-required' ? 'code_required' : 'login_incomplete'
}
