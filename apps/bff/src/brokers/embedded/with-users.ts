import { createYielder } from '@gatehouse/pki/read/yielder'
import type { DecisionUser } from '../../access/decision/facts.ts'
import type { ReviewContext } from '../../access/decision/review.ts'
import type { Trust } from '../../certificates/trust/trust.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { BrokerStore } from './store.ts'

const readAtOnce = 50

/** Slices of this size are read at once. A change of a single user waits for one slice only. */
export function inSlices<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / readAtOnce) }, (_, at) =>
    all.slice(at * readAtOnce, (at + 1) * readAtOnce),
  )
}

/** One for all slices: a slice may take less than the time after which it gives way, a thousand slices do not. */
const yieldIfDue = createYielder()

/** Reads the users of a slice and calls `work` for each item. Gives way to messages in between. */
export async function eachWithUser<T extends { userId: string }>(
  store: Pick<BrokerStore, 'findUsersById'>,
  slice: readonly T[],
  work: (item: T, user: DecisionUser | null) => void,
): Promise<void> {
  const users = await store.findUsersById([...new Set(slice.map(({ userId }) => userId))])
  for (const item of slice) {
    work(item, users.get(item.userId) ?? null)
    await yieldIfDue()
  }
}

/** The trust store as it is now. */
export function contextFor({ trust, clock }: { trust: Trust; clock: Clock }, user: DecisionUser | null): ReviewContext {
  return { user, judgeChain: trust.judge, ceilings: trust.ceilings, now: clock.now() }
}
