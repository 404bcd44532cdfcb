/**
 * Starts the server in this process, on a folder that the test made. A process of its own takes four times as long:
 * `server-process.ts` is for tests that kill it, limit it or read its exit code.
 */
import { pino } from 'pino'
import { expect } from 'vitest'
import { readSettings } from '../src/env.ts'
import { explainFailedStart } from '../src/failed-start.ts'
import { systemClock } from '../src/platform/base/clock.ts'
import { type Started, start } from '../src/start.ts'
import { goodPassword } from './app.ts'

export interface StartedHere extends Started {
  /** The log so far, at its most verbose level. */
  printed(): string
}

export async function startHere(dataDir: string, env: Record<string, string> = {}): Promise<StartedHere> {
  let text = ''
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => void (text += line) })
  const settings = readSettings({
    GATEHOUSE_DATA_DIR: dataDir,
    GATEHOUSE_HTTP_PORT: '0',
    GATEHOUSE_MQTT_PORT: '0',
    GATEHOUSE_MQTTS_PORT: '0',
    GATEHOUSE_ADMIN_PASSWORD: goodPassword,
    ...env,
  })
  const started = await start({ settings, clock: systemClock, log, version: 'test' })
  return { ...started, printed: () => text }
}

/** Expects that the start fails, with one line. Returns it as the program prints it, with the end of the line. */
export async function failToStartHere(dataDir: string, env: Record<string, string> = {}): Promise<string> {
  const error = await startHere(dataDir, env).then(
    (started) => started.stop().then(() => new Error('The server started')),
    (reason: unknown) => reason,
  )
  const printed = `${explainFailedStart(error)}\n`
  expect(printed).toMatch(/^.+\n$/)
  return printed
}
