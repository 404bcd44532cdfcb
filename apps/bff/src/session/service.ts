import type { Answer, Parsed } from '@gatehouse/contract/route'
import type { PasswordPolicy, Session, session } from '@gatehouse/contract/session'
import { recordEvent } from '../audit/store.ts'
import { type Clock, later, timestamp } from '../base/clock.ts'
import { newId } from '../base/id.ts'
import { Problem } from '../base/problem.ts'
import { hashSecret, newSecret } from '../base/secret.ts'
import type { Db, Trx } from '../db/open.ts'
import { actorOf, type Caller, type RequestInfo } from '../http/request.ts'
import { hashPassword, verifyPassword } from '../passwords/hashing.ts'
import { requireGoodPassword } from '../passwords/policy.ts'
import { provePassword } from '../passwords/prove.ts'
import { type Credentials, findCredentialsById, updateLastSignIns, updatePassword } from '../users/store.ts'
import { identifySession } from './identify.ts'
import { absoluteMs } from './lifetimes.ts'
import { recordRefusal, signInThrough } from './sign-in.ts'
import {
  deleteSession,
  deleteSessionBySecret,
  deleteSessionsOf,
  findSessionById,
  insertSession,
  markProved,
  type SessionRow,
} from './store.ts'

export interface SessionContext {
  db: Db
  reader: Db
  clock: Clock
  policy: PasswordPolicy
  /** The version of Gatehouse that runs. */
  version: string
  /** The password changed: MQTT connections that rely on it end. */
  forgetPasswords(userIds: readonly string[]): Promise<number | null>
}

interface By {
  caller: Caller
  request: RequestInfo
}

export async function signIn(
  context: SessionContext,
  { username, password }: Parsed<typeof session.signIn>['body'],
  request: RequestInfo,
): Promise<Session> {
  const { clock } = context
  const secret = await signInThrough(context, {
    username,
    password,
    request,
    refusal: 'session.refused',
    judge: () => null,
    admit: async (trx, user) => {
      const made = newSession(user.id, clock, request)
      // A new sign-in takes the place of the old one (ASVS 7.2.4).
      if (request.sessionSecret !== null) await deleteSessionBySecret(trx, hashSecret(request.sessionSecret))
      await insertSession(trx, made.row)
      await updateLastSignIns(trx, [{ userId: user.id, at: made.row.created_at }])
      await recordEvent(trx, clock, {
        action: 'session.signed-in',
        actor: { userId: user.id, username: user.username, via: 'sign-in', address: request.address },
        target: { type: 'session', id: made.row.id, name: user.username },
      })
      return made.secret
    },
  })
  request.setSession(secret)
  return describeSecret(context, secret)
}

export async function signOut({ db, clock }: SessionContext, { caller, request }: By): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    await deleteSession(trx, sessionOf(caller))
    await recordEvent(trx, clock, {
      action: 'session.signed-out',
      actor: actorOf(caller, request),
      target: { type: 'session', id: sessionOf(caller), name: caller.username },
    })
  })
  request.clearSession()
}

/** Step-up: the same session, with a fresh proof. */
export async function proveAgain(
  { db, reader, clock }: SessionContext,
  { password, caller, request }: By & { password: string },
): Promise<undefined> {
  await requireOwnPassword({ db, reader, clock }, { password, caller, request, field: 'password' })
  await db.transaction().execute(async (trx) => {
    await markProved(trx, sessionOf(caller), timestamp(clock))
    await recordEvent(trx, clock, { action: 'session.proved', actor: actorOf(caller, request) })
  })
}

/** Changes the own password: all other sessions end, and this one gets a new secret. */
export async function changePassword(
  context: SessionContext,
  { body, caller, request }: By & { body: Parsed<typeof session.changePassword>['body'] },
): Promise<Answer<typeof session.changePassword>> {
  const { db, clock, policy, forgetPasswords } = context
  const { currentPassword, newPassword } = body
  const user = await requireOwnPassword(context, {
    password: currentPassword,
    caller,
    request,
    field: 'currentPassword',
  })
  requireGoodPassword(policy, { password: newPassword, username: caller.username, field: 'newPassword' })
  if (await verifyPassword(user.password_hash, newPassword)) {
    throw new Problem('password_refused', { fields: { newPassword: 'password_same' } })
  }
  const hash = await hashPassword(newPassword)
  const secret = await db.transaction().execute(async (trx) => {
    await updatePassword(trx, { id: caller.userId, hash, changeRequiredAt: null })
    const renewed = await renewSession(trx, caller, { clock, request })
    await recordEvent(trx, clock, {
      action: 'password.changed',
      actor: actorOf(caller, request),
      target: { type: 'user', id: caller.userId, name: caller.username },
    })
    return renewed
  })
  request.setSession(secret)
  await forgetPasswords([caller.userId])
  return describeSecret(context, secret)
}

export function describe(caller: Caller, version: string): Session {
  if (caller.stage !== 'full') return { stage: caller.stage }
  const { userId: id, username, displayName, roleNames, permissions, stage } = caller
  return { stage, user: { id, username, displayName, roleNames }, permissions, version }
}

async function describeSecret(context: SessionContext, secret: string): Promise<Session> {
  const caller = await identifySession(context, secret)
  // Between the sign-in and this line the user was disabled.
  if (!caller) throw new Problem('sign_in_refused')
  return describe(caller, context.version)
}

async function requireOwnPassword(
  { db, reader, clock }: Pick<SessionContext, 'db' | 'reader' | 'clock'>,
  { password, caller, request, field }: By & { password: string; field: string },
): Promise<Credentials> {
  const user = await findCredentialsById(reader, caller.userId)
  const proof = await provePassword(
    { db, clock },
    { username: caller.username, password, hash: user?.password_hash ?? null, address: request.address },
  )
  if (proof.outcome === 'right' && user) return user
  const reason = proof.outcome === 'throttled' ? 'throttled' : 'wrong_password'
  const actor = actorOf(caller, request)
  await db
    .transaction()
    .execute((trx) =>
      recordRefusal(trx, clock, { action: 'session.refused', actor, username: caller.username, user, reason }),
    )
  if (proof.outcome === 'throttled') throw new Problem('throttled', { retryAfterSeconds: proof.waitSeconds })
  throw new Problem('wrong_password', { fields: { [field]: 'wrong_password' } })
}

/** All sessions of the caller end; a new one carries on what this one had proved. */
async function renewSession(
  trx: Trx,
  caller: Caller,
  { clock, request }: { clock: Clock; request: RequestInfo },
): Promise<string> {
  const old = await findSessionById(trx, sessionOf(caller))
  if (!old) throw new Problem('not_signed_in')
  const { secret, row } = newSession(caller.userId, clock, request)
  await deleteSessionsOf(trx, caller.userId)
  await insertSession(trx, { ...row, factor_proved_at: old.factor_proved_at, expires_at: old.expires_at })
  return secret
}

function newSession(userId: string, clock: Clock, request: RequestInfo): { secret: string; row: SessionRow } {
  const secret = newSecret()
  const now = timestamp(clock)
  const row = {
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    user_id: userId,
    created_at: now,
    password_proved_at: now,
    factor_proved_at: null,
    last_seen_at: now,
    expires_at: later(clock.now(), absoluteMs),
    address: request.address,
    user_agent: request.userAgent,
  }
  return { secret, row }
}

function sessionOf(caller: Caller): string {
  if (caller.sessionId === null) throw new Problem('tokens_not_accepted')
  return caller.sessionId
}
