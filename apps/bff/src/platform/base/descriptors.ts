/** How many files and sockets this process may open, and whether it has reached that limit. */
import { closeSync, openSync, readFileSync } from 'node:fs'

/** Descriptors reserved for the database, the log, the threads and short-lived files. */
const kept = 128

/** Enough descriptors for the maximum of all connections. */
export const enoughFiles = 13_000

/**
 * Returns `most`, or this share of what the limit of open files leaves if that is less. An unknown limit does not bound
 * it.
 */
export function boundByOpenFiles(most: number, part: number, limit = openFileLimit()): number {
  return Math.max(16, Math.min(most, Math.floor((limit - kept) * part)))
}

/** Linux only. Node raises the soft limit to the hard limit when it starts. */
export function openFileLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))
    return line ? Number(line[1]) : Number.POSITIVE_INFINITY
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** Node reports no error when it cannot accept a connection (libuv closes it), so this opens a file to find out. */
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

/** Logs when the limit is reached and when it no longer is. Returns a function that stops watching. */
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
