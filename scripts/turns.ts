/** What this thread works on without letting anybody else have a turn, as CPU time: on a shared machine the clock tells about the neighbours. */

/** From now on; the answer ends it and tells, in milliseconds, each time between two turns of the event loop. */
export function measureTurns(): () => number[] {
  const taken: number[] = []
  let isOver = false
  let before = process.threadCpuUsage()
  const look = () => {
    const { user, system } = process.threadCpuUsage(before)
    taken.push((user + system) / 1_000)
    before = process.threadCpuUsage()
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return () => {
    isOver = true
    look()
    return taken
  }
}
