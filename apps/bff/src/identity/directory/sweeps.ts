/** Sweeps directories when they are due. Of several servers on one database, one sweeps. */
import type { SweepResult } from '@gatehouse/contract/identity/providers'
import type { Logger } from 'pino'
import { later, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import { requireProvider } from '../providers/service.ts'
import { listEnabled } from '../providers/store.ts'
import type { LdapProvider } from './open-directories.ts'
import { longestSweepMs, type SweepContext, sweepDirectory } from './sweep.ts'
import { findSweep, writeSweep } from './sweeps-store.ts'

const lookEveryMs = 60_000
/** A server that stopped during a sweep loses its claim then. */
const claimMs = longestSweepMs + 60_000
/** After a failure: sooner than the settings say, because nobody was brought up to date. */
const retryMs = 5 * 60_000

export function startSweeps(context: SweepContext, log: Logger): () => void {
  let isRunning = false
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    sweepDue(context, log)
      .catch((error: unknown) => log.warn({ err: error }, 'the sweep of directories failed; it runs again'))
      .finally(() => {
        isRunning = false
      })
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}

/** Sweeps the directories that are due, one after the other. */
export async function sweepDue(context: SweepContext, log: Logger): Promise<void> {
  for (const provider of await listEnabled(context.reader, 'ldap')) {
    // Without a service account nobody can be looked up.
    if (provider.settings.bind !== 'service' || !(await claim(context, provider))) continue
    await sweepClaimed(context, provider).catch((error: unknown) => {
      const problem = faultOf(error)
      const shown = problem === null ? { err: error } : { problem }
      log.warn({ directory: provider.name, ...shown }, 'the directory could not be swept')
    })
  }
}

/** Sweeps the directory now, for the administrator who waits for the answer. */
export async function sweepNow(context: SweepContext, id: string): Promise<SweepResult> {
  const provider = await requireProvider(context.reader, id)
  if (provider.kind !== 'ldap' || provider.settings.bind !== 'service') throw new Problem('provider_unavailable')
  try {
    return await sweepClaimed(context, provider)
  } catch (error) {
    throw faultOf(error) !== null ? new Problem('provider_unavailable') : error
  }
}

/** True if a sweep is due and no other server has begun it. */
function claim({ db, clock }: SweepContext, { id }: LdapProvider): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const sweep = await findSweep(trx, id)
    const now = timestamp(clock)
    if (sweep && (sweep.next_at > now || (sweep.claimed_until ?? '') > now)) return false
    await writeSweep(trx, id, { next_at: now, claimed_until: later(clock.now(), claimMs) })
    return true
  })
}

async function sweepClaimed(context: SweepContext, provider: LdapProvider): Promise<SweepResult> {
  const { db, reader, clock } = context
  const { id, version, settings } = provider
  const last = await findSweep(reader, id)
  try {
    const result = await sweepDirectory(context, provider, { hasNewMappings: last?.provider_version !== version })
    const next_at = later(clock.now(), settings.sweepEveryMinutes * 60_000)
    const finished = { finished_at: timestamp(clock), provider_version: version, problem: null, claimed_until: null }
    await db.transaction().execute((trx) => writeSweep(trx, id, { ...result, ...finished, next_at }))
    return result
  } catch (error) {
    const next_at = later(clock.now(), retryMs)
    const problem = faultOf(error) ?? 'unexpected_answer'
    await db.transaction().execute((trx) => writeSweep(trx, id, { next_at, claimed_until: null, problem }))
    throw error
  }
}

/** The problem of a `DirectoryFault`; null for another error. To import the class would load the LDAP client at each start. */
function faultOf(error: unknown): string | null {
  return error instanceof Error && 'problem' in error && typeof error.problem === 'string' ? error.problem : null
}
