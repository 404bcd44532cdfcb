import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** JSON lines; for a person at a terminal, readable ones. Secrets do not get here: what is logged is named field by field. */
export function makeLog(level: string): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return process.stdout.isTTY
    ? pino(options, pretty({ colorize: true, translateTime: 'HH:MM:ss', sync: true }))
    : pino(options)
}
