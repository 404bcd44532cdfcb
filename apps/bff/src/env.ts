/**
 * Reads and checks the settings once. Each invalid one stops the start with one line. The only reader of process.env.
 */
import { hostname, networkInterfaces } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import type { BrokerLimits } from '@gatehouse/contract/brokers/limits'
import { Username } from '@gatehouse/contract/identity/users'
import * as z from 'zod/mini'
import { type AgentSettings, readAgentSettings } from './brokers/agent/settings.ts'
import {
  findMenderErrors,
  type MenderSeed,
  menderVariables,
  readMenderSeed,
  wantsDebugLog,
} from './brokers/edge/mender/settings.ts'
import type { ListenerEnvironment } from './brokers/listeners/environment.ts'
import { mqttLimitVariables, readMqttLimits, systemTopicVariables } from './mqtt-limit-settings.ts'
import { BadSettings } from './platform/base/bad-settings.ts'
import { isLoopback } from './platform/base/loopback.ts'
import type { DatabasePlace } from './platform/db/open.ts'
import { readPostgresUrl } from './platform/db/postgres-url.ts'
import type { ProxyEnvironment } from './platform/outbound/outbound-fetch.ts'
import { readProxy } from './proxy-settings.ts'
import { hostOf, isHostName, isNetwork, isOrigin, listOf } from './setting-texts.ts'

const port = z.pipe(
  z.string().check(z.refine((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535, 'a port, 0 to 65535')),
  z.transform(Number),
)
const wholeNumber = z.pipe(
  z.string().check(z.refine((text) => /^\d{1,9}$/.test(text), 'a whole number')),
  z.transform(Number),
)
const portOrOff = z.union([z.literal('off'), port], 'a port, 0 to 65535, or off')
const oneOf = <const T extends readonly [string, ...string[]]>(words: T) => z.enum(words, `one of ${words.join(', ')}`)
/** Normalised as in browsers: lower case, without the default port. */
const origin = z.pipe(
  z.string().check(z.refine(isOrigin, 'an origin such as https://gatehouse.example')),
  z.transform((text) => new URL(text).origin),
)

const usernameRule = '3 to 64 letters, digits and . _ @ : -, beginning with a letter or a digit'

const Variables = z.object({
  GATEHOUSE_DATA_DIR: z._default(z.string(), './data'),
  GATEHOUSE_DATABASE_URL: z.optional(z.string()),
  GATEHOUSE_HTTP_HOST: z._default(z.string(), '127.0.0.1'),
  GATEHOUSE_HTTP_PORT: z._default(port, 8080),
  GATEHOUSE_HTTP_TLS: z.optional(oneOf(['on', 'off'])),
  GATEHOUSE_PUBLIC_URL: z.optional(origin),
  GATEHOUSE_TRUSTED_PROXIES: z._default(
    z.string().check(z.refine((text) => listOf(text).every(isNetwork), 'addresses such as 10.0.0.2 or 10.0.0.0/8')),
    '',
  ),
  GATEHOUSE_MQTT_HOST: z._default(z.string(), '127.0.0.1'),
  GATEHOUSE_MQTT_PORT: z.optional(portOrOff),
  GATEHOUSE_MQTT_PLAIN: z._default(oneOf(['loopback', 'allow']), 'loopback'),
  GATEHOUSE_MQTT_CONSOLE: z._default(oneOf(['on', 'off']), 'on'),
  GATEHOUSE_MQTTS_PORT: z._default(portOrOff, 8883),
  GATEHOUSE_MQTTS_CLIENT_CERTIFICATE: z._default(oneOf(['required', 'accepted', 'ignored']), 'accepted'),
  ...mqttLimitVariables,
  ...systemTopicVariables,
  GATEHOUSE_METRICS_HOST: z._default(z.string(), '127.0.0.1'),
  GATEHOUSE_METRICS_PORT: z._default(portOrOff, 'off'),
  GATEHOUSE_METRICS_TOKEN: z.optional(z.string().check(z.minLength(20, 'at least 20 characters'))),
  GATEHOUSE_ENFORCERS_HOST: z._default(z.string(), '127.0.0.1'),
  GATEHOUSE_ENFORCERS_PORT: z._default(portOrOff, 'off'),
  GATEHOUSE_BROKER_FOLDERS: z._default(
    z.string().check(z.refine((text) => listOf(text).every(isAbsolute), 'absolute paths, separated by commas')),
    '',
  ),
  GATEHOUSE_EDGE_HOST: z._default(z.string(), '127.0.0.1'),
  GATEHOUSE_EDGE_PORT: z._default(port, 8443),
  GATEHOUSE_EDGE_CERTS: z._default(z.string().check(z.refine(isAbsolute, 'an absolute path')), '/etc/mtls/certs'),
  ...menderVariables,
  GATEHOUSE_TLS_CERT: z.optional(z.string()),
  GATEHOUSE_TLS_KEY: z.optional(z.string()),
  GATEHOUSE_TLS_NAMES: z.optional(
    z
      .string()
      .check(z.refine((text) => listOf(text).every(isHostName), 'host names and addresses, with commas between')),
  ),
  GATEHOUSE_ADMIN_USERNAME: z._default(
    z.string().check(z.refine((name) => Username.safeParse(name).success, usernameRule)),
    'admin',
  ),
  GATEHOUSE_ADMIN_PASSWORD: z.optional(z.string().check(z.minLength(1))),
  GATEHOUSE_SECRET_KEY: z.optional(z.string()),
  GATEHOUSE_LOW_SPACE_MIB: z._default(wholeNumber, 500),
  GATEHOUSE_FRESH_START: z.optional(oneOf(['allow'])),
  GATEHOUSE_LOG_LEVEL: z.optional(oneOf(['trace', 'debug', 'info', 'warn', 'error', 'silent'])),
})

export interface Settings {
  dataDir: string
  database: DatabasePlace
  /** A reverse proxy may be in front of the console, so a request from this machine may come from elsewhere. */
  mayBeProxied: boolean
  http: { host: string; port: number; tls: boolean; publicUrl: string | null; trustedProxies: string[] }
  /** The host of the public URL, by which others reach this server. */
  publicHost: string | null
  /** The two default listeners of the broker, and which of their variables are set. */
  listeners: ListenerEnvironment
  /** MQTT over WebSocket under `/mqtt` of the console's port. */
  consoleMqtt: boolean
  mqttLimits: BrokerLimits
  /** How often the `$SYS` topics are published. Null: never. */
  systemTopicsEveryMs: number | null
  /** The listener of health and metrics. It uses `tls` except on loopback, because the token travels over it. */
  health: { host: string; port: number; tls: boolean; token: string | null } | null
  /** The listener for the agents of brokers on other hosts. Null: it is off. */
  enforcers: { host: string; port: number } | null
  /** The folders below which the console may write files of brokers on this machine. */
  brokerFolders: string[]
  /** What `MTLS_MENDER_…` makes at the first start that has it. */
  mender: MenderSeed | null
  tls: { certFile: string; keyFile: string } | null
  tlsNames: string[]
  admin: { username: string; password: string | null }
  /** The current key first. Null: read from the data folder. */
  secretKeys: Buffer[] | null
  /** The console warns if less space is free in the data folder. */
  lowSpaceBytes: number
  /** Allows creating a new database beside the keys of an installation. */
  mayStartFresh: boolean
  logLevel: string
  /** The proxy for connections to OpenID providers. */
  proxy: ProxyEnvironment
}

/** Read once. Child processes and reports about a crash must not contain them. */
const secretVariables = [
  'GATEHOUSE_ADMIN_PASSWORD',
  'GATEHOUSE_DATABASE_URL',
  'GATEHOUSE_METRICS_TOKEN',
  'GATEHOUSE_SECRET_KEY',
  'MTLS_MENDER_PASS',
]

export function readSettings(env: Record<string, string | undefined> = process.env): Settings {
  const given = Object.entries(env).filter(([name, value]) => isOurs(name) && value !== '')
  const unknown = given.filter(([name]) => !(name in Variables.shape)).map(([name]) => `${name}: no such setting`)
  const parsed = Variables.safeParse(Object.fromEntries(given))
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
  if (!parsed.success || unknown.length > 0) throw new BadSettings([...unknown, ...wrong])
  const settings = arrange(
    parsed.data,
    given.map(([name]) => name),
    readProxy(env),
  )
  const contradictions = findContradictions(settings, parsed.data)
  if (contradictions.length > 0) throw new BadSettings(contradictions)
  return settings
}

/** Other variables of the machine are not ours. */
function isOurs(name: string): boolean {
  return /^(GATEHOUSE_|MTLS_MENDER_)/.test(name) || Object.hasOwn(menderVariables, name)
}

/** Removes the secrets from the environment, after the settings were read. */
export function forgetSecrets(env: Record<string, string | undefined> = process.env): void {
  for (const name of secretVariables) delete env[name]
}

/** Of the agent. It reads none of the settings of the console. */
export function readEnvironmentOfAgent(env: Record<string, string | undefined> = process.env): AgentSettings {
  return readAgentSettings(env, readProxy(env))
}

/** `names`: of the variables that are set. */
function arrange(given: z.output<typeof Variables>, names: readonly string[], proxy: ProxyEnvironment): Settings {
  const plainPort = given.GATEHOUSE_MQTT_PORT ?? (isLoopback(given.GATEHOUSE_MQTT_HOST) ? 1883 : 'off')
  const { GATEHOUSE_TLS_CERT: certFile, GATEHOUSE_TLS_KEY: keyFile } = given
  const dataDir = resolve(given.GATEHOUSE_DATA_DIR)
  const publicHost = hostOf(given.GATEHOUSE_PUBLIC_URL)
  return {
    dataDir,
    database: placeOf(given.GATEHOUSE_DATABASE_URL, dataDir),
    http: {
      host: given.GATEHOUSE_HTTP_HOST,
      port: given.GATEHOUSE_HTTP_PORT,
      tls: given.GATEHOUSE_HTTP_TLS ? given.GATEHOUSE_HTTP_TLS === 'on' : !isLoopback(given.GATEHOUSE_HTTP_HOST),
      publicUrl: given.GATEHOUSE_PUBLIC_URL ?? null,
      trustedProxies: listOf(given.GATEHOUSE_TRUSTED_PROXIES),
    },
    publicHost,
    mayBeProxied:
      (publicHost !== null && !isLoopback(publicHost)) || listOf(given.GATEHOUSE_TRUSTED_PROXIES).length > 0,
    listeners: {
      mqtt: plainPort === 'off' ? null : { host: given.GATEHOUSE_MQTT_HOST, port: plainPort },
      mqtts:
        given.GATEHOUSE_MQTTS_PORT === 'off'
          ? null
          : {
              host: given.GATEHOUSE_MQTT_HOST,
              port: given.GATEHOUSE_MQTTS_PORT,
              clientCertificate: given.GATEHOUSE_MQTTS_CLIENT_CERTIFICATE,
            },
      given: names,
      allowsPlain: given.GATEHOUSE_MQTT_PLAIN === 'allow',
    },
    consoleMqtt: given.GATEHOUSE_MQTT_CONSOLE === 'on',
    mqttLimits: readMqttLimits(given),
    systemTopicsEveryMs: given.GATEHOUSE_MQTT_SYS_INTERVAL === 'off' ? null : given.GATEHOUSE_MQTT_SYS_INTERVAL * 1_000,
    health:
      given.GATEHOUSE_METRICS_PORT === 'off'
        ? null
        : {
            host: given.GATEHOUSE_METRICS_HOST,
            port: given.GATEHOUSE_METRICS_PORT,
            tls: !isLoopback(given.GATEHOUSE_METRICS_HOST),
            token: given.GATEHOUSE_METRICS_TOKEN ?? null,
          },
    enforcers:
      given.GATEHOUSE_ENFORCERS_PORT === 'off'
        ? null
        : { host: given.GATEHOUSE_ENFORCERS_HOST, port: given.GATEHOUSE_ENFORCERS_PORT },
    mender: readMenderSeed(given, {
      host: given.GATEHOUSE_EDGE_HOST,
      port: given.GATEHOUSE_EDGE_PORT,
      certificates: given.GATEHOUSE_EDGE_CERTS,
    }),
    tls: certFile && keyFile ? { certFile, keyFile } : null,
    brokerFolders: listOf(given.GATEHOUSE_BROKER_FOLDERS),
    tlsNames: given.GATEHOUSE_TLS_NAMES ? listOf(given.GATEHOUSE_TLS_NAMES) : usualNames(publicHost),
    admin: { username: given.GATEHOUSE_ADMIN_USERNAME, password: given.GATEHOUSE_ADMIN_PASSWORD ?? null },
    secretKeys: given.GATEHOUSE_SECRET_KEY
      ? listOf(given.GATEHOUSE_SECRET_KEY).map((key) => Buffer.from(key, 'base64'))
      : null,
    lowSpaceBytes: given.GATEHOUSE_LOW_SPACE_MIB * 1024 * 1024,
    mayStartFresh: given.GATEHOUSE_FRESH_START === 'allow',
    logLevel: given.GATEHOUSE_LOG_LEVEL ?? (wantsDebugLog(given) ? 'debug' : 'info'),
    proxy,
  }
}

/** Throws if the address is malformed. */
function placeOf(url: string | undefined, dataDir: string): DatabasePlace {
  if (url === undefined) return { file: join(dataDir, 'gatehouse.db') }
  readPostgresUrl(url)
  return { url }
}

function findContradictions(settings: Settings, given: z.output<typeof Variables>): string[] {
  const found = findMenderErrors(given)
  const { mqtt } = settings.listeners
  if (mqtt && !isLoopback(mqtt.host) && given.GATEHOUSE_MQTT_PLAIN !== 'allow') {
    found.push(
      'GATEHOUSE_MQTT_PORT: passwords would be sent unencrypted; set GATEHOUSE_MQTT_PLAIN=allow if you want that',
    )
  }
  if (!settings.http.tls && !isLoopback(settings.http.host) && !settings.http.publicUrl?.startsWith('https:')) {
    found.push(
      'GATEHOUSE_HTTP_TLS: off requires a loopback GATEHOUSE_HTTP_HOST, or an https GATEHOUSE_PUBLIC_URL of a proxy',
    )
  }
  if (settings.health && settings.health.tls && settings.health.token === null) {
    found.push('GATEHOUSE_METRICS_TOKEN: required if GATEHOUSE_METRICS_HOST is not loopback')
  }
  if (Boolean(given.GATEHOUSE_TLS_CERT) !== Boolean(given.GATEHOUSE_TLS_KEY)) {
    found.push('GATEHOUSE_TLS_CERT, GATEHOUSE_TLS_KEY: give both or neither')
  }
  if (settings.secretKeys && (settings.secretKeys.length === 0 || settings.secretKeys.some(isNoKey))) {
    found.push(
      'GATEHOUSE_SECRET_KEY: 32 bytes in base64, several separated by commas; make one with: openssl rand -base64 32',
    )
  }
  return found
}

function isNoKey(key: Buffer): boolean {
  return key.length !== 32
}

/** The names of this machine, and the public host, which clients use. */
function usualNames(publicHost: string | null): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const usable = addresses.filter(({ scopeid, family }) => family === 'IPv4' || scopeid === 0)
  const own = ['localhost', hostname(), '127.0.0.1', '::1', ...usable.map(({ address }) => address)]
  return [...new Set(publicHost === null ? own : [publicHost, ...own])]
}
