/**
 * The two listeners that the environment gives. A variable that is set counts instead of what is stored, in this process
 * only: an administrator of the machine can always open the usual ports again.
 */
import type { StoredListener } from '@gatehouse/contract/brokers/listeners'
import type { ListenerRecord } from './listener.ts'

export type Seed = NonNullable<ListenerRecord['seed']>

export interface ListenerEnvironment {
  /** With the defaults of variables that are not set. Null: off. */
  mqtt: { host: string; port: number } | null
  mqtts: { host: string; port: number; clientCertificate: ListenerRecord['clientCertificate'] } | null
  /** The names of the variables that are set. */
  given: readonly string[]
  /** May passwords be sent unencrypted to other addresses than those of this machine? */
  allowsPlain: boolean
}

export type Override = StoredListener['overrides'][number]

export interface Effective {
  record: ListenerRecord
  overrides: Override[]
  /** The environment turns it off. */
  isOff: boolean
}

const portVariables = { mqtt: 'GATEHOUSE_MQTT_PORT', mqtts: 'GATEHOUSE_MQTTS_PORT' } as const

/** The listener as it counts in this process. */
export function applyEnvironment(record: ListenerRecord, environment: ListenerEnvironment): Effective {
  const { seed } = record
  if (seed === null) return { record, overrides: [], isOff: false }
  const own = environment[seed]
  const given = (variable: string) => environment.given.includes(variable)
  const portVariable = portVariables[seed]
  if (!own) {
    const variable = [portVariable, 'GATEHOUSE_MQTT_HOST'].find(given)
    if (variable === undefined) return { record, overrides: [], isOff: false }
    return { record, overrides: [{ variable, field: 'open', value: 'off' }], isOff: true }
  }
  const wanted = [
    { variable: 'GATEHOUSE_MQTT_HOST', field: 'address', value: own.host },
    { variable: portVariable, field: 'port', value: own.port },
    ...('clientCertificate' in own
      ? [
          {
            variable: 'GATEHOUSE_MQTTS_CLIENT_CERTIFICATE',
            field: 'clientCertificate',
            value: own.clientCertificate,
          } as const,
        ]
      : []),
  ] as const
  const differing = wanted.filter(({ variable, field, value }) => given(variable) && record[field] !== value)
  return {
    record: { ...record, ...Object.fromEntries(differing.map(({ field, value }) => [field, value])) },
    overrides: differing.map(({ variable, field, value }) => ({ variable, field, value: String(value) })),
    isOff: false,
  }
}

/** Does it listen where the environment says? If that is impossible, the server does not start. */
export function isFromEnvironment({ seed, address, port }: ListenerRecord, environment: ListenerEnvironment): boolean {
  const own = seed && environment[seed]
  return own !== null && own.host === address && own.port === port
}
