import { maxExactTotal } from '@gatehouse/contract/paging'
import type { Selectable } from 'kysely'
import { type AllColumns, compileOnce, type Take } from '../../platform/db/compile-once.ts'
import { countUpTo } from '../../platform/db/keyset.ts'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'
import { type Proof, secondStepKinds } from './proofs.ts'

export interface SessionRow extends Selectable<Schema['sessions']> {
  proofs: readonly Proof[]
  /** The identity provider that the session began at. */
  provider: { name: string; label: string } | null
}

/** A session is open if it was last seen after `seenAfter`, opened after `openedAfter`, and ends after `now`. */
export interface SessionLimits {
  seenAfter: string
  openedAfter: string
  /** A session that was seen or opened after this comes from a wrong clock, and is not open. */
  notAfter: string
  now: string
}

export async function insertSession(trx: Trx, { proofs, provider: _provider, ...session }: SessionRow): Promise<void> {
  await insertRow(trx, session)
  for (const { kind, at } of proofs) await insertProof(trx, { session_id: session.id, kind, at })
}

const insertRow = compileOnce((db, take: Take<Selectable<Schema['sessions']>>) =>
  db.insertInto('sessions').values({
    id: take(({ id }) => id),
    secret_hash: take((row) => row.secret_hash),
    user_id: take((row) => row.user_id),
    created_at: take((row) => row.created_at),
    last_seen_at: take((row) => row.last_seen_at),
    expires_at: take((row) => row.expires_at),
    address: take(({ address }) => address),
    user_agent: take((row) => row.user_agent),
    notice: take(({ notice }) => notice),
    identity_id: take((row) => row.identity_id),
    sid_hash: take((row) => row.sid_hash),
    sign_out_box: take((row) => row.sign_out_box),
  } satisfies AllColumns<'sessions'>),
)

const insertProof = compileOnce((db, take: Take<Selectable<Schema['session_proofs']>>) =>
  db.insertInto('session_proofs').values({
    session_id: take((proof) => proof.session_id),
    kind: take(({ kind }) => kind),
    at: take(({ at }) => at),
  } satisfies AllColumns<'session_proofs'>),
)

export function findSession(db: Db, secretHash: string): Promise<SessionRow | null> {
  return findWithProofs(db, 'secret_hash', secretHash)
}

export function findSessionById(db: Db, id: string): Promise<SessionRow | null> {
  return findWithProofs(db, 'id', id)
}

/** A session without any proof is not found. */
async function findWithProofs(db: Db, column: 'id' | 'secret_hash', value: string): Promise<SessionRow | null> {
  const rows = await db
    .selectFrom('sessions')
    .innerJoin('session_proofs', 'session_proofs.session_id', 'sessions.id')
    .leftJoin('user_identities', 'user_identities.id', 'sessions.identity_id')
    .leftJoin('identity_providers', 'identity_providers.id', 'user_identities.provider_id')
    .selectAll('sessions')
    .select(['session_proofs.kind', 'session_proofs.at', 'identity_providers.name', 'identity_providers.label'])
    .where(`sessions.${column}`, '=', value)
    .execute()
  const [first] = rows
  if (!first) return null
  const { kind: _kind, at: _at, name, label, ...session } = first
  const provider = name === null || label === null ? null : { name, label }
  return { ...session, provider, proofs: rows.map(({ kind, at }) => ({ kind, at })) }
}

export async function deleteSession(trx: Trx, id: string): Promise<void> {
  await trx.deleteFrom('sessions').where('id', '=', id).execute()
}

export async function deleteSessionBySecret(trx: Trx, secretHash: string): Promise<void> {
  await trx.deleteFrom('sessions').where('secret_hash', '=', secretHash).execute()
}

export async function deleteSessionsOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('sessions').where('user_id', '=', userId).execute()
}

/** Ends the sessions that began with one of these identities, a few hundred at most. Returns how many. */
export async function deleteSessionsOfIdentities(trx: Trx, identityIds: readonly string[]): Promise<number> {
  if (identityIds.length === 0) return 0
  const { numDeletedRows } = await trx
    .deleteFrom('sessions')
    .where('identity_id', 'in', identityIds)
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}

/**
 * Ends the sessions that began with this identity, or with this session at the provider, or with both where both are given.
 * Returns how many.
 */
export async function deleteSessionsOfProvider(
  trx: Trx,
  { identityId, sidHash }: { identityId: string | null; sidHash: string | null },
): Promise<number> {
  if (identityId === null && sidHash === null) return 0
  let named = trx.deleteFrom('sessions')
  if (identityId !== null) named = named.where('identity_id', '=', identityId)
  if (sidHash !== null) named = named.where('sid_hash', '=', sidHash)
  const { numDeletedRows } = await named.executeTakeFirst()
  return Number(numDeletedRows)
}

/** Ends the sessions of these users, a few hundred at most. Returns the users who had one, once for each. */
export async function deleteSessionsOfUsers(trx: Trx, userIds: readonly string[]): Promise<string[]> {
  if (userIds.length === 0) return []
  const ended = await trx.deleteFrom('sessions').where('user_id', 'in', userIds).returning('user_id').execute()
  return ended.map(({ user_id }) => user_id)
}

export async function deleteEndedSessions(
  trx: Trx,
  { seenAfter, openedAfter, now, notAfter }: SessionLimits,
): Promise<void> {
  await trx
    .deleteFrom('sessions')
    .where((e) =>
      e.or([
        e('expires_at', '<=', now),
        e('last_seen_at', '<=', seenAfter),
        e('created_at', '<=', openedAfter),
        e('last_seen_at', '>', notAfter),
        e('created_at', '>', notAfter),
      ]),
    )
    .execute()
}

export async function touchSession(trx: Trx, id: string, at: string): Promise<void> {
  await trx.updateTable('sessions').set({ last_seen_at: at }).where('id', '=', id).execute()
}

/** Deletes all sessions of the user but this one. Returns how many it deleted. */
export async function deleteOtherSessions(trx: Trx, userId: string, spared: string | null): Promise<number> {
  let others = trx.deleteFrom('sessions').where('user_id', '=', userId)
  if (spared !== null) others = others.where('id', '!=', spared)
  const { numDeletedRows } = await others.executeTakeFirst()
  return Number(numDeletedRows)
}

/** The open sessions, without their proofs. The last seen comes first. */
export async function listSessionsOf(
  db: Db,
  userId: string,
  { seenAfter, openedAfter, now, notAfter }: SessionLimits,
): Promise<Omit<SessionRow, 'proofs' | 'provider'>[]> {
  return db
    .selectFrom('sessions')
    .selectAll()
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenAfter)
    .where('created_at', '>', openedAfter)
    .where('last_seen_at', '<=', notAfter)
    .where('created_at', '<=', notAfter)
    .orderBy('last_seen_at', 'desc')
    .limit(200)
    .execute()
}

/** Adds a proof to a session that is still open. It replaces an older one of its kind. */
export async function addProof(trx: Trx, sessionId: string, { kind, at }: Proof): Promise<void> {
  await trx
    .insertInto('session_proofs')
    .columns(['session_id', 'kind', 'at'])
    .expression((e) =>
      e
        .selectFrom('sessions')
        .select(['id', e.val(kind).as('kind'), e.val(at).as('at')])
        .where('id', '=', sessionId),
    )
    .onConflict((conflict) => conflict.columns(['session_id', 'kind']).doUpdateSet({ at }))
    .execute()
}

/** Deletes the proofs of the second factor in all sessions of the user. */
export async function forgetFactorProofs(trx: Trx, userId: string): Promise<void> {
  await trx
    .deleteFrom('session_proofs')
    .where('kind', 'in', secondStepKinds)
    .where('session_id', 'in', (e) => e.selectFrom('sessions').select('id').where('user_id', '=', userId))
    .execute()
}

/** How many sessions end when a provider is disabled: all sessions of its users, and sessions that began with a linked identity. */
export async function countSessionsOfProvider(
  db: Db,
  { providerId, now, seenSince }: { providerId: string; now: string; seenSince: string },
): Promise<number> {
  const open = db
    .selectFrom('sessions')
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenSince)
    .where((e) => {
      const identities = e.selectFrom('user_identities').where('provider_id', '=', providerId)
      return e.or([
        e('user_id', 'in', identities.where('is_origin', '=', 1).select('user_id')),
        e('identity_id', 'in', identities.select('id')),
      ])
    })
  return (await countUpTo(db, open)) ?? maxExactTotal
}

/** How many sessions of the user are open, at most `maxExactTotal`. `seenSince`: when the idle time of the policy began. */
export async function countOpenSessions(
  db: Db,
  { userId, now, seenSince }: { userId: string; now: string; seenSince: string },
): Promise<number> {
  const open = db
    .selectFrom('sessions')
    .where('user_id', '=', userId)
    .where('expires_at', '>', now)
    .where('last_seen_at', '>', seenSince)
  return (await countUpTo(db, open)) ?? maxExactTotal
}
