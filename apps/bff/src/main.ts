import packageJson from '../package.json' with { type: 'json' }
import { forgetSecrets, readSettings } from './env.ts'
import { explainFailedStart } from './failed-start.ts'
import { greet } from './greeting.ts'
import { systemClock } from './platform/base/clock.ts'
import { makeLog } from './platform/base/log.ts'
import { start } from './start.ts'

// Files that this process creates are readable by its user only.
process.umask(0o077)

try {
  const settings = readSettings()
  forgetSecrets()
  const log = makeLog(settings.logLevel)
  const started = await start({ settings, clock: systemClock, log, version: packageJson.version })
  // Before it prints that it is ready: a supervisor may send a signal as soon as it reads that.
  stopOn(['SIGINT', 'SIGTERM', 'SIGHUP'], started.stop)
  process.stdout.write(`${greet(started)}\n`)
} catch (error) {
  process.stderr.write(`${explainFailedStart(error)}\n`)
  process.exit(1)
}

/** A terminal and the starter both forward Ctrl-C, so the signal arrives twice. The second one is ignored. */
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
