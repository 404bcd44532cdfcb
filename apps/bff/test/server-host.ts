/**
 * A process that runs one server after another, for the browser tests. To load the modules costs as much CPU as all requests
 * of a spec file, and code that has run before is faster. It prints what `main.ts` prints. What differs from it: passwords are
 * hashed with less memory. A message with an environment starts a server, `stop` ends it.
 */
import packageJson from '../package.json' with { type: 'json' }
import { readSettings } from '../src/env.ts'
import { explainFailedStart } from '../src/failed-start.ts'
import { greet } from '../src/greeting.ts'
import { hashWithMemoryForTests } from '../src/identity/passwords/hashing.ts'
import { systemClock } from '../src/platform/base/clock.ts'
import { makeLog } from '../src/platform/base/log.ts'
import { type Started, start } from '../src/start.ts'
import { keepBrokerThreads } from './broker-threads.ts'

const memoryKib = 1024

process.umask(0o077)
hashWithMemoryForTests(memoryKib)
keepBrokerThreads()
let running: Started | undefined

process.on('message', (env: NodeJS.ProcessEnv | 'stop') => {
  answer(env).then(
    (line) => process.stdout.write(`${line}\n`),
    (error: unknown) => {
      process.stderr.write(`${explainFailedStart(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit())

async function answer(env: NodeJS.ProcessEnv | 'stop'): Promise<string> {
  if (env === 'stop') {
    await running?.stop()
    return JSON.stringify({ msg: 'stopped' })
  }
  const settings = readSettings(env)
  const log = makeLog(settings.logLevel)
  running = await start({ settings, clock: systemClock, log, version: packageJson.version })
  return greet(running)
}
