/** Starts the agent: the state that it has, the broker beside it, and the console. */
import { readFile } from 'node:fs/promises'
import type { Logger } from 'pino'
import { BadSettings } from '../../platform/base/bad-settings.ts'
import type { Clock } from '../../platform/base/clock.ts'
import type { EnforcerSettings } from '../mosquitto/enforcer.ts'
import { Contact } from './contact.ts'
import { DesiredCopy } from './desired-copy.ts'
import { Follower } from './follow.ts'
import { IdentityFile } from './identity.ts'
import { LocalBroker } from './local-broker.ts'
import type { AgentSettings } from './settings.ts'

/** Returns a function that stops it. Throws `BadSettings` if it is not enrolled, or a file of the settings is missing. */
export async function runAgent(
  settings: AgentSettings,
  { clock, log }: { clock: Clock; log: Logger },
): Promise<() => Promise<void>> {
  const file = new IdentityFile(settings.stateDir)
  const identity = await file.read()
  if (!identity)
    throw new BadSettings(['This agent is not enrolled. The console shows the command on the page of the broker.'])
  const local = await readLocalSettings(settings)
  const copy = new DesiredCopy(settings.stateDir)
  await copy.load()
  const broker = new LocalBroker(local, copy, { log, onChange: () => changed() })
  const describe = () => {
    const { isApplied, problems } = broker.report()
    return { isApplied, problems: problems.map(({ code, detail }) => (detail === null ? code : `${code} (${detail})`)) }
  }
  const contact = new Contact({ folder: settings.stateDir, copy, clock, log, describe })
  const follower = new Follower(identity, { file, copy, local: broker, contact, proxy: settings.proxy, clock, log })
  const changed = () => {
    contact.write()
    follower.changed()
  }
  const running = follower.run()
  log.info({ console: identity.console, broker: identity.brokerName, stateOf: copy.receivedAt }, 'The agent runs')
  return async () => {
    follower.stop()
    await running
    await broker.close()
    await contact.written()
  }
}

async function readLocalSettings({ capath, crlFile, pidFile, control }: AgentSettings): Promise<EnforcerSettings> {
  const { host, port, tls, caFile, username, passwordFile } = control
  if (username === null || passwordFile === null) {
    throw new BadSettings([
      'GATEHOUSE_AGENT_CONTROL_USERNAME, GATEHOUSE_AGENT_CONTROL_PASSWORD_FILE: the account of the broker for the agent',
    ])
  }
  const password = (await readGiven(passwordFile)).replace(/\r?\n$/, '')
  const ca = caFile === null ? null : await readGiven(caFile)
  return { capath, crlFile, pidFile, control: { host, port, tls, ca, username, password } }
}

async function readGiven(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new BadSettings([`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`], { cause: error })
  }
}
