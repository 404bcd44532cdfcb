/**
 * Signs a user in with a password, and a code that may come with it. Checking a password takes long, so the decision is made from
 * the facts of the transaction that writes it, and every outcome is recorded there.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { Problem } from '../../platform/base/problem.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { RequestInfo } from '../../platform/http/request.ts'
import { type Refusal, recordRefusal } from '../passwords/refusals.ts'
import { hasSecondFactor } from '../second-factors/kinds.ts'
import { type PreparedProof, prepareProof, pretendProof } from '../second-factors/prove.ts'
import type { UsersContext } from '../users/context.ts'
import { type Credentials, findCredentialsById } from '../users/credentials-store.ts'
import { type PasswordProof, provePassword } from '../users/prove-password.ts'
import { findPassword } from '../users/store.ts'
import type { SessionContext } from './identify.ts'
import { maySignIn } from './may-sign-in.ts'
import type { ProofKind } from './proofs.ts'
import { findHolderId, takeHolder } from './proved-user.ts'
import type { SignInIdentity } from './renew.ts'

export type SignInContext = SessionContext & UsersContext

/** What a sign-in has proved. */
export interface SignInProof {
  kinds: readonly ProofKind[]
  /** The identity at a directory. Null: the local password. */
  identity: SignInIdentity | null
}

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
  admit(trx: Trx, user: Credentials, proof: SignInProof): Promise<T>
}

type CodeCheck =
  /** No code came, or the user has no second factor. */
  | { state: 'absent' }
  /** The sign-in is refused for another reason, so the code was not checked: it stays valid and is not counted as an attempt. */
  | { state: 'untried'; problem: Problem }
  | { state: 'refused'; problem: Problem }
  | { state: 'right'; proof: PreparedProof }

type Judged = Exclude<PasswordProof, { outcome: 'unavailable' }>

interface Checked {
  /** Null: no user has this name, or the person of a directory has no user yet. */
  holderId: string | null
  password: Judged
  code: CodeCheck
}

type Decision = { sequences: readonly number[] } & (
  | { outcome: 'admitted'; user: Credentials; proof: SignInProof }
  | { outcome: 'refused'; user: Credentials | null; problem: Problem; secret: 'password' | 'factor' }
)

/**
 * Admits the user with this password. Throws `wrong_credentials` without saying which part was wrong. The errors that
 * say more, such as `sign_in_refused`, go only to a caller who proved the password, and the code where the password needs it.
 */
export async function signInThrough<T>(context: SignInContext, attempt: SignInAttempt<T>): Promise<T> {
  const startedAt = performance.now()
  try {
    return await signInNow(context, attempt)
  } catch (error) {
    if (error instanceof Problem && saysNothing.includes(error.code)) {
      const { lastsMs, isAnyDown } = await context.directories.refusal('console')
      await wait(Math.max(0, startedAt + lastsMs - performance.now()))
      // While a directory does not answer, its users get this code. Local users get it too: otherwise it would show who is local.
      if (isAnyDown) throw new Problem('directory_unavailable')
    }
    throw error
  }
}

/** The refusals of callers who proved nothing. */
const saysNothing: readonly ErrorCode[] = ['wrong_credentials', 'directory_unavailable']

async function signInNow<T>(context: SignInContext, attempt: SignInAttempt<T>): Promise<T> {
  const { db, reader, clock, directories } = context
  const { username, password: typed, request, code: typedCode } = attempt
  const known = await findPassword(reader, username)
  const claim = { username, password: typed, user: known, source: request, hasCode: typedCode !== undefined }
  const password = await provePassword({ db, clock, directories, commitFollows: true }, claim)
  if (password.outcome === 'unavailable') {
    await db.transaction().execute(password.settle)
    throw new Problem('directory_unavailable')
  }
  const holderId = await findHolderId(reader, { known, password })
  const code = await checkCode(context, attempt, { holderId, password })
  const ended = await db.transaction().execute(async (trx) => {
    const decision = await decide(trx, context, attempt, { holderId, password, code })
    await settle(trx, decision, { password, code })
    const { sequences } = decision
    if (decision.outcome === 'admitted') {
      return { value: await attempt.admit(trx, decision.user, decision.proof), admitted: decision.user, sequences }
    }
    const { user, problem, secret } = decision
    const { refusal: action } = attempt
    const refusal = { action, actor: actorFor(request), username, user, source: request, secret, reason: problem.code }
    await recordRefusal(trx, clock, refusal)
    return { refusal: needsCode(password) ? new Problem('wrong_credentials') : problem, sequences }
  })
  if (ended.sequences.length > 0) await context.enforcers.waitFor([...ended.sequences])
  if (ended.refusal) throw ended.refusal
  if (password.outcome === 'right' && password.stored !== null) {
    const { id: userId, username: name } = ended.admitted
    context.passwordKnown({ userId, username: name, credential: password.stored, password: typed })
  }
  return ended.value
}

function actorFor({ address }: RequestInfo) {
  return { userId: null, username: null, via: 'sign-in', address } as const
}

/** Checks the code, unless the right code would not admit the user either. */
async function checkCode(
  context: SignInContext,
  attempt: SignInAttempt<unknown>,
  { holderId, password }: Omit<Checked, 'code'>,
): Promise<CodeCheck> {
  const { username, code, request } = attempt
  // A user that the sign-in makes has no second factor yet.
  if (code === undefined || (password.outcome === 'right' && holderId === null)) return { state: 'absent' }
  const source = request
  const user = holderId === null ? null : await findCredentialsById(context.reader, holderId)
  const problem = refusalOf(attempt, user, { password, proved: withCode(user, password) })
  if (problem) {
    if (needsCode(password)) await pretendProof(context, { userId: holderId, username, source, code })
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
  context: SignInContext,
  attempt: SignInAttempt<unknown>,
  { holderId, password, code }: Checked,
): Promise<Decision> {
  const actor = actorFor(attempt.request)
  const {
    user,
    refusal: byDirectory,
    identity,
    sequences,
  } = await takeHolder(trx, context, { holderId, password, actor })
  const refused = (problem: Problem, secret: 'password' | 'factor') =>
    ({ outcome: 'refused', user, problem, secret, sequences }) as const
  if (byDirectory) return refused(new Problem(byDirectory), 'password')
  const kinds = code.state === 'absent' ? [firstKind(password)] : withCode(user, password)
  const refusal = refusalOf(attempt, user, { password, proved: kinds })
  if (refusal || !user) return refused(refusal ?? new Problem('wrong_credentials'), 'password')
  if (code.state === 'untried') return refused(code.problem, 'password')
  if (code.state === 'refused') return refused(code.problem, 'factor')
  if (code.state === 'right' && !(await code.proof.useUp(trx))) {
    return refused(new Problem('wrong_code', { fields: { code: 'wrong_code' } }), 'factor')
  }
  return { outcome: 'admitted', user, proof: { kinds, identity }, sequences }
}

/** Takes the counted attempts back. A password that needs the code is only right together with it. */
async function settle(trx: Trx, { outcome }: Decision, { password, code }: Omit<Checked, 'holderId'>): Promise<void> {
  const isAdmitted = outcome === 'admitted'
  if (password.outcome === 'right' && (isAdmitted || !password.needsCode)) await password.settle(trx)
  if (code.state === 'right' && isAdmitted) await code.proof.settle(trx)
}

/** The first rule that refuses this user with these proofs; null: none does. */
function refusalOf(
  { judge }: Pick<SignInAttempt<unknown>, 'judge'>,
  user: Credentials | null,
  { password, proved }: { password: Judged; proved: readonly ProofKind[] },
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
function withCode(user: Credentials | null, password: Judged): ProofKind[] {
  const first = firstKind(password)
  return user && hasSecondFactor(user.authenticators) ? [first, 'totp'] : [first]
}

function firstKind(password: Judged): ProofKind {
  return password.outcome === 'right' && password.account ? 'directory' : 'password'
}

function needsCode(password: Judged): boolean {
  return password.outcome !== 'throttled' && password.needsCode
}
