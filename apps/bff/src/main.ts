import packageJson from '../package.json' with { type: 'json' }
import { systemClock } from './base/clock.ts'
import { BadSettings, readSettings } from './env.ts'
import { greet } from './greeting.ts'
import { makeLog } from './log.ts'
import { start } from './start.ts'

try {
  const settings = readSettings()
  const log = makeLog(settings.logLevel)
  const started = await start({ settings, clock: systemClock, log, version: packageJson.version })
  process.stdout.write(`${greet(started)}\n`)
  stopOn(['SIGINT', 'SIGTERM', 'SIGHUP'], started.stop)
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  // What had been started already would keep the process alive.
  process.exit(1)
}

/** A terminal and the starter both pass Ctrl-C on, so the signal comes twice: the second is not an order of its own. */
function stopOn(signals: NodeJS.Signals[], stop: () => Promise<void>): void {
  let stopping = false
  for (const signal of signals) {
    process.on(signal, () => {
      if (stopping) return
      stopping = true
      void stop().then(() => process.exit(0))
    })
  }
}

function explain(error: unknown): string {
  if (error instanceof BadSettings) return error.lines.join('\n')
  if (!(error instanceof Error)) return String(error)
  if ('code' in error && error.code === 'EADDRINUSE') return `${error.message}: another program listens there`
  return error.stack ?? error.message
}
