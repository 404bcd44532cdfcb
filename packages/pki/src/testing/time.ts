// Measures the CPU time of this thread, not wall-clock time: tests share the machine with other programs.

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const attempts = 5

/**
 * Returns the CPU milliseconds of the work; the best of five runs if the first exceeds `enoughMs`, because of garbage
 * collection.
 */
export async function costMs(work: () => Promise<void> | void, enoughMs: number): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < attempts && bestMs >= enoughMs; i++) {
    const start = cpuMs()
    await work()
    bestMs = Math.min(bestMs, cpuMs() - start)
  }
  return bestMs
}

/**
 * Returns the longest CPU time in milliseconds during which the work blocks the event loop; repeated in the same way.
 */
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
