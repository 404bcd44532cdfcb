import type { Logger } from 'pino'
import { deleteAdmissionsBefore } from './brokers/admission/store.ts'
import { pruneDecisions } from './brokers/decisions/retention.ts'
import { deleteSeenBefore } from './certificates/seen/store.ts'
import { knownForMs } from './identity/passwords/known-sources.ts'
import { deleteSourcesOutside } from './identity/passwords/known-sources-store.ts'
import { deleteAttemptsOutside } from './identity/passwords/store.ts'
import { endOldSignIns } from './identity/providers/end-old-sign-ins.ts'
import { deleteEnrolmentsBefore } from './identity/second-factors/enrolments-store.ts'
import { limitsOf } from './identity/sign-in/identify.ts'
import { deleteEndedSessions } from './identity/sign-in/store.ts'
import { deleteUsedOutside } from './identity/single-sign-on/store.ts'
import { deleteTokensEndedBefore } from './identity/tokens/store.ts'
import { pruneEvents } from './operations/audit/retention.ts'
import { deleteActivityBefore } from './platform/audit/activity-store.ts'
import { type Clock, later, timestamp } from './platform/base/clock.ts'
import { pruneChangesBefore } from './platform/changes/store.ts'
import type { Db } from './platform/db/open.ts'
import { readPolicies } from './platform/policies/store.ts'

const everyMs = 60 * 60_000
/** An enrolment that was not finished is refused after ten minutes. */
const enrolmentsMs = 60 * 60_000
/** As long as the longest counter of wrong attempts. */
const attemptsMs = 24 * 60 * 60_000
/** Ended tokens stay on the list for a week, so that users can see why a script fails. */
const endedTokensMs = 7 * 24 * 60 * 60_000
/** Client certificates that were used: deleted this long after their expiry, or after their last use. */
const endedCertificatesMs = 90 * 24 * 60 * 60_000
const unusedCertificatesMs = 400 * 24 * 60 * 60_000
/** A broker that was disconnected for longer checks all connections again. */
const changesMs = 24 * 60 * 60_000
/** Admissions: longer than a limit or a figure counts them. */
const admissionsMs = 7 * 24 * 60 * 60_000
/** A little longer than the overview shows. */
const activityMs = 40 * 24 * 60 * 60_000

interface RetentionContext {
  db: Db
  clock: Clock
}

/** Deletes expired rows once an hour. Until then, expired rows are rejected where they are used. */
export function startRetentionJob({ log, ...context }: RetentionContext & { log: Logger }): () => void {
  const timer = setInterval(() => {
    deleteExpired(context).catch((error: unknown) =>
      log.warn({ err: error }, 'the retention job failed; it runs again in an hour'),
    )
  }, everyMs)
  timer.unref()
  return () => clearInterval(timer)
}

export async function deleteExpired({ db, clock }: RetentionContext): Promise<void> {
  const { session, audit, decisions } = await readPolicies(db)
  await db.transaction().execute(async (trx) => {
    await deleteEndedSessions(trx, limitsOf(session, clock))
    await deleteEnrolmentsBefore(trx, later(clock.now(), -enrolmentsMs))
    await deleteTokensEndedBefore(trx, later(clock.now(), -endedTokensMs))
    await deleteAdmissionsBefore(trx, later(clock.now(), -admissionsMs))
    await deleteActivityBefore(trx, later(clock.now(), -activityMs))
    await deleteSeenBefore(trx, {
      endedBefore: later(clock.now(), -endedCertificatesMs),
      lastSeenBefore: later(clock.now(), -unusedCertificatesMs),
    })
    // A wrong clock may have written rows with times in the future. Rows of the next day stay: the code that reads them bounds them.
    const after = later(clock.now(), attemptsMs)
    await deleteSourcesOutside(trx, { before: later(clock.now(), -knownForMs), after })
    await deleteAttemptsOutside(trx, { before: later(clock.now(), -attemptsMs), after })
    await deleteUsedOutside(trx, { before: timestamp(clock), after })
    await pruneChangesBefore(trx, later(clock.now(), -changesMs))
  })
  await endOldSignIns({ db, clock })
  await pruneEvents({ db, clock }, audit.keepDays)
  await pruneDecisions({ db, clock }, decisions.keepDays)
}
