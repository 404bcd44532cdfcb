/** A session gets a new secret at every step (ASVS 7.2.4). A secret from before the password or the code is worthless. */
import type { SessionPolicy } from '@gatehouse/contract/operations/settings'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret, newSecret } from '../../platform/base/secret.ts'
import type { Trx } from '../../platform/db/open.ts'
import type { Caller, RequestInfo } from '../../platform/http/request.ts'
import type { ProofKind } from './proofs.ts'
import { deleteSession, findSessionById, insertSession, type SessionRow } from './store.ts'

/** The linked identity that a session begins with. */
export interface SignInIdentity {
  id: string
  provider: NonNullable<SessionRow['provider']>
  /** Of an OpenID provider. */
  sidHash?: string | null
  signOutBox?: string | null
}

interface New {
  userId: string
  clock: Clock
  request: RequestInfo
  notice: SessionRow['notice']
  /** What the user has just proved. */
  proved: readonly ProofKind[]
  policy: SessionPolicy
  /** The linked identity that the session begins with. The session ends with it. */
  identity?: SignInIdentity | null
}

/** Opens a session. Its proofs get the time of now. */
export async function openSession(
  trx: Trx,
  { userId, clock, request, notice, proved, policy, identity = null }: New,
): Promise<{ secret: string; row: SessionRow }> {
  const secret = newSecret()
  const now = timestamp(clock)
  const row = {
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    user_id: userId,
    created_at: now,
    last_seen_at: now,
    expires_at: later(clock.now(), policy.absoluteHours * 60 * 60_000),
    address: request.address,
    user_agent: request.userAgent,
    notice,
    identity_id: identity?.id ?? null,
    provider: identity?.provider ?? null,
    sid_hash: identity?.sidHash ?? null,
    sign_out_box: identity?.signOutBox ?? null,
    proofs: proved.map((kind) => ({ kind, at: now })),
  }
  await insertSession(trx, row)
  return { secret, row }
}

/** The session goes on under a new id and secret, with one more proof. Returns the secret. */
export async function renewSession(
  trx: Trx,
  { caller, clock, proved }: { caller: Caller; clock: Clock; proved: ProofKind },
): Promise<string> {
  const old = await findSessionById(trx, sessionOf(caller))
  // The session ended meanwhile, in another tab or by an administrator.
  if (!old) throw new Problem('not_signed_in')
  const secret = newSecret()
  const now = timestamp(clock)
  await deleteSession(trx, old.id)
  await insertSession(trx, {
    ...old,
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    last_seen_at: now,
    proofs: [...old.proofs.filter(({ kind }) => kind !== proved), { kind: proved, at: now }],
  })
  return secret
}

export function sessionOf(caller: Caller): string {
  if (caller.sessionId === null) throw new Problem('tokens_not_accepted')
  return caller.sessionId
}
