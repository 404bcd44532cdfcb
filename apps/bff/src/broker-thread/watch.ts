/** Looks four times a second for what nobody told us: certificates that end, and changes by another process. */

import type { BrokerStore } from '../broker-admission/store.ts'
import type { Trust } from '../broker-admission/trust.ts'
import type { LiveChanges } from './live-changes.ts'

const everyMs = 250
// Our own console writes too, and looks the same from here: going through everybody may take a tenth of the time, not more.
const restPerWork = 9
// What our own console changed it says itself, a moment after the commit, and wants to know what that closed.
const looksLeftToIt = 2

interface Watched {
  store: BrokerStore
  trust: Trust
  changes: LiveChanges
  report(error: unknown): void
}

export async function watch({ store, trust, changes, report }: Watched): Promise<() => void> {
  let doneVersion = await store.dataVersion()
  let looksLeft = looksLeftToIt
  let restUntil = 0
  let isBusy = false
  let isFailing = false

  async function look(): Promise<void> {
    if (changes.isUnderWay) return
    await changes.endExpired()
    const version = await store.dataVersion()
    if (version === doneVersion) looksLeft = looksLeftToIt
    else if (looksLeft > 0) looksLeft--
    else if (performance.now() >= restUntil) await followChanges(version)
  }

  async function followChanges(version: number): Promise<void> {
    const startedAt = performance.now()
    if (await trust.isStale()) await trust.reload()
    await changes.recheckAll()
    doneVersion = version
    looksLeft = looksLeftToIt
    const endedAt = performance.now()
    restUntil = endedAt + (endedAt - startedAt) * restPerWork
  }

  async function lookAndTell(): Promise<void> {
    try {
      await look()
      isFailing = false
    } catch (error) {
      // The database may be away for a while: that is said once.
      if (!isFailing) report(error)
      isFailing = true
    }
  }

  const timer = setInterval(() => {
    if (isBusy) return
    isBusy = true
    void lookAndTell().finally(() => {
      isBusy = false
    })
  }, everyMs)
  return () => clearInterval(timer)
}
