/** Polls every 250 ms for certificates that expire and for changes that another process wrote into the change log. */

import type { ChangeFollower } from '../../platform/changes/follower.ts'
import type { EdgeConnections } from '../edge/edge-connections.ts'
import type { LiveReview } from './live-review.ts'
import type { BrokerStore } from './store.ts'

const everyMs = 250

interface Watched {
  store: BrokerStore
  changes: Pick<LiveReview, 'endExpired'>
  edge: Pick<EdgeConnections, 'endExpired'>
  follower: ChangeFollower
  report(error: unknown): void
}

/** Returns how to stop: it waits until the poll under way has ended. */
export function watch({ store, changes, edge, follower, report }: Watched): () => Promise<void> {
  let followedVersion: number | null = null
  let isBusy = false
  let underWay: Promise<void> = Promise.resolve()
  let isFailing = false

  async function poll(): Promise<void> {
    await changes.endExpired()
    await edge.endExpired()
    // Read before the log: a commit in between shows in the version of the next poll.
    const version = await store.dataVersion()
    if (version === followedVersion) return
    await follower.follow()
    followedVersion = version
  }

  async function pollAndReport(): Promise<void> {
    try {
      await poll()
      isFailing = false
    } catch (error) {
      // The database may be away for a while: one error is logged.
      if (!isFailing) report(error)
      isFailing = true
    }
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    underWay = pollAndReport().finally(() => {
      isBusy = false
    })
  }, everyMs)
  return () => {
    clearInterval(timer)
    return underWay
  }
}
