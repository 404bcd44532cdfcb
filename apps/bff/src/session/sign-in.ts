/**
 * The rule: a right password lets in only who may come in at the moment of writing, and each outcome is recorded in the
 * transaction that decides it. Looking at a password takes long; what was true before may not be any more.
 */
import type { AuditAction } from '@gatehouse/contract/audit'
import type { ErrorCode } from '@gatehouse/contract/errors'
import { recordEvent } from '../audit/store.ts'
import type { Clock } from '../base/clock.ts'
import { Problem } from '../base/problem.ts'
import type { Db, Trx } from '../db/open.ts'
import type { Actor, RequestInfo } from '../http/request.ts'
import { isFirstRefusal } from '../passwords/attempts.ts'
import { type PasswordProof, provePassword } from '../passwords/prove.ts'
import { maySignIn } from '../users/change.ts'
import { type Credentials, findCredentials, findCredentialsById } from '../users/store.ts'

export interface SignInContext {
  db: Db
  reader: Db
  clock: Clock
}

interface Door<T> {
  username: string
  password: string
  request: RequestInfo
  /** How a refusal is called in the audit. */
  refusal: Refusal['action']
  /** What keeps somebody out whose password is right and who may sign in; null: nothing. */
  judge(user: Credentials): ErrorCode | null
  /** Lets the user in. */
  admit(trx: Trx, user: Credentials): Promise<T>
}

/**
 * Lets in the user whose password this is. Which of the two was wrong is not said; that the user is disabled or lacks the
 * grant only to whoever knows the password.
 */
export async function signInThrough<T>({ db, reader, clock }: SignInContext, door: Door<T>): Promise<T> {
  const { username, password, request, refusal } = door
  const known = await findCredentials(reader, username)
  const hash = known?.password_hash ?? null
  const proof = await provePassword({ db, clock }, { username, password, hash, address: request.address })
  const outcome = await db.transaction().execute(async (trx) => {
    const user = known && (await findCredentialsById(trx, known.id))
    const verdict = judge(door, proof, user?.password_hash === hash ? user : null)
    if (!(verdict instanceof Problem)) return door.admit(trx, verdict)
    const actor = { userId: null, username: null, via: 'sign-in', address: request.address } as const
    await recordRefusal(trx, clock, { action: refusal, actor, username, user, reason: verdict.code })
    return verdict
  })
  if (outcome instanceof Problem) throw outcome
  return outcome
}

function judge(
  door: Pick<Door<unknown>, 'judge'>,
  proof: PasswordProof,
  user: Credentials | null,
): Credentials | Problem {
  if (proof.outcome === 'throttled') return new Problem('throttled', { retryAfterSeconds: proof.waitSeconds })
  if (proof.outcome === 'wrong' || !user) return new Problem('wrong_credentials')
  if (!maySignIn({ disabledAt: user.disabled_at, grantTypes: user.grants })) return new Problem('sign_in_refused')
  const code = door.judge(user)
  return code === null ? user : new Problem(code)
}

interface Refusal {
  action: Extract<AuditAction, 'session.refused' | 'token.refused'>
  actor: Actor
  /** As typed. */
  username: string
  user: Pick<Credentials, 'id' | 'username'> | null
  reason: ErrorCode
}

/** Of the attempts that are refused during a wait only the first is worth an event: a storm of them must not write. */
export async function recordRefusal(trx: Trx, clock: Clock, refusal: Refusal): Promise<void> {
  const { action, actor, username, user, reason } = refusal
  const attempt = { secret: 'password', username, address: actor.address ?? '' } as const
  if (reason === 'throttled' && !(await isFirstRefusal(trx, clock, attempt))) return
  await recordEvent(trx, clock, {
    action,
    actor,
    // Somebody may have typed the password into the wrong field, so only known names are kept.
    ...(user && { target: { type: 'user', id: user.id, name: user.username } as const }),
    reason,
  })
}
