/** Who calls with a token: its user as of now, and no more of that user's rights than the token was narrowed to. */
import { type Permission, within } from '@gatehouse/contract/permissions'
import { type Clock, later, timestamp } from '../base/clock.ts'
import { hashSecret } from '../base/secret.ts'
import type { Db } from '../db/open.ts'
import type { Caller } from '../http/request.ts'
import { permissionsOf } from '../roles/store.ts'
import { mayUseTokens } from '../users/change.ts'
import { findCredentialsById } from '../users/store.ts'
import { mayBeToken } from './secret.ts'
import { findTokenBySecret, type TokenRow, touchToken } from './store.ts'

interface IdentifyContext {
  db: Db
  reader: Db
  clock: Clock
}

/** Last use is written at most this often: a request is not a write. */
const touchEveryMs = 60_000

/** Whose token this is, if it is still good. */
export async function identifyToken(context: IdentifyContext, secret: string): Promise<Caller | null> {
  const { reader, clock } = context
  if (!mayBeToken(secret)) return null
  const token = await findTokenBySecret(reader, hashSecret(secret))
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
    permissions: narrowed(token, await permissionsOf(reader, user.id)),
    via: 'token',
    sessionId: null,
    hasFactor: user.mfa_enrolled_at !== null,
    notice: null,
    hasRecentProof: true,
  }
}

/** Cut here, before anything is asked: so no limit that asks about the caller's permissions can forget the token's. */
function narrowed({ permissions }: TokenRow, held: Permission[]): Permission[] {
  return permissions === null ? held : within(JSON.parse(permissions) as Permission[], held)
}

async function touch({ db, clock }: IdentifyContext, { id, last_used_at }: TokenRow): Promise<void> {
  const since = later(clock.now(), -touchEveryMs)
  if (last_used_at !== null && last_used_at > since) return
  await db.transaction().execute((trx) => touchToken(trx, { id, at: timestamp(clock), since }))
}
