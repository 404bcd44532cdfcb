/** Measures turns of the event loop in CPU time. Wall time would include other processes of the machine. */

/** Starts measuring. The returned function stops and returns the milliseconds of each turn. */
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
