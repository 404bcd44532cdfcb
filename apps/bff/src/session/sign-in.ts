/**
 * The rule: a right password lets in only who may come in at the moment of writing, and each outcome is recorded in the
 * transaction that decides it. Looking at a password takes long; what was true before may not be any more.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { Problem } from '../base/problem.ts'
import type { Trx } from '../db/open.ts'
import type { RequestInfo } from '../http/request.ts'
import { type FactorContext, type PreparedProof, prepareProof } from '../mfa/prove.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
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
  /** For a door without a second step: the code that comes with the password. */
  code?: string | undefined
  /** Lets the user in. */
  admit(trx: Trx, user: Credentials): Promise<T>
}

/**
 * Lets in the user whose password this is. Which of the two was wrong is not said; that the user is disabled or lacks the
 * grant only to whoever knows the password.
 */
export async function signInThrough<T>(context: FactorContext, door: Door<T>): Promise<T> {
  const { db, reader, clock } = context
  const { username, password, request, refusal } = door
  const known = await findCredentials(reader, username)
  const claim = { username, password, user: known, address: request.address }
  const proof = await provePassword({ db, clock, commitFollows: true }, claim)
  const first = judge(door, { proof, user: known, isCodeShown: door.code !== undefined })
  // Whom the right code would not let in either has not tried it: it is neither counted nor used up.
  const factor = first instanceof Problem ? null : await prepareCode(context, door, first)
  const outcome = await db.transaction().execute(async (trx) => {
    if (proof.outcome === 'right') await proof.settle(trx)
    const user = known && (await findCredentialsById(trx, known.id))
    const isSame = proof.outcome === 'right' && user?.password_hash === proof.hash
    const sameUser = isSame ? user : null
    // A code counts where it was looked at: whoever enrolled meanwhile has not shown one.
    const second = judge(door, { proof, user: sameUser, isCodeShown: factor !== null })
    const verdict = first instanceof Problem ? first : await useUp(trx, factor, second)
    if (!(verdict instanceof Problem)) {
      await factor?.proof?.settle(trx)
      return door.admit(trx, verdict)
    }
    const actor = { userId: null, username: null, via: 'sign-in', address: request.address } as const
    const secret = verdict === factor?.refusal ? 'factor' : 'password'
    await recordRefusal(trx, clock, { action: refusal, actor, username, user, secret, reason: verdict.code })
    return verdict
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
    const { address } = request
    const actor = { userId, username, via: 'sign-in', address } as const
    const claim = { userId, username, address, proof: { code }, actor }
    return { proof: await prepareProof(context, claim), refusal: null }
  } catch (error) {
    if (error instanceof Problem) return { proof: null, refusal: error }
    throw error
  }
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
  if (proof.outcome === 'throttled') return new Problem('throttled', { retryAfterSeconds: proof.waitSeconds })
  if (proof.outcome === 'wrong' || !user) return new Problem('wrong_credentials')
  if (!maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return new Problem('sign_in_refused')
  const code = door.judge(user, { isShown: isCodeShown })
  return code === null ? user : new Problem(code)
}
