/** Enrolments that were begun and not completed: one of each kind for each session (decision 50). */
import type { Db, Trx } from '../../platform/db/open.ts'

export interface Enrolment {
  sessionId: string
  userId: string
  kind: 'totp'
  /** The encrypted secret, bound to the user. */
  data: string
  startedAt: string
}

export async function findEnrolment(db: Db, sessionId: string, kind: Enrolment['kind']): Promise<Enrolment | null> {
  const row = await db
    .selectFrom('enrolments')
    .selectAll()
    .where('session_id', '=', sessionId)
    .where('kind', '=', kind)
    .executeTakeFirst()
  return row ? { sessionId, kind, userId: row.user_id, data: row.data, startedAt: row.started_at } : null
}

export async function writeEnrolment(trx: Trx, { sessionId, kind, userId, data, startedAt }: Enrolment): Promise<void> {
  const columns = { data, started_at: startedAt }
  await trx
    .insertInto('enrolments')
    .values({ session_id: sessionId, kind, user_id: userId, ...columns })
    .onConflict((conflict) => conflict.columns(['session_id', 'kind']).doUpdateSet(columns))
    .execute()
}

/** Deletes the enrolment; false when another request has completed or replaced it meanwhile. */
export async function takeEnrolment(trx: Trx, { sessionId, kind, data }: Enrolment): Promise<boolean> {
  const { numDeletedRows } = await trx
    .deleteFrom('enrolments')
    .where('session_id', '=', sessionId)
    .where('kind', '=', kind)
    .where('data', '=', data)
    .executeTakeFirst()
  return numDeletedRows === 1n
}

/** In all sessions of the user. */
export async function deleteEnrolmentsOf(trx: Trx, userId: string): Promise<void> {
  await trx.deleteFrom('enrolments').where('user_id', '=', userId).execute()
}

export async function deleteEnrolmentsBefore(trx: Trx, before: string): Promise<void> {
  await trx.deleteFrom('enrolments').where('started_at', '<', before).execute()
}

export async function deleteEnrolments(trx: Trx): Promise<void> {
  await trx.deleteFrom('enrolments').execute()
}
