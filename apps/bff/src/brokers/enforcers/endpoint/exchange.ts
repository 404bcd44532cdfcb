/** What an authenticated enforcer gets and says. */
import type { PullAnswer, PullRequest, Report } from '@gatehouse/contract/brokers/enforcer-protocol'
import { timestamp } from '../../../platform/base/clock.ts'
import { Refusal } from '../refusal.ts'
import { type EnforcerRecord, enforcerExists, noteReport, noteSeen } from '../store.ts'
import type { AuthenticationContext } from './authentication.ts'

/** A revocation by another process ends the poll after this time. */
const checkEveryMs = 1_000
const noteSeenEveryMs = 20_000

interface Pull {
  body: PullRequest
  address: string
  /** The connection of the request has ended. */
  closed: AbortSignal
}

/** Throws `Refusal`. */
export async function answerPull(
  context: AuthenticationContext,
  enforcer: EnforcerRecord,
  { body, address, closed }: Pull,
): Promise<PullAnswer> {
  const connection = find(context, enforcer)
  await seen(context, enforcer, address)
  const revoked = new AbortController()
  const check = setInterval(() => {
    void enforcerExists(context.reader, enforcer.id).then(
      (exists) => exists || revoked.abort(),
      // The next check reads again. A poll without a database changes nothing.
      () => {},
    )
  }, checkEveryMs)
  try {
    const answer = await connection.pull(body, AbortSignal.any([closed, revoked.signal]))
    // Read again: what changed while the poll was held must not reach an enforcer that was revoked meanwhile.
    if (!(await enforcerExists(context.reader, enforcer.id))) throw new Refusal('unknown_enforcer')
    return { ...answer, authorities: [...context.hub.authorities] }
  } finally {
    clearInterval(check)
  }
}

/** Throws `Refusal`; nothing is stored then. */
export async function takeReport(
  context: AuthenticationContext,
  enforcer: EnforcerRecord,
  report: Report,
): Promise<void> {
  const { db, clock } = context
  const connection = find(context, enforcer)
  connection.reported(report)
  const { problems, inventory, isApplied } = report
  const clockAheadSeconds = Math.round((Date.parse(report.at) - clock.now().getTime()) / 1_000)
  await db.transaction().execute((trx) =>
    noteReport(trx, {
      id: enforcer.id,
      at: timestamp(clock),
      appliedSequence: isApplied ? Math.min(report.sequence, connection.feed.sequence) : null,
      report: { problems, inventory, clockAheadSeconds },
    }),
  )
}

function find({ hub }: AuthenticationContext, { brokerId }: EnforcerRecord) {
  const connection = hub.find(brokerId)
  // The adapter of the broker starts a moment after the listener, or could not be made.
  if (!connection) throw new Refusal('unavailable')
  return connection
}

async function seen({ db, clock }: AuthenticationContext, { id, lastSeenAt }: EnforcerRecord, address: string) {
  const isRecent = lastSeenAt !== null && Math.abs(clock.now().getTime() - Date.parse(lastSeenAt)) < noteSeenEveryMs
  if (!isRecent) await db.transaction().execute((trx) => noteSeen(trx, { id, at: timestamp(clock), address }))
}
