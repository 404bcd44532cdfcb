/** Which brokers need a person, for the overview. */
import type { Overview } from '@gatehouse/contract/operations/overview'
import type { Clock } from '../../platform/base/clock.ts'
import { earliestChangeAfter } from '../../platform/changes/store.ts'
import type { Db } from '../../platform/db/open.ts'
import type { BrokerAdapter } from './adapter.ts'
import type { BrokerSet } from './broker-set.ts'

type Troubled = NonNullable<Overview['brokers']>[number]

/** Shorter than for the page of brokers: the overview must not wait for a broker that hangs. */
const answerWithinMs = 500
/** A broker that applies changes is always a moment behind. */
const behindAfterMs = 10_000

interface Parts {
  reader: Db
  clock: Clock
  brokers: BrokerSet
}

/** All but the embedded one. */
export async function findTroubled(parts: Parts): Promise<Troubled[]> {
  const found = await Promise.all(
    parts.brokers.others().map(async ({ id, name, adapter }) => {
      const trouble = await troubleOf(parts, adapter)
      return trouble === null ? [] : { id, name, trouble }
    }),
  )
  return found.flat()
}

async function troubleOf(
  { brokers, reader, clock }: Parts,
  adapter: BrokerAdapter | null,
): Promise<Troubled['trouble'] | null> {
  const state = adapter && (await brokers.state(adapter, answerWithinMs))
  if (!state) return 'away'
  const { reachable, applied, problems } = state
  if (problems.some(({ code }) => code === 'fails_open')) return 'open'
  if (!reachable) return 'away'
  const waiting = applied === null ? null : await earliestChangeAfter(reader, applied)
  if (waiting !== null && clock.now().getTime() - Date.parse(waiting) > behindAfterMs) return 'behind'
  return problems.length > 0 ? 'problems' : null
}
