/** Which identity on a Mender server belongs to which user. */
import type { UpstreamIdentity, upstreams } from '@gatehouse/contract/brokers/upstreams'
import type { Page } from '@gatehouse/contract/paging'
import type { Parsed } from '@gatehouse/contract/route'
import { sql } from 'kysely'
import { usersById, usersNamed } from '../../identity/users/lookup-store.ts'
import { countUpTo, readPage, readSort } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'

/** A device says that it has this identity on a Mender server. */
export interface IdentityClaim {
  upstreamId: string
  /** SHA-256 of the identity data. */
  identityHash: string
  userId: string
}

/**
 * Gives the identity to the user if nobody has it, and the user has no other one there. Returns whether the user has it now,
 * and whether it is new.
 */
export async function claimIdentity(
  trx: Trx,
  { upstreamId, identityHash, userId }: IdentityClaim,
  claimedAt: string,
): Promise<{ isOwn: boolean; isNew: boolean }> {
  const { numInsertedOrUpdatedRows } = await trx
    .insertInto('edge_identities')
    .values({ upstream_id: upstreamId, identity_hash: identityHash, user_id: userId, claimed_at: claimedAt })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  const row = await trx
    .selectFrom('edge_identities')
    .select('user_id')
    .where('upstream_id', '=', upstreamId)
    .where('identity_hash', '=', identityHash)
    .executeTakeFirst()
  return { isOwn: row?.user_id === userId, isNew: numInsertedOrUpdatedRows === 1n }
}

/** Does the user have this identity? Null: it is free, and the user has none there. */
export async function hasIdentity(
  db: Db,
  { upstreamId, identityHash, userId }: IdentityClaim,
): Promise<boolean | null> {
  const rows = await db
    .selectFrom('edge_identities')
    .select(['identity_hash', 'user_id'])
    .where('upstream_id', '=', upstreamId)
    .where((row) => row.or([row('identity_hash', '=', identityHash), row('user_id', '=', userId)]))
    .execute()
  if (rows.length === 0) return null
  return rows.some((row) => row.identity_hash === identityHash && row.user_id === userId)
}

/** Returns whether the user had an identity there. */
export async function forgetIdentity(
  trx: Trx,
  { upstreamId, userId }: Omit<IdentityClaim, 'identityHash'>,
): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('edge_identities')
    .where('upstream_id', '=', upstreamId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

export async function listIdentities(
  reader: Db,
  upstreamId: string,
  filters: Parsed<typeof upstreams.listIdentities>['search'],
): Promise<Page<UpstreamIdentity>> {
  const { descending } = readSort(filters.sort ?? '-claimedAt')
  let query = reader.selectFrom('edge_identities').where('upstream_id', '=', upstreamId)
  const wanted = filters['username[eq]'] ?? filters.search
  if (wanted) {
    const ids = (await usersNamed(reader, [wanted])).map(({ id }) => id)
    if (ids.length === 0) return { items: [], nextCursor: null, total: 0 }
    query = query.where('user_id', 'in', ids)
  }
  const { rows, nextCursor } = await readPage(query.selectAll(), {
    by: sql.ref('claimed_at'),
    id: sql.ref('user_id'),
    descending,
    cursor: filters.cursor,
    limit: filters.limit,
  })
  const ids = rows.map(({ user_id }) => user_id)
  const found = ids.length === 0 ? [] : await usersById(reader, ids)
  const names = new Map(found.map(({ id, username }) => [id, username]))
  const items = rows.map(({ user_id: userId, identity_hash: identityHash, claimed_at: claimedAt }) => {
    return { userId, username: names.get(userId) ?? '', identityHash, claimedAt }
  })
  return { items, nextCursor, total: await countUpTo(reader, query) }
}
