/** The settings of a broker on this machine, checked against what the operator allows. */
import type { BrokerProblem } from '@gatehouse/contract/brokers/inventory'
import type { BrokerRow } from '../inventory/adapter.ts'
import { isAllowed } from './allowed-folders.ts'
import type { ControlAddress } from './control-client.ts'
import type { BrokerTraits } from './desired-source.ts'
import type { EnforcerSettings } from './enforcer.ts'

export interface OpenedSettings extends EnforcerSettings {
  /** Null: there is none, or it may not be written. */
  dynsecFile: string | null
  problems: BrokerProblem[]
}

/** A path that is not allowed counts as missing, and so does `capath` without the rest: a CA could never be removed again. */
export async function openSettings(
  row: BrokerRow<'mosquitto'>,
  { folders, password }: { folders: readonly string[]; password: string | null },
): Promise<OpenedSettings> {
  const { capath, crlFile, pidFile, dynsecFile } = row.settings
  const problems: BrokerProblem[] = []
  const allowed = async (path: string | null) => {
    if (path === null || (await isAllowed(path, folders))) return path
    problems.push({ code: 'trust_not_applied', detail: `not_allowed ${path}` })
    return null
  }
  const files = {
    capath: await allowed(capath),
    crlFile: await allowed(crlFile),
    dynsecFile: await allowed(dynsecFile),
  }
  const isComplete = files.capath !== null && files.crlFile !== null && pidFile !== null
  if (capath !== null && problems.length === 0 && !isComplete) {
    problems.push({ code: 'trust_not_applied', detail: pidFile === null ? 'no_pid_file' : 'no_crl_file' })
  }
  return {
    ...files,
    capath: isComplete ? files.capath : null,
    pidFile,
    control: controlOf(row, password),
    problems,
  }
}

/** How clients sign in at the listeners of the broker. */
export function traitsOf({
  settings: { ports, admitsPasswordOnly, capath, crlFile },
}: BrokerRow<'mosquitto'>): BrokerTraits {
  return {
    accepts: {
      certificate: capath !== null || ports.certificate !== null,
      password: ports.password !== null || ports.certificate === null,
      passwordOnly: admitsPasswordOnly,
    },
    usesCrls: crlFile !== null,
  }
}

function controlOf(
  { host, port, tls, authorities, username }: BrokerRow<'mosquitto'>,
  password: string | null,
): ControlAddress {
  return { host, port, tls, ca: authorities, username: username ?? '', password: password ?? '' }
}
