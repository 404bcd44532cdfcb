/** Which identity providers need the attention of an administrator. */
import type { Overview } from '@gatehouse/contract/operations/overview'
import { type Clock, later, timestamp } from '../../platform/base/clock.ts'
import type { Db } from '../../platform/db/open.ts'
import { describeSweep } from '../directory/sweeps-store.ts'
import { countTokenHoldersBySignIn } from '../identities/origin-sign-in-store.ts'
import { listWatched } from './store.ts'

type Trouble = NonNullable<Overview['providers']>[number]

const dayMs = 24 * 60 * 60_000
/** The last tenth of the time for which a sign-in counts: three of thirty days. */
const lastPart = 10

export async function findTroubledProviders(reader: Db, clock: Clock): Promise<Trouble[]> {
  const watched = await listWatched(reader)
  const found = await Promise.all(
    watched.map(({ id, label, sign_in_days: days }) =>
      days === null ? findUnchecked(reader, { id, label }) : findEnding(reader, clock, { id, label, days }),
    ),
  )
  return found.flat()
}

async function findUnchecked(reader: Db, { id, label }: Pick<Trouble, 'id' | 'label'>): Promise<Trouble[]> {
  const sweep = await describeSweep(reader, id)
  if (!sweep || sweep.problem === null) return []
  return [{ id, label, trouble: 'not-checked', since: sweep.finishedAt, users: 0 }]
}

async function findEnding(
  reader: Db,
  clock: Clock,
  { id, label, days }: Pick<Trouble, 'id' | 'label'> & { days: number },
): Promise<Trouble[]> {
  const now = clock.now()
  const after = later(now, -days * dayMs)
  const until = later(now, -(days - days / lastPart) * dayMs)
  const users = await countTokenHoldersBySignIn(reader, { providerId: id, after, until, now: timestamp(clock) })
  return users === 0 ? [] : [{ id, label, trouble: 'ending', since: null, users }]
}
