/** Identifies the caller with a token. The caller has the present permissions of the user, narrowed to those of the token. */
import { type Permission, within } from '@gatehouse/contract/access/permission'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { unlessStorageFull } from '../../platform/base/database-errors.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { SnapshotCache } from '../../platform/base/snapshot-cache.ts'
import type { Db } from '../../platform/db/open.ts'
import type { Caller } from '../../platform/http/request.ts'
import { isSignInTooOld } from '../identities/last-sign-in.ts'
import { mayUseTokens } from '../sign-in/may-sign-in.ts'
import { stageWhenProved } from '../sign-in/stage.ts'
import { callerOf, readAccount } from '../users/account.ts'
import { mayBeToken } from './secret.ts'
import { findTokenBySecret, type TokenRow, touchToken } from './store.ts'

interface IdentifyContext {
  db: Db
  reader: Db
  cache: SnapshotCache
  clock: Clock
}

/** The server writes the last use of a token at most this often, so that most requests write nothing. */
const touchEveryMs = 60_000

/** The caller with this token; null if it does not work any more. */
export async function identifyToken(context: IdentifyContext, secret: string): Promise<Caller | null> {
  const { reader, cache, clock } = context
  if (!mayBeToken(secret)) return null
  const secretHash = hashSecret(secret)
  const known = await cache.getOrLoad(`token ${secretHash}`, () => readHolder(reader, secretHash))
  if (!known || !(clock.now().getTime() < known.endsAt)) return null
  if (!mayUseTokens(known.account) || isSignInTooOld(known.account, clock)) return null
  await touch(context, known)
  const stage = stageWhenProved(known.account)
  return {
    ...known.caller,
    permissions: stage === 'full' ? known.caller.permissions : [],
    stage,
    via: 'token',
    sessionId: null,
    notice: null,
    hasRecentProof: true,
    provider: null,
    lifetime: null,
  }
}

async function readHolder(reader: Db, secretHash: string) {
  const token = await findTokenBySecret(reader, secretHash)
  const account = token && (await readAccount(reader, token.user_id))
  if (!account) return null
  const caller = callerOf(account)
  return {
    id: token.id,
    endsAt: token.expires_at === null ? Infinity : Date.parse(token.expires_at),
    usedAt: token.last_used_at === null ? -Infinity : Date.parse(token.last_used_at),
    account,
    caller: { ...caller, permissions: narrowed(token, caller.permissions) },
  }
}

type Known = NonNullable<Awaited<ReturnType<typeof readHolder>>>

/** Narrowed before any check runs, so that no check of the caller's permissions can forget the limits of the token. */
function narrowed({ permissions }: TokenRow, held: Permission[]): Permission[] {
  return permissions === null ? held : within(JSON.parse(permissions) as Permission[], held)
}

async function touch({ db, clock }: IdentifyContext, { id, usedAt }: Pick<Known, 'id' | 'usedAt'>): Promise<void> {
  if (Math.abs(clock.now().getTime() - usedAt) < touchEveryMs) return
  const since = later(clock.now(), -touchEveryMs)
  await unlessStorageFull(db.transaction().execute((trx) => touchToken(trx, { id, at: timestamp(clock), since })))
}
