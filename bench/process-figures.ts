/** CPU and memory of a process, from `proc(5)` of Linux. */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'

// USER_HZ is 100 on every Linux that Node supports.
const ticksPerSecond = 100

/** CPU seconds of all threads since the start, user and system, in steps of 10 ms. */
export async function cpuSeconds(pid: number): Promise<number> {
  return readCpu(`/proc/${pid}`)
}

/** CPU seconds of the thread with this name, to the nanosecond: the kernel's scheduler counts them. */
export async function threadCpuSeconds(pid: number, name: string): Promise<number> {
  for (const thread of await readdir(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`
    if ((await readFile(`${folder}/comm`, 'utf8')).trim() !== name) continue
    const [nanoseconds] = (await readFile(`${folder}/schedstat`, 'utf8')).split(' ')
    return Number(nanoseconds) / 1e9
  }
  throw new Error(`Process ${pid} has no thread "${name}"`)
}

async function readCpu(folder: string): Promise<number> {
  const stat = await readFile(`${folder}/stat`, 'utf8')
  // The second field is the name in brackets and may contain spaces, so count from the closing bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond
}

/** Resident bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}

/** CPU milliseconds per piece while `work` makes the process do `pieces` of them. Less than one step of the clock counts as one. */
export async function cpuMsPer(pid: number, pieces: number, work: () => Promise<unknown>): Promise<number> {
  const before = await settledCpu(pid)
  await work()
  const seconds = Math.max(1 / ticksPerSecond, (await settledCpu(pid)) - before)
  return seconds * (1_000 / pieces)
}

/** Waits until the process is idle: it cleans up a connection after the client has gone. */
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
