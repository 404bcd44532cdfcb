/** Writes all users into the file of Mosquitto's plugin before Mosquitto starts: by commands ten thousand of them take hours. */
import { BadSettings } from '../../platform/base/bad-settings.ts'
import { FirstLoadError, writeFirstLoad } from '../mosquitto/first-load.ts'
import { isRunning } from '../mosquitto/reload-signal.ts'
import { DesiredCopy } from './desired-copy.ts'
import type { AgentSettings } from './settings.ts'

/** Returns the number of users. Throws `BadSettings`, and changes nothing, if Mosquitto runs or nothing was received yet. */
export async function loadFirst({ stateDir, dynsecFile, pidFile }: AgentSettings): Promise<number> {
  if (dynsecFile === null || pidFile === null) {
    throw new BadSettings([
      "GATEHOUSE_AGENT_DYNSEC_FILE, GATEHOUSE_AGENT_PID_FILE: the file of the plugin, and Mosquitto's process",
    ])
  }
  if (await isRunning(pidFile)) throw new BadSettings(['Mosquitto runs. Stop it first: it would overwrite the file.'])
  const copy = new DesiredCopy(stateDir)
  await copy.load()
  const { state } = copy
  if (!state) throw new BadSettings(['The agent has not received anything yet. Start it, and try again.'])
  try {
    await writeFirstLoad(dynsecFile, state.clients)
  } catch (error) {
    if (!(error instanceof FirstLoadError)) throw error
    throw new BadSettings([`${dynsecFile} is not a file of the plugin (${error.code}). It was not changed.`], {
      cause: error,
    })
  }
  return state.clients.length
}
