/** Tokens are shown once and kept as a hash. A token never has more permissions than its user has now. */
import { holds, type Permission } from '@gatehouse/contract/access/permission'
import { defaultTokenDays, type Token, type TokenCreate, type tokens } from '@gatehouse/contract/identity/tokens'
import type { Answer, Parsed } from '@gatehouse/contract/route'
import { recordEvent } from '../../platform/audit/store.ts'
import { auditTarget } from '../../platform/audit/targets.ts'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import { newId } from '../../platform/base/id.ts'
import { Problem } from '../../platform/base/problem.ts'
import { hashSecret } from '../../platform/base/secret.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import { actorOf, type By, type Caller } from '../../platform/http/request.ts'
import { mayUseTokens } from '../sign-in/may-sign-in.ts'
import { findCredentialsById } from '../users/credentials-store.ts'
import { requireStillHeld } from '../users/limits.ts'
import { requireChangeable } from '../users/service.ts'
import { newTokenSecret } from './secret.ts'
import { deleteToken, findTokenOf, insertToken, type TokenRow, toToken } from './store.ts'

export interface TokensContext {
  db: Db
  reader: Db
  clock: Clock
}

const dayMs = 24 * 60 * 60_000

export async function createToken(
  { db, clock }: TokensContext,
  { label, expiresAt, permissions = null }: Parsed<typeof tokens.create>['body'],
  { caller, request }: By,
): Promise<Answer<typeof tokens.create>> {
  if (permissions) requireHeldRows(caller.permissions, permissions)
  const { secret, row } = newToken(clock, {
    userId: caller.userId,
    label,
    expiresAt: endOf(expiresAt, clock),
    permissions,
    origin: 'console',
  })
  const token = toToken(row)
  await db.transaction().execute(async (trx) => {
    await requireStillHeld(trx, caller)
    if (!(await mayHaveTokens(trx, caller.userId))) throw new Problem('no_token_grant')
    await insertToken(trx, row)
    await recordEvent(trx, clock, {
      action: 'token.created',
      actor: actorOf(caller, request),
      target: auditTarget.token(row),
      after: factsOf(token),
    })
  })
  return { ...token, token: secret }
}

/** Revokes a token of the caller. */
export function revokeOwnToken(context: TokensContext, id: string, { caller, request }: By): Promise<undefined> {
  return revoke(context, { tokenId: id, by: { caller, request }, findOwner: async () => caller })
}

/** Revokes a token of a user whom the caller covers. */
export function revokeTokenOf(
  context: TokensContext,
  { id, tokenId }: { id: string; tokenId: string },
  by: By,
): Promise<undefined> {
  return revoke(context, {
    tokenId,
    by,
    findOwner: async (trx) => {
      const { username } = await requireChangeable(trx, id, by)
      return { userId: id, username }
    },
  })
}

export async function mayHaveTokens(db: Db, userId: string): Promise<boolean> {
  const user = await findCredentialsById(db, userId)
  return user !== null && mayUseTokens({ disabledAt: user.disabled_at, grantTypes: user.grants })
}

interface Wanted {
  userId: string
  label: string
  expiresAt: string | null
  permissions: Permission[] | null
  origin: NonNullable<Token['origin']>
}

export function newToken(
  clock: Clock,
  { userId, label, expiresAt, permissions, origin }: Wanted,
): { secret: string; row: TokenRow } {
  const secret = newTokenSecret()
  const row = {
    id: newId(clock.now()),
    secret_hash: hashSecret(secret),
    user_id: userId,
    label,
    permissions: permissions && JSON.stringify(permissions),
    origin,
    created_at: timestamp(clock),
    expires_at: expiresAt,
    last_used_at: null,
  }
  return { secret, row }
}

interface Revocation {
  tokenId: string
  by: By
  findOwner(trx: Trx): Promise<Pick<Caller, 'userId' | 'username'>>
}

async function revoke({ db, clock }: TokensContext, { tokenId, by, findOwner }: Revocation): Promise<undefined> {
  await db.transaction().execute(async (trx) => {
    const { userId, username } = await findOwner(trx)
    // Looked up under its user, because the caller's right was checked for that user.
    const token = await findTokenOf(trx, userId, tokenId)
    if (!token) throw new Problem('not_found')
    await deleteToken(trx, tokenId)
    await recordEvent(trx, clock, {
      action: 'token.revoked',
      actor: actorOf(by.caller, by.request),
      target: auditTarget.token(token),
      before: { user: username, ...factsOf(token) },
    })
  })
}

/** Null: the token never expires. Left out: it expires after 30 days, so that a forgotten token does no harm for long. */
function endOf(expiresAt: TokenCreate['expiresAt'], clock: Clock): string | null {
  if (expiresAt === undefined) return later(clock.now(), defaultTokenDays * dayMs)
  if (expiresAt !== null && expiresAt <= timestamp(clock)) {
    throw new Problem('invalid', { fields: { expiresAt: 'past' } })
  }
  return expiresAt
}

/** Throws `more_than_held` at the row of the first permission that the user does not hold. */
function requireHeldRows(held: readonly Permission[], wanted: readonly Permission[]): void {
  const at = wanted.findIndex((permission) => !holds(held, permission))
  if (at < 0) return
  throw new Problem('more_than_held', {
    fields: { [`permissions.${at}.resource`]: 'more_than_held' },
    facts: { permission: wanted[at] },
  })
}

function factsOf({ label, permissions, expiresAt }: Token) {
  return { label, permissions, expiresAt }
}
