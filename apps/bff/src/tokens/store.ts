import type { Selectable } from 'kysely'
import type { Db, Trx } from '../db/open.ts'
import type { Schema } from '../db/schema.ts'

export type TokenRow = Selectable<Schema['tokens']>

export async function insertToken(trx: Trx, token: TokenRow): Promise<void> {
  await trx.insertInto('tokens').values(token).execute()
}

export async function findToken(db: Db, secretHash: string): Promise<TokenRow | null> {
  return (await db.selectFrom('tokens').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst()) ?? null
}

export async function touchToken(trx: Trx, id: string, at: string): Promise<void> {
  await trx.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
}

export async function deleteTokensOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('tokens').where('user_id', '=', userId).execute()
}

export async function deleteExpiredTokens(trx: Trx, now: string): Promise<void> {
  await trx.deleteFrom('tokens').where('expires_at', '<=', now).execute()
}
