import packageJson from '../package.json' with { type: 'json' }
import { readSettings } from './env.ts'
import { greet } from './greeting.ts'
import { BadSettings } from './platform/base/bad-settings.ts'
import { systemClock } from './platform/base/clock.ts'
import { makeLog } from './platform/base/log.ts'
import { start } from './start.ts'

// Files that this process makes are for its user only.
process.umask(0o077)

try {
  const settings = readSettings()
  const log = makeLog(settings.logLevel)
  const started = await start({ settings, clock: systemClock, log, version: packageJson.version })
  // Before it says that it is ready: whoever reads that may end it at once.
  stopOn(['SIGINT', 'SIGTERM', 'SIGHUP'], started.stop)
  process.stdout.write(`${greet(started)}\n`)
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
  // A port, an address or a folder that this machine does not give us: the message names it, a stack says no more.
  // By the words as well: the broker's thread can hand over nothing else.
  const isRefused = 'syscall' in error || /^(listen|getaddrinfo) E[A-Z]+/.test(error.message)
  if (!isRefused) return error.stack ?? error.message
  return error.message.includes('EADDRINUSE') ? `${error.message}: another program listens there` : error.message
}
