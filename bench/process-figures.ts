/** What the kernel knows of a process: Linux, `proc(5)`. */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

// USER_HZ: 100 on every Linux that Node runs on.
const ticksPerSecond = 100

/** Seconds of CPU, user and system, of all its threads since its start. In steps of 10 ms. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  // The second field is the name in brackets and may hold spaces: what follows it is counted from there.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Bytes that it holds in memory. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** Milliseconds of CPU that a process spends per piece, while `work` has it do `pieces` of them. */
export async function cpuMsPer(pid: number, pieces: number, work: () => Promise<unknown>): Promise<number> {
  const before = await settledCpu(pid)
  await work()
  return ((await settledCpu(pid)) - before) * (1_000 / pieces)
}

/** After what it still had to do: a closed connection is cleared away when its client has gone. */
async function settledCpu(pid: number): Promise<number> {
  let last = await cpuSeconds(pid)
  for (let looks = 0; looks < 20; looks++) {
    await wait(100)
    const now = await cpuSeconds(pid)
    if (now - last <= 1 / ticksPerSecond) return now
    last = now
  }
  return last
}
