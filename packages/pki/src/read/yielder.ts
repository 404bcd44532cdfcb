import { setImmediate } from 'node:timers/promises'

const sliceMs = 4

/**
 * Returns a function to await between small steps of long work. It lets the event loop run when 4 ms have passed since
 * the last time.
 */
export function createYielder(): () => Promise<void> {
  let sliceStartedAt = performance.now()
  return async () => {
    if (performance.now() - sliceStartedAt < sliceMs) return
    await setImmediate()
    sliceStartedAt = performance.now()
  }
}
