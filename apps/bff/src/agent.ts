/** `npm start -- agent`: enforces what a console decides, beside a Mosquitto on another host. */
import { chmod, mkdir } from 'node:fs/promises'
import packageJson from '../package.json' with { type: 'json' }
import { explainFault } from './brokers/agent/console-fault.ts'
import { readStatus } from './brokers/agent/contact.ts'
import { enrol } from './brokers/agent/enrol.ts'
import { loadFirst } from './brokers/agent/first-load.ts'
import { IdentityFile } from './brokers/agent/identity.ts'
import { runAgent } from './brokers/agent/run-agent.ts'
import type { AgentSettings } from './brokers/agent/settings.ts'
import { statusText } from './brokers/agent/status-text.ts'
import { readEnvironmentOfAgent } from './env.ts'
import { explainFailedStart } from './failed-start.ts'
import { BadSettings } from './platform/base/bad-settings.ts'
import { systemClock } from './platform/base/clock.ts'
import { makeLog } from './platform/base/log.ts'
import { lockFolder } from './platform/db/folder-lock.ts'

// Files that this process creates are readable by its user only.
process.umask(0o077)

const usage = `npm start -- agent                    follows the console
npm start -- agent enrol <address>    enrols once, with GATEHOUSE_AGENT_TOKEN
npm start -- agent first-load         fills the file of the plugin, before Mosquitto starts for the first time
npm start -- agent status             says what the agent has, and how old it is`

const [command, ...words] = process.argv.slice(2)

try {
  const settings = readEnvironmentOfAgent()
  if (command === undefined) await follow(settings)
  else if (command === 'enrol' && words.length === 1) await enrolOnce(settings, words[0] ?? '')
  else if (command === 'first-load' && words.length === 0) await writeUsers(settings)
  else if (command === 'status' && words.length === 0) await printStatus(settings)
  else fail(usage, 2)
} catch (error) {
  fail(explainFailedStart(error), 1)
}

async function follow(settings: AgentSettings): Promise<void> {
  await takeFolder(settings)
  const log = makeLog(settings.logLevel)
  const stop = await runAgent(settings, { clock: systemClock, log })
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    // A terminal and the starter both forward Ctrl-C, so the signal arrives twice.
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      void stop().then(() => process.exit(0))
    })
  }
}

async function enrolOnce(settings: AgentSettings, address: string): Promise<void> {
  if (!/^https:\/\/[^/?#@\s\\]+\/?$/.test(address) || !URL.canParse(address))
    throw new BadSettings(['The address of the console for agents is https://host:port'])
  if (settings.token === null) throw new BadSettings(['GATEHOUSE_AGENT_TOKEN: the token that the console shows'])
  await takeFolder(settings)
  const { token, proxy } = settings
  const wanted = { console: new URL(address).origin, token, version: packageJson.version, proxy }
  try {
    const { brokerName } = await enrol(new IdentityFile(settings.stateDir), wanted)
    process.stdout.write(`This machine is enrolled as the agent of ${brokerName}. Start it with: npm start -- agent\n`)
    process.exit(0)
  } catch (error) {
    if (error instanceof BadSettings) throw error
    throw new BadSettings([`Not enrolled. ${explainFault(error, systemClock.now())}`], { cause: error })
  }
}

async function writeUsers(settings: AgentSettings): Promise<void> {
  const users = await loadFirst(settings)
  process.stdout.write(`${users} users are in ${settings.dynsecFile}. Start Mosquitto now.\n`)
}

async function printStatus({ stateDir }: AgentSettings): Promise<void> {
  const facts = { identity: await new IdentityFile(stateDir).read(), status: await readStatus(stateDir) }
  process.stdout.write(`${statusText({ ...facts, now: systemClock.now() })}\n`)
}

/** One agent per folder: two would take the answers of the console from each other. */
async function takeFolder({ stateDir }: AgentSettings): Promise<void> {
  await mkdir(stateDir, { recursive: true })
  await chmod(stateDir, 0o700)
  // Held to the end of the process: a lock without a reference would be collected, and with it released.
  process.once('exit', lockFolder(stateDir, 'GATEHOUSE_AGENT_STATE_DIR'))
}

function fail(text: string, code: number): never {
  process.stderr.write(`${text}\n`)
  process.exit(code)
}
