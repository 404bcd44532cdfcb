import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/**
 * Logs JSON lines, or readable lines on a terminal. Log calls name each field that they log, so that no secret is
 * logged with an object.
 */
export function makeLog(level: string): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime }
  return process.stdout.isTTY
    ? pino(options, pretty({ colorize: true, translateTime: 'HH:MM:ss', sync: true }))
    : pino(options)
}
