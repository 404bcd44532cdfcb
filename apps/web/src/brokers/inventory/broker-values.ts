/** A broker as its form holds it. The names are those of the API, so that its field errors find their fields. */
import type { BrokerCreate, BrokerUpdate, StoredBroker } from '@gatehouse/contract/brokers/brokers'
import { type BrokerKind, defaultSettings } from '@gatehouse/contract/brokers/inventory'

interface SettingsValues {
  admitsPasswordOnly: boolean
  ports: { certificate: number | ''; password: number | '' }
  capath: string
  crlFile: string
  pidFile: string
  dynsecFile: string
  /** Ids of listeners. */
  listeners: string[]
}

export interface BrokerValues {
  kind: BrokerKind
  name: string
  host: string
  port: number | ''
  tls: boolean
  authorities: string
  username: string
  password: string
  settings: SettingsValues
}

const blankSettings: SettingsValues = {
  admitsPasswordOnly: false,
  ports: { certificate: '', password: '' },
  capath: '',
  crlFile: '',
  pidFile: '',
  dynsecFile: '',
  listeners: [],
}

export function blankBroker(kind: BrokerKind): BrokerValues {
  return {
    kind,
    name: '',
    host: kind === 'mosquitto' ? '127.0.0.1' : '',
    port: kind === 'mosquitto-agent' ? '' : 1883,
    tls: kind !== 'mosquitto',
    authorities: '',
    username: '',
    password: '',
    settings: blankSettings,
  }
}

export function toValues({ kind, name, host, port, tls, authorities, username, settings }: StoredBroker): BrokerValues {
  const {
    listeners = [],
    ports,
    ...texts
  } = Object.fromEntries(
    Object.entries(settings ?? {}).map(([key, value]) => [key, value ?? '']),
  ) as Partial<SettingsValues>
  return {
    kind: kind === 'embedded' ? 'mosquitto' : kind,
    name,
    host: host ?? '',
    port: port ?? '',
    tls,
    authorities: authorities ?? '',
    username: username ?? '',
    password: '',
    settings: {
      ...blankSettings,
      ...texts,
      ports: { certificate: ports?.certificate ?? '', password: ports?.password ?? '' },
      listeners: listeners.map(String),
    },
  }
}

export function toCreate({ kind, ...values }: BrokerValues): BrokerCreate {
  return { kind, ...connectionOf({ kind, ...values }), password: values.password || null }
}

/** An empty password: the stored one stays, unless there is no username any more. */
export function toUpdate(values: BrokerValues): BrokerUpdate {
  const { password } = values
  const given = password !== '' ? { password } : values.username.trim() === '' ? { password: null } : {}
  return { ...connectionOf(values), ...given }
}

function connectionOf({ kind, name, host, port, tls, authorities, username, settings }: BrokerValues) {
  const place = host.trim()
  return {
    name: name.trim(),
    // Where an address is needed an empty text is refused at its field.
    host: place === '' && kind === 'mosquitto-agent' ? null : place,
    port: port === '' ? null : port,
    tls,
    authorities: (tls && authorities.trim()) || null,
    username: username.trim() || null,
    settings: settingsOf(kind, settings),
  }
}

/** Those of its kind. */
function settingsOf(kind: BrokerKind, { ports, listeners, admitsPasswordOnly, ...paths }: SettingsValues) {
  const all = {
    admitsPasswordOnly,
    ports: { certificate: ports.certificate || null, password: ports.password || null },
    listeners: listeners.map(Number),
    ...Object.fromEntries(Object.entries(paths).map(([key, value]) => [key, value.trim() || null])),
  }
  return Object.fromEntries(Object.entries(all).filter(([key]) => key in defaultSettings[kind]))
}
