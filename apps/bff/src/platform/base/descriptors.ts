/** How many files and sockets this process may have open, and whether it has reached that. */
import { closeSync, openSync, readFileSync } from 'node:fs'

/** For the database, the log, the threads and what is opened for a moment. */
const kept = 128

/** For all connections that may be open by themselves. */
export const enoughFiles = 13_000

/** `most` connections, or this part of what the limit of open files leaves. Where the limit is not known it is not the bound. */
export function boundByOpenFiles(most: number, part: number, limit = openFileLimit()): number {
  return Math.max(16, Math.min(most, Math.floor((limit - kept) * part)))
}

/** Linux only; Node raises the soft limit to the hard one when it starts. */
export function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line ? Number(line[1]) : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Node does not tell when it cannot accept a connection (libuv closes it), so the question is asked with a file. */
export function areDescriptorsExhausted(): boolean {
  try {
    closeSync(openSync('/dev/null', 'r'))
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && (error.code === 'EMFILE' || error.code === 'ENFILE')
  }
}

interface Log {
  error(message: string): void
  info(message: string): void
}

const lookEveryMs = 5_000

/** Says in the log when the limit is reached, and when it is no longer. Answers with what ends it. */
export function watchDescriptors(log: Log): () => void {
  let wereExhausted = false
  const timer = setInterval(() => {
    const areExhausted = areDescriptorsExhausted()
    if (areExhausted && !wereExhausted)
      log.error('no more files can be opened: new connections are closed (raise LimitNOFILE, or ulimit -n)')
    if (!areExhausted && wereExhausted) log.info('files can be opened again')
    wereExhausted = areExhausted
  }, lookEveryMs)
  timer.unref()
  return () => clearInterval(timer)
}
