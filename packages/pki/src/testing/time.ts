// Times of this thread's processor, not of the wall: tests share a machine, and another program's work is not ours.

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const attempts = 5

/** Milliseconds of processor that the work takes; the best of five where the first is over `enoughMs`, for the sake of garbage. */
export async function costMs(work: () => Promise<void> | void, enoughMs: number): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < attempts && bestMs >= enoughMs; i++) {
    const start = cpuMs()
    await work()
    bestMs = Math.min(bestMs, cpuMs() - start)
  }
  return bestMs
}

/** The longest time in milliseconds of processor for which the work does not let the event loop run; repeated likewise. */
export async function longestPauseMs(work: () => Promise<void>, enoughMs = 50): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < attempts && bestMs >= enoughMs; i++) bestMs = Math.min(bestMs, await pauseMs(work))
  return bestMs
}

async function pauseMs(work: () => Promise<void>): Promise<number> {
  let longestMs = 0
  let last = cpuMs()
  let isRunning = true
  const tick = () => {
    const now = cpuMs()
    longestMs = Math.max(longestMs, now - last)
    last = now
    if (isRunning) setImmediate(tick)
  }
  setImmediate(tick)
  await work()
  isRunning = false
  return longestMs
}
