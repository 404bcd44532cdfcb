import type { Upstream } from '@gatehouse/contract/brokers/upstreams'
import type { Selectable } from 'kysely'
import type { Keyring } from '../../platform/base/keyring.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { PreparedReader } from '../../platform/db/prepared-reader.ts'
import type { UpstreamsTable } from '../../platform/db/schema-upstreams.ts'

type Row = Selectable<UpstreamsTable>

/** By name. */
export async function listUpstreams(db: Db): Promise<Upstream[]> {
  const rows = await db.selectFrom('upstreams').selectAll().orderBy('name').execute()
  return rows.map(toUpstream)
}

export async function findUpstream(db: Db, id: string): Promise<Upstream | null> {
  const row = await db.selectFrom('upstreams').selectAll().where('id', '=', id).executeTakeFirst()
  return row ? toUpstream(row) : null
}

export async function insertUpstream(trx: Trx, upstream: Upstream, secretBox: string | null): Promise<void> {
  await trx
    .insertInto('upstreams')
    .values({ ...toRow(upstream), secret_box: secretBox })
    .execute()
}

/** `secretBox` undefined: the stored secret stays. */
export async function updateUpstream(
  trx: Trx,
  upstream: Upstream,
  secretBox: string | null | undefined,
): Promise<void> {
  const box = secretBox === undefined ? {} : { secret_box: secretBox }
  await trx
    .updateTable('upstreams')
    .set({ ...toRow(upstream), ...box })
    .where('id', '=', upstream.id)
    .execute()
}

export async function deleteUpstream(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('upstreams').where('id', '=', id).execute()
}

/** Encrypted for the row of this upstream. */
export function boxSecret(keyring: Keyring, id: string, secret: string): string {
  return keyring.encrypt(secret, boxedAs(id))
}

/** The password or the token. Null: there is none. */
export async function readSecret(db: Db, keyring: Keyring, id: string): Promise<string | null> {
  const row = await db.selectFrom('upstreams').select('secret_box').where('id', '=', id).executeTakeFirst()
  return row?.secret_box ? keyring.decrypt(row.secret_box, boxedAs(id)) : null
}

/** The passwords and tokens cannot be read any more. */
export async function forgetSecrets(trx: Trx): Promise<void> {
  await trx.updateTable('upstreams').set({ secret_box: null }).execute()
}

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

export interface UpstreamReader {
  listUpstreams(): Promise<Upstream[]>
}

/** For the broker's thread. Without the secrets: the main thread decrypts them. */
export function prepareUpstreams(reader: PreparedReader): UpstreamReader {
  const all = reader.prepare<Row>(
    () => `select id, name, kind, origin, ca_certificates, authentication, username,
      case when secret_box is null then null else '' end as secret_box, connect_timeout_ms, response_timeout_ms,
      idle_timeout_ms, max_request_bytes, identity_attribute, created_at, version from upstreams order by id`,
  )
  return { listUpstreams: async () => (await all()).map(toUpstream) }
}

function boxedAs(id: string): string {
  return `upstream ${id}`
}

function toUpstream(row: Row): Upstream {
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    origin: row.origin,
    authorities: row.ca_certificates,
    authentication: row.authentication,
    username: row.username,
    hasSecret: row.secret_box !== null,
    connectTimeoutMs: row.connect_timeout_ms,
    responseTimeoutMs: row.response_timeout_ms,
    idleTimeoutMs: row.idle_timeout_ms,
    maxRequestBytes: row.max_request_bytes,
    identityAttribute: row.identity_attribute,
    createdAt: row.created_at,
    version: row.version,
  }
}

function toRow(upstream: Upstream): Omit<Row, 'secret_box'> {
  return {
    id: upstream.id,
    name: upstream.name,
    kind: upstream.kind,
    origin: upstream.origin,
    ca_certificates: upstream.authorities,
    authentication: upstream.authentication,
    username: upstream.username,
    connect_timeout_ms: upstream.connectTimeoutMs,
    response_timeout_ms: upstream.responseTimeoutMs,
    idle_timeout_ms: upstream.idleTimeoutMs,
    max_request_bytes: upstream.maxRequestBytes,
    identity_attribute: upstream.identityAttribute,
    created_at: upstream.createdAt,
    version: upstream.version,
  }
}
