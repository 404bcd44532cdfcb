import type { Clock } from '../../platform/base/clock.ts'
import type { LogLine } from './port.ts'

const sameErrorEveryMs = 10_000
const rememberedErrors = 100

/** Logs an error at most once every ten seconds: while the database is away, each CONNECT fails with the same error. */
export function makeReporter({ clock, log }: { clock: Clock; log(line: LogLine): void }): (error: unknown) => void {
  const loggedAt = new Map<string, number>()
  return (error) => {
    const message = error instanceof Error ? error.message : String(error)
    const now = clock.now().getTime()
    if (now - (loggedAt.get(message) ?? 0) < sameErrorEveryMs) return
    if (loggedAt.size >= rememberedErrors) loggedAt.clear()
    loggedAt.set(message, now)
    log({ level: 'error', message: 'The broker met an error', facts: { error: textOf(error) } })
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
