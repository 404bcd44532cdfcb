import type { Permission } from '@gatehouse/contract/access/permission'
import type { Token, tokens } from '@gatehouse/contract/identity/tokens'
import { maxExactTotal, type Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { type Selectable, sql } from 'kysely'
import { contains, countUpTo, readPage } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

export type TokenRow = Selectable<Schema['tokens']>
type Filters = Parsed<typeof tokens.list>['search']

export async function insertToken(trx: Trx, token: TokenRow): Promise<void> {
  await trx.insertInto('tokens').values(token).execute()
}

export async function findTokenBySecret(db: Db, secretHash: string): Promise<TokenRow | null> {
  return (await db.selectFrom('tokens').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst()) ?? null
}

export async function findTokenOf(db: Db, userId: string, id: string): Promise<Token | null> {
  const row = await db
    .selectFrom('tokens')
    .selectAll()
    .where('user_id', '=', userId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row ? toToken(row) : null
}

export async function listTokensOf(
  reader: Db,
  { userId, now, filters }: { userId: string; now: string; filters: Filters },
): Promise<Page<Token> & { madeInConsole: number }> {
  let query = reader.selectFrom('tokens').where('user_id', '=', userId)
  if (filters.search) query = query.where(contains('label', filters.search))
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref('created_at'),
    id: sql.ref('id'),
    descending: filters.sort !== 'createdAt',
    cursor: filters.cursor,
    limit: filters.limit,
  })
  const total = await countUpTo(reader, query)
  const madeInConsole =
    (await countUpTo(reader, workingTokens(reader, userId, now).where('origin', '=', 'console'))) ?? maxExactTotal
  return { items: rows.map(toToken), nextCursor, total, madeInConsole }
}

function workingTokens(reader: Db, userId: string, now: string) {
  return reader
    .selectFrom('tokens')
    .where('user_id', '=', userId)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
}

/** How many tokens of the user still work, and how many of them end with the password. At most `maxExactTotal` each. */
export async function countWorkingTokens(
  db: Db,
  userId: string,
  now: string,
): Promise<{ all: number; ofPassword: number }> {
  const working = workingTokens(db, userId, now)
  const ofPassword = working.where((e) => e.or([e('origin', 'is', null), e('origin', '!=', 'console')]))
  const [all, some] = await Promise.all([countUpTo(db, working), countUpTo(db, ofPassword)])
  return { all: all ?? maxExactTotal, ofPassword: some ?? maxExactTotal }
}

/** How many tokens of the users who come from this provider still work. At most `maxExactTotal`. */
export async function countTokensOfProvider(db: Db, providerId: string, now: string): Promise<number> {
  const working = db
    .selectFrom('tokens')
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
    .where('user_id', 'in', (e) =>
      e
        .selectFrom('user_identities')
        .where('provider_id', '=', providerId)
        .where('is_origin', '=', 1)
        .select('user_id'),
    )
  return (await countUpTo(db, working)) ?? maxExactTotal
}

/** Writes the last use, unless another request did since then. A last use in the future comes from a wrong clock. */
export async function touchToken(
  trx: Trx,
  { id, at, since }: { id: string; at: string; since: string },
): Promise<void> {
  await trx
    .updateTable('tokens')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where((e) => e.or([e('last_used_at', 'is', null), e('last_used_at', '<=', since), e('last_used_at', '>', at)]))
    .execute()
}

export async function deleteToken(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('tokens').where('id', '=', id).execute()
}

/**
 * Deletes the tokens that a stolen password could have made: those of `/login` and those of unknown origin. `consoleToo` also
 * deletes those that were made in the console. Returns how many it deleted.
 */
export async function deleteTokensOfPassword(
  trx: Trx,
  { userId, consoleToo }: { userId: string; consoleToo: boolean },
): Promise<number> {
  let ending = trx.deleteFrom('tokens').where('user_id', '=', userId)
  if (!consoleToo) ending = ending.where((e) => e.or([e('origin', 'is', null), e('origin', '!=', 'console')]))
  return Number((await ending.executeTakeFirst()).numDeletedRows)
}

/** Ends the tokens of these users, a few hundred at most. Returns the users who had one, once for each. */
export async function deleteTokensOfUsers(trx: Trx, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return []
  const ended = await trx.deleteFrom('tokens').where('user_id', 'in', userIds).returning('user_id').execute()
  return ended.map(({ user_id }) => user_id)
}

export async function deleteTokensEndedBefore(trx: Trx, moment: string): Promise<void> {
  await trx.deleteFrom('tokens').where('expires_at', '<=', moment).execute()
}

/** Without the secret: the database holds only its hash. */
export function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    label: row.label,
    permissions: row.permissions === null ? null : (JSON.parse(row.permissions) as Permission[]),
    origin: row.origin,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
  }
}
