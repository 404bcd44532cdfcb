import type { Selectable } from 'kysely'
import type { Db, Trx } from '../../platform/db/open.ts'
import type { Schema } from '../../platform/db/schema.ts'

export type SessionRow = Selectable<Schema['sessions']>

/** A session is open if it was seen and opened later than this, and ends later than now. */
export interface SessionLimits {
  seenAfter: string
  openedAfter: string
  /** Seen or opened later than this it is from a clock that was wrong. */
  notAfter: string
  now: string
}

export async function insertSession(trx: Trx, session: SessionRow): Promise<void> {
  await trx.insertInto('sessions').values(session).execute()
}

export async function findSession(db: Db, secretHash: string): Promise<SessionRow | null> {
  return (await db.selectFrom('sessions').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst()) ?? null
}

export async function findSessionById(db: Db, id: string): Promise<SessionRow | null> {
  return (await db.selectFrom('sessions').selectAll().where('id', '=', id).executeTakeFirst()) ?? null
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

/** All of the user's but this one; answers how many those were. */
export async function deleteOtherSessions(trx: Trx, userId: string, spared: string | null): Promise<number> {
  let others = trx.deleteFrom('sessions').where('user_id', '=', userId)
  if (spared !== null) others = others.where('id', '!=', spared)
  const { numDeletedRows } = await others.executeTakeFirst()
  return Number(numDeletedRows)
}

/** The open ones, the last seen first. */
export async function listSessionsOf(
  db: Db,
  userId: string,
  { seenAfter, openedAfter, now, notAfter }: SessionLimits,
): Promise<SessionRow[]> {
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

export async function markProved(
  trx: Trx,
  { id, at, what }: { id: string; at: string; what: 'password' | 'factor' },
): Promise<void> {
  const proved = what === 'password' ? { password_proved_at: at } : { factor_proved_at: at }
  await trx.updateTable('sessions').set(proved).where('id', '=', id).execute()
}
