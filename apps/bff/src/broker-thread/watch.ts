/** Looks four times a second for what nobody told us: certificates that end, and changes by another process. */

import type { BrokerStore } from '../broker-admission/store.ts'
import type { Trust } from '../broker-admission/trust.ts'
import type { LiveChanges } from './live-changes.ts'

const everyMs = 250
// Our own console writes too, and looks the same from here: going through everybody may take a tenth of the time, not more.
const restPerWork = 9

interface Watched {
  store: BrokerStore
  trust: Trust
  changes: LiveChanges
  report(error: unknown): void
}

export async function watch({ store, trust, changes, report }: Watched): Promise<() => void> {
  let doneVersion = await store.dataVersion()
  let seenVersion = doneVersion
  let restUntil = 0
  let isBusy = false

  async function look(): Promise<void> {
    if (changes.isUnderWay) return
    await changes.endExpired()
    const version = await store.dataVersion()
    // Not at once: what our own console changed it says itself, a moment after the commit, and wants to know what that closed.
    const isFresh = version !== seenVersion
    seenVersion = version
    if (version === doneVersion || isFresh || performance.now() < restUntil) return
    doneVersion = version
    const startedAt = performance.now()
    if (await trust.isStale()) await trust.reload()
    await changes.recheckAll()
    const endedAt = performance.now()
    restUntil = endedAt + (endedAt - startedAt) * restPerWork
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    look()
      .catch(report)
      .finally(() => {
        isBusy = false
      })
  }, everyMs)
  return () => clearInterval(timer)
}
