/**
 * Signs a user in with a password, and a code that may come with it. Checking a password takes long, so the decision is made from
 * the facts of the transaction that writes it, and every outcome is recorded there.
 */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { RequestInfo } from '../../platform/http/request.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
import { hasSecondFactor } from '../second-factors/kinds.ts'
import { type FactorContext, type PreparedProof, prepareProof, pretendProof } from '../second-factors/prove.ts'
import { type PasswordProof, provePassword } from '../users/prove-password.ts'
import { type Credentials, findCredentialsById, findPassword } from '../users/store.ts'
import { maySignIn } from './may-sign-in.ts'
import type { ProofKind } from './proofs.ts'

interface SignInAttempt<T> {
  username: string
  password: string
  /** For sign-ins without a second step, and for a user whose pool of attempts strangers have closed. */
  code?: string | undefined
  request: RequestInfo
  /** The audit action of a refusal. */
  refusal: Refusal['action']
  /** What refuses a user who may sign in and has proved this; null: nothing. */
  judge(user: Credentials, proved: readonly ProofKind[]): ErrorCode | null
  /** Makes the session or the token. */
  admit(trx: Trx, user: Credentials, proved: readonly ProofKind[]): Promise<T>
}

type CodeCheck =
  /** No code came, or the user has no second factor. */
  | { state: 'absent' }
  /** The sign-in is refused for another reason, so the code was not checked: it stays valid and is not counted as an attempt. */
  | { state: 'untried'; problem: Problem }
  | { state: 'refused'; problem: Problem }
  | { state: 'right'; proof: PreparedProof }

interface Checked {
  known: Awaited<ReturnType<typeof findPassword>>
  password: PasswordProof
  code: CodeCheck
}

type Decision =
  | { outcome: 'admitted'; user: Credentials; proved: readonly ProofKind[] }
  | { outcome: 'refused'; user: Credentials | null; problem: Problem; secret: 'password' | 'factor' }

/**
 * Admits the user with this password. Throws `wrong_credentials` without saying which part was wrong. The errors that
 * say more, such as `sign_in_refused`, go only to a caller who proved the password, and the code where the password needs it.
 */
export async function signInThrough<T>(context: FactorContext, attempt: SignInAttempt<T>): Promise<T> {
  const { db, reader, clock } = context
  const { username, password: typed, request, code: typedCode } = attempt
  const known = await findPassword(reader, username)
  const claim = { username, password: typed, user: known, source: request, hasCode: typedCode !== undefined }
  const password = await provePassword({ db, clock, commitFollows: true }, claim)
  const code = await checkCode(context, attempt, { known, password })
  const ended = await db.transaction().execute(async (trx) => {
    const decision = await decide(trx, attempt, { known, password, code })
    await settle(trx, decision, { password, code })
    if (decision.outcome === 'admitted') {
      return { value: await attempt.admit(trx, decision.user, decision.proved), admitted: decision.user }
    }
    const { user, problem, secret } = decision
    const actor = { userId: null, username: null, via: 'sign-in', address: request.address } as const
    const { refusal: action } = attempt
    await recordRefusal(trx, clock, { action, actor, username, user, source: request, secret, reason: problem.code })
    return { refusal: needsCode(password) ? new Problem('wrong_credentials') : problem }
  })
  if (ended.refusal) throw ended.refusal
  if (password.outcome === 'right') {
    const { id: userId, username: name } = ended.admitted
    context.passwordKnown({ userId, username: name, credential: password.stored, password: typed })
  }
  return ended.value
}

/** Checks the code, unless the right code would not admit the user either. */
async function checkCode(
  context: FactorContext,
  attempt: SignInAttempt<unknown>,
  { known, password }: Omit<Checked, 'code'>,
): Promise<CodeCheck> {
  const { username, code, request } = attempt
  if (code === undefined) return { state: 'absent' }
  const source = request
  const user = known && (await findCredentialsById(context.reader, known.id))
  const problem = refusalOf(attempt, user, { password, proved: withCode(user) })
  if (problem) {
    if (needsCode(password)) await pretendProof(context, { userId: known?.id ?? null, username, source, code })
    return { state: 'untried', problem }
  }
  if (!user || !hasSecondFactor(user.authenticators)) return { state: 'absent' }
  try {
    const { id: userId } = user
    const actor = { userId, username: user.username, via: 'sign-in', address: request.address } as const
    const claim = { userId, username: user.username, source, proof: { code }, actor }
    return { state: 'right', proof: await prepareProof(context, claim) }
  } catch (error) {
    if (error instanceof Problem) return { state: 'refused', problem: error }
    throw error
  }
}

async function decide(
  trx: Trx,
  attempt: SignInAttempt<unknown>,
  { known, password, code }: Checked,
): Promise<Decision> {
  const user = known && (await findCredentialsById(trx, known.id))
  const refused = (problem: Problem, secret: 'password' | 'factor') =>
    ({ outcome: 'refused', user, problem, secret }) as const
  // A password that was changed meanwhile is wrong.
  const isSame = password.outcome === 'right' && user?.password_hash === password.stored
  const proved = code.state === 'absent' ? (['password'] as const) : withCode(user)
  const refusal = refusalOf(attempt, isSame ? user : null, { password, proved })
  if (refusal || !user) return refused(refusal ?? new Problem('wrong_credentials'), 'password')
  if (code.state === 'untried') return refused(code.problem, 'password')
  if (code.state === 'refused') return refused(code.problem, 'factor')
  if (code.state === 'right' && !(await code.proof.useUp(trx))) {
    return refused(new Problem('wrong_code', { fields: { code: 'wrong_code' } }), 'factor')
  }
  return { outcome: 'admitted', user, proved }
}

/** Takes the counted attempts back. A password that needs the code is only right together with it. */
async function settle(trx: Trx, { outcome }: Decision, { password, code }: Omit<Checked, 'known'>): Promise<void> {
  const isAdmitted = outcome === 'admitted'
  if (password.outcome === 'right' && (isAdmitted || !password.needsCode)) await password.settle(trx)
  if (code.state === 'right' && isAdmitted) await code.proof.settle(trx)
}

/** The first rule that refuses this user with these proofs; null: none does. */
function refusalOf(
  { judge }: Pick<SignInAttempt<unknown>, 'judge'>,
  user: Credentials | null,
  { password, proved }: { password: PasswordProof; proved: readonly ProofKind[] },
): Problem | null {
  if (password.outcome === 'throttled') {
    const { waitSeconds, takesCode } = password
    return new Problem('throttled', { retryAfterSeconds: waitSeconds, ...(takesCode && { facts: { takesCode } }) })
  }
  if (password.outcome === 'wrong' || !user) return new Problem('wrong_credentials')
  if (password.needsCode && !proved.includes('totp')) return new Problem('wrong_credentials')
  if (!maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return new Problem('sign_in_refused')
  const code = judge(user, proved)
  return code === null ? null : new Problem(code)
}

/** What is proved if the code is right. A code proves nothing of a user without a second factor. */
function withCode(user: Credentials | null): ProofKind[] {
  return user && hasSecondFactor(user.authenticators) ? ['password', 'totp'] : ['password']
}

function needsCode(password: PasswordProof): boolean {
  return password.outcome !== 'throttled' && password.needsCode
}
