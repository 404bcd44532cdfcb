/** One adapter for each kind of broker. A kind without one is refused. */

import { makeCedaloAdapter } from './brokers/cedalo/adapter.ts'
import { AgentAdapter } from './brokers/enforcers/agent-adapter.ts'
import type { EnforcerHub } from './brokers/enforcers/hub.ts'
import type { AdapterFactories } from './brokers/inventory/adapter.ts'
import { type BrokerTraits, DesiredSource } from './brokers/mosquitto/desired-source.ts'
import { makeMosquittoAdapter } from './brokers/mosquitto/local-adapter.ts'
import type { BuiltInAuthority } from './certificates/built-in-authority/built-in-authority.ts'
import { OwnCrlIssuer } from './certificates/built-in-authority/own-crl.ts'
import type { Platform } from './open-platform.ts'

interface Parts {
  builtIn: BuiltInAuthority
  hub: EnforcerHub
  /** Below which files of brokers on this machine may be written. */
  folders: readonly string[]
}

export function makeAdapters({ db, clock }: Platform, { builtIn, hub, folders }: Parts): AdapterFactories {
  const ownCrls = new OwnCrlIssuer({ db, clock, authority: () => builtIn.authority })
  const ownCrl = () => ownCrls.issue()
  return {
    mosquitto: makeMosquittoAdapter({ ownCrl, folders }),
    cedalo: makeCedaloAdapter(makeMosquittoAdapter({ ownCrl, folders: [] })),
    'mosquitto-agent': (row, parts) => {
      const source = new DesiredSource({ ...parts, ownCrl }, traitsOf(row.settings))
      return new AgentAdapter(row, parts, { hub, source })
    },
  }
}

interface Rules {
  ports: { certificate: number | null; password: number | null }
  admitsPasswordOnly: boolean
}

/** An agent always has a `crlfile`: without one Mosquitto would admit revoked certificates. */
function traitsOf({ ports, admitsPasswordOnly: passwordOnly }: Rules): BrokerTraits {
  const accepts = { certificate: ports.certificate !== null, password: ports.password !== null, passwordOnly }
  return { accepts, usesCrls: true }
}
