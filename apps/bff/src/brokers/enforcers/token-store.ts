import type { Db, Trx } from '../../platform/db/open.ts'

export interface TokenRecord {
  brokerId: string
  createdAt: string
  createdBy: string
  expiresAt: string
  usedAt: string | null
  keyHash: string | null
}

/** Replaces the token of this broker. */
export async function putToken(
  trx: Trx,
  made: Pick<TokenRecord, 'brokerId' | 'createdAt' | 'createdBy' | 'expiresAt'> & { secretHash: string },
): Promise<void> {
  await deleteToken(trx, made.brokerId)
  await trx
    .insertInto('enforcer_tokens')
    .values({
      broker_id: made.brokerId,
      secret_hash: made.secretHash,
      created_at: made.createdAt,
      created_by: made.createdBy,
      expires_at: made.expiresAt,
    })
    .execute()
}

/** Returns whether there was one. */
export async function deleteToken(trx: Trx, brokerId: string): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('enforcer_tokens')
    .where('broker_id', '=', brokerId)
    .executeTakeFirstOrThrow()
  return numDeletedRows > 0n
}

/** The token of a broker, used or not. */
export async function findTokenOf(db: Db, brokerId: string): Promise<TokenRecord | null> {
  const row = await db.selectFrom('enforcer_tokens').selectAll().where('broker_id', '=', brokerId).executeTakeFirst()
  return row ? toRecord(row) : null
}

export async function findTokenBySecret(db: Db, secretHash: string): Promise<TokenRecord | null> {
  const row = await db
    .selectFrom('enforcer_tokens')
    .selectAll()
    .where('secret_hash', '=', secretHash)
    .executeTakeFirst()
  return row ? toRecord(row) : null
}

/** Returns false if another request has used it meanwhile. */
export async function useToken(
  trx: Trx,
  { brokerId, at, keyHash }: { brokerId: string; at: string; keyHash: string },
): Promise<boolean> {
  const { numUpdatedRows } = await trx
    .updateTable('enforcer_tokens')
    .set({ used_at: at, key_hash: keyHash })
    .where('broker_id', '=', brokerId)
    .where('used_at', 'is', null)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

/** The authority that they name is no longer trusted. */
export async function deleteAllTokens(trx: Trx): Promise<void> {
  await trx.deleteFrom('enforcer_tokens').execute()
}

interface Row {
  broker_id: string
  created_at: string
  created_by: string
  expires_at: string
  used_at: string | null
  key_hash: string | null
}

function toRecord(row: Row): TokenRecord {
  return {
    brokerId: row.broker_id,
    createdAt: row.created_at,
    createdBy: row.created_by,
    expiresAt: row.expires_at,
    usedAt: row.used_at,
    keyHash: row.key_hash,
  }
}
