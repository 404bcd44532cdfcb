/** Sends SIGHUP to a Mosquitto that runs on this machine, so that it reads `capath` and `crlfile` again. */
import { readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'

export type SignalFault = 'pid_file_missing' | 'pid_not_mosquitto' | 'signal_refused'

/**
 * Null: the signal was sent. The number of the configured file may belong to another program by now, so the process must be called
 * `mosquitto` (Linux: `/proc`). The console never sends the path or the number: both are local configuration.
 */
export async function signalMosquitto(pidFile: string): Promise<SignalFault | null> {
  const pid = await readPid(pidFile)
  if (pid === null) return 'pid_file_missing'
  if (!(await isMosquitto(pid))) return 'pid_not_mosquitto'
  try {
    process.kill(pid, 'SIGHUP')
    return null
  } catch {
    return 'signal_refused'
  }
}

/** True while the Mosquitto of this file runs. */
export async function isRunning(pidFile: string): Promise<boolean> {
  const pid = await readPid(pidFile)
  return pid !== null && (await isMosquitto(pid))
}

async function readPid(pidFile: string): Promise<number | null> {
  const text = await readFile(pidFile, 'utf8').catch(() => '')
  const found = /^\s*(\d{1,10})\s*$/.exec(text)
  const pid = Number(found?.[1] ?? 0)
  return pid > 1 ? pid : null
}

async function isMosquitto(pid: number): Promise<boolean> {
  try {
    const name = (await readFile(`/proc/${pid}/comm`, 'utf8')).trim()
    if (name !== 'mosquitto') return false
    // A thread or a program may call itself so. Where the link can be read, the file of the program decides.
    const program = await readlink(`/proc/${pid}/exe`).catch(() => null)
    return program === null || basename(program.replace(/ \(deleted\)$/, '')) === 'mosquitto'
  } catch {
    return false
  }
}
