/** Follows the rows of `brokers` by the change log, because another process of the console may have changed them. */
import type { Logger } from 'pino'
import { ChangeFollower } from '../../platform/changes/follower.ts'
import type { ChangeLog } from './adapter.ts'

/** A change of this process is loaded at once, so only changes of other processes wait for it. */
const lookEveryMs = 500

interface Following {
  log: Logger
  /** Read before the rows that are loaded already. */
  cursor: number
  load(): Promise<void>
}

/** Returns how to stop: it waits until the look under way has ended. */
export function followBrokers(changes: ChangeLog, { log, cursor, load }: Following): () => Promise<void> {
  const loaded = async () => {
    await load()
    return []
  }
  const follower = new ChangeFollower(changes, {
    cursor,
    enforce: { change: async ({ kind }) => (kind === 'broker' ? loaded() : []), everything: loaded },
  })
  let followedVersion: number | null = null
  let isFailing = false
  let underWay: Promise<void> | null = null

  async function look(): Promise<void> {
    try {
      // Read before the log: a commit in between shows in the version of the next look.
      const version = await changes.dataVersion()
      if (version !== followedVersion) await follower.follow()
      followedVersion = version
      isFailing = false
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'The list of brokers could not be read')
      isFailing = true
    }
  }

  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = null
    })
  }, lookEveryMs)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await underWay
  }
}
