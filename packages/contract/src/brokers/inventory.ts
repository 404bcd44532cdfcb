/** The brokers that enforce what the console decides: the embedded one, and others that are connected. */
import * as z from 'zod/mini'

/** The id of the broker inside Gatehouse. It has no row in the database. */
export const embeddedBrokerId = 'embedded'

export const BrokerKind = z.enum(['mosquitto', 'mosquitto-agent', 'cedalo'])
export type BrokerKind = z.output<typeof BrokerKind>

export const Port = z.number().check(z.int('invalid'), z.gte(1, 'too_small'), z.lte(65_535, 'too_large'))

/** An absolute path on the broker's machine. */
const Path = z
  .string()
  .check(
    z.maxLength(1_000, 'too_long'),
    z.regex(/^\/[^\p{Cc}]*$/u, 'invalid'),
    z.regex(/^(?!.*\/\.\.?(\/|$))/u, 'invalid'),
  )

const path = z.nullable(Path)

/** The listener for clients with certificates, and the one for clients with passwords. */
const ClientPorts = z.strictObject({ certificate: z.nullable(Port), password: z.nullable(Port) })

const rules = {
  /**
   * Whether users who may only sign in with a password exist there, too. If the broker has a listener for certificates, each
   * trusted CA can then issue a certificate in their name.
   */
  admitsPasswordOnly: z.boolean(),
  ports: ClientPorts,
}

const mosquitto = {
  ...rules,
  /** Null: Gatehouse writes no CA certificates. */
  capath: path,
  crlFile: path,
  /** The process that gets SIGHUP after CA certificates or CRLs have changed. */
  pidFile: path,
  /** The file of the dynamic-security plugin, for the first load before Mosquitto starts. */
  dynsecFile: path,
}

const cedalo = {
  /** Ids of the listeners that get the CA certificates, as `listListeners` answers them. */
  listeners: z.array(z.number().check(z.int('invalid'), z.gte(1, 'too_small'))).check(z.maxLength(32, 'too_long')),
}

/** Mosquitto 2 on the machine of Gatehouse. */
export const MosquittoSettings = z.object(mosquitto)
/** Mosquitto 2 on another machine, where an agent of Gatehouse applies the desired state. */
export const MosquittoAgentSettings = z.object(rules)
/** Cedalo Pro Mosquitto, by its control API. */
export const CedaloSettings = z.object(cedalo)

/** The settings of each kind, complete. */
export const brokerSettings = {
  mosquitto: MosquittoSettings,
  'mosquitto-agent': MosquittoAgentSettings,
  cedalo: CedaloSettings,
} as const satisfies Record<BrokerKind, z.ZodMiniType>
export type BrokerSettings = { [K in BrokerKind]: z.output<(typeof brokerSettings)[K]> }

const noRules = { admitsPasswordOnly: false, ports: { certificate: null, password: null } }

/** Of a setting that was not given, or that an earlier version did not have. */
export const defaultSettings: BrokerSettings = {
  mosquitto: { ...noRules, capath: null, crlFile: null, pidFile: null, dynsecFile: null },
  'mosquitto-agent': noRules,
  cedalo: { listeners: [] },
}

/** As a caller gives them: the settings of its kind. What is left out has its default, or stays. */
export const GivenSettings = z.partial(z.strictObject({ ...mosquitto, ...cedalo }))

/** What is wrong with a broker now. The console has a sentence for each. */
export const brokerProblems = [
  'unreachable',
  'credentials_refused',
  'tls_failed',
  'no_answer',
  'wrong_answer',
  'no_adapter',
  'dynsec_missing',
  'default_access',
  'fails_open',
  'drift',
  'authority_without_crl',
  'crl_expired',
  'trust_not_applied',
  'foreign_authority',
  'authorities_left_out',
  'signal_failed',
  'passwords_missing',
  'names_left_out',
  'rules_left_out',
  'agent_missing',
  'agent_away',
  'clock_differs',
  'agents_authority_ends',
  'listeners_without_ids',
] as const

export const BrokerProblem = z.object({
  code: z.enum(brokerProblems),
  /** What it concerns: a file, a name, a count, or the broker's own words. */
  detail: z.nullable(z.string()),
})
export type BrokerProblem = z.output<typeof BrokerProblem>

export const BrokerState = z.object({
  reachable: z.boolean(),
  /** The last change of the log that the broker enforces. Null: not known. */
  applied: z.nullable(z.number()),
  problems: z.array(BrokerProblem),
  /** Live connections. Null: the broker does not say. */
  connections: z.nullable(z.number()),
})
export type BrokerState = z.output<typeof BrokerState>

/** The steps of a test, in their order. A broker takes those that apply to it. */
export const testSteps = [
  'address',
  'tcp',
  'tls',
  'credentials',
  'control',
  'listeners',
  'files',
  'signal',
  'agent',
  'anonymous',
  'wrong_password',
] as const

export const TestStep = z.object({
  step: z.enum(testSteps),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  /** A problem, or null where the step says enough. */
  problem: z.nullable(z.enum(brokerProblems)),
  /** What it concerns, such as the error of the system or the port. */
  detail: z.nullable(z.string()),
})
export type TestStep = z.output<typeof TestStep>
