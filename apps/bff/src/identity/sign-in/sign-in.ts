/**
 * The rule: a right password lets in only who may come in at the moment of writing, and each outcome is recorded in the
 * transaction that decides it. Looking at a password takes long; what was true before may not be any more.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { RequestInfo } from '../../platform/http/request.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
import { type FactorContext, type PreparedProof, prepareProof, pretendProof } from '../second-factors/prove.ts'
import { maySignIn } from '../users/change.ts'
import { type PasswordProof, provePassword } from '../users/prove-password.ts'
import { type Credentials, findCredentials, findCredentialsById } from '../users/store.ts'

interface Door<T> {
  username: string
  password: string
  request: RequestInfo
  /** How a refusal is called in the audit. */
  refusal: Refusal['action']
  /** What keeps somebody out whose password is right and who may sign in; null: nothing. Judged as if the code were right. */
  judge(user: Credentials, code: { isShown: boolean }): ErrorCode | null
  /** The code that comes with the password: where there is no second step, and where strangers have closed the user's pool. */
  code?: string | undefined
  /** Lets the user in. */
  admit(trx: Trx, user: Credentials, proved: { isFactorProved: boolean }): Promise<T>
}

/**
 * Lets in the user whose password this is. Which of the two was wrong is not said; that the user is disabled or lacks the
 * grant only to whoever knows the password. Where the password needs the code, nothing is said unless both are right.
 */
export async function signInThrough<T>(context: FactorContext, door: Door<T>): Promise<T> {
  const { db, reader, clock } = context
  const { username, password, request, refusal, code } = door
  const known = await findCredentials(reader, username)
  const claim = { username, password, user: known, source: request, hasCode: code !== undefined }
  const proof = await provePassword({ db, clock, commitFollows: true }, claim)
  const needsCode = proof.outcome !== 'throttled' && proof.needsCode
  const first = judge(door, { proof, user: known, isCodeShown: code !== undefined })
  // Whom the right code would not let in either has not tried it: it is neither counted nor used up.
  const factor = first instanceof Problem ? null : await prepareCode(context, door, first)
  if (first instanceof Problem && needsCode) await pretendCode(context, door, known)
  const outcome = await db.transaction().execute(async (trx) => {
    const user = known && (await findCredentialsById(trx, known.id))
    const isSame = proof.outcome === 'right' && user?.password_hash === proof.stored
    if (proof.outcome === 'right' && !needsCode) await proof.settle(trx)
    // A code counts where it was looked at: whoever enrolled meanwhile has not shown one.
    const second = judge(door, { proof, user: isSame ? user : null, isCodeShown: factor !== null })
    const verdict = first instanceof Problem ? first : await useUp(trx, factor, second)
    if (!(verdict instanceof Problem)) {
      if (proof.outcome === 'right' && needsCode) await proof.settle(trx)
      await factor?.proof?.settle(trx)
      return door.admit(trx, verdict, { isFactorProved: factor !== null })
    }
    const actor = { userId: null, username: null, via: 'sign-in', address: request.address } as const
    const secret = verdict === factor?.refusal ? 'factor' : 'password'
    const reason = verdict.code
    await recordRefusal(trx, clock, { action: refusal, actor, username, user, source: request, secret, reason })
    return needsCode ? new Problem('wrong_credentials') : verdict
  })
  if (outcome instanceof Problem) throw outcome
  return outcome
}

interface PreparedCode {
  proof: PreparedProof | null
  refusal: Problem | null
}

/** Looks at the code that came along, after the password was right; a wrong one is a refusal to be recorded with the others. */
async function prepareCode(
  context: FactorContext,
  { code, request }: Pick<Door<unknown>, 'code' | 'request'>,
  { id: userId, username, mfa_enrolled_at }: Credentials,
): Promise<PreparedCode | null> {
  if (code === undefined || mfa_enrolled_at === null) return null
  try {
    const actor = { userId, username, via: 'sign-in', address: request.address } as const
    const claim = { userId, username, source: request, proof: { code }, actor }
    return { proof: await prepareProof(context, claim), refusal: null }
  } catch (error) {
    if (error instanceof Problem) return { proof: null, refusal: error }
    throw error
  }
}

async function pretendCode(
  context: FactorContext,
  { username, code = '', request }: Door<unknown>,
  known: Credentials | null,
): Promise<void> {
  await pretendProof(context, { userId: known?.id ?? null, username, source: request, code })
}

async function useUp(
  trx: Trx,
  factor: PreparedCode | null,
  verdict: Credentials | Problem,
): Promise<Credentials | Problem> {
  if (!factor || verdict instanceof Problem) return verdict
  const isUsedUp = factor.proof !== null && (await factor.proof.useUp(trx))
  return isUsedUp ? verdict : (factor.refusal ?? new Problem('wrong_code', { fields: { code: 'wrong_code' } }))
}

function judge(
  door: Pick<Door<unknown>, 'judge'>,
  { proof, user, isCodeShown }: { proof: PasswordProof; user: Credentials | null; isCodeShown: boolean },
): Credentials | Problem {
  if (proof.outcome === 'throttled') {
    const { waitSeconds, takesCode } = proof
    return new Problem('throttled', { retryAfterSeconds: waitSeconds, ...(takesCode && { facts: { takesCode } }) })
  }
  if (proof.outcome === 'wrong' || !user) return new Problem('wrong_credentials')
  if (proof.needsCode && (user.mfa_enrolled_at === null || !isCodeShown)) return new Problem('wrong_credentials')
  if (!maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return new Problem('sign_in_refused')
  const code = door.judge(user, { isShown: isCodeShown })
  return code === null ? user : new Problem(code)
}
