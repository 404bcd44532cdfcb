// Measures the CPU time of this thread, not wall-clock time: tests share the machine with other programs.
import { createHash } from 'node:crypto'

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const attempts = 5

/**
 * Returns the CPU milliseconds of the work on the machine that the bounds were chosen on; the best of five runs if the
 * first exceeds `enoughMs`, because of garbage collection.
 */
export function costMs(work: () => Promise<void> | void, enoughMs: number): Promise<number> {
  return best(async () => {
    const start = cpuMs()
    await work()
    return cpuMs() - start
  }, enoughMs)
}

/**
 * Returns the longest CPU time in milliseconds during which the work blocks the event loop; repeated and scaled in the
 * same way.
 */
export function longestPauseMs(work: () => Promise<void>, enoughMs: number): Promise<number> {
  return best(() => pauseMs(work), enoughMs)
}

async function best(measure: () => Promise<number>, enoughMs: number): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY
  for (let i = 0; i < attempts && bestMs >= enoughMs; i++) {
    const ms = await measure()
    bestMs = Math.min(bestMs, ms < enoughMs ? ms : ms / slowness())
  }
  return bestMs
}

/** CPU milliseconds of the work in `slowness` on the machine that the bounds were chosen on. */
const referenceMs = 8
const sample = Buffer.alloc(1_000_000, 'a sample')

/** How many times slower this machine is now; at least 1. */
function slowness(): number {
  const start = cpuMs()
  let sum = 0
  for (const byte of sample) sum = (sum * 31 + byte) % 65_521
  createHash('sha256').update(sample).update(String(sum)).digest()
  return Math.max(1, (cpuMs() - start) / referenceMs)
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
