/** The time for what shows it: one timer for the page at each pace, and none while nothing shows a time. */
import { useSyncExternalStore } from 'react'

function clock(stepMs: number) {
  let now = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const listeners = new Set<() => void>()

  function tick(): void {
    now = Date.now()
    for (const listener of listeners) listener()
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    if (listeners.size === 1) {
      now = Date.now()
      timer = setInterval(tick, stepMs)
    }
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0) clearInterval(timer)
    }
  }

  return (): number => useSyncExternalStore(subscribe, () => now)
}

/** In steps of ten seconds: for "3 minutes ago". */
export const useNow = clock(10_000)

/** In steps of a second: for what counts down. */
export const useSecond = clock(1_000)
