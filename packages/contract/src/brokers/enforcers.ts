/** The enforcer of a broker on another host: the agent beside it, which enrols once and then has a certificate of its own. */
import * as z from 'zod/mini'
import { ById, Fingerprint, Id, line, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'
import { BrokerProblem } from './inventory.ts'

const names = z.array(line(300)).check(z.maxLength(50))

/** What the enforcer found beside the broker. The lists have the first names only. */
export const EnforcerInventory = z.strictObject({
  /** Clients of the broker that the console did not make. */
  foreignClients: names,
  /** Files in the folder of CA certificates that the console did not write. */
  foreignFiles: names,
  /** Users whose password the broker does not know yet. */
  withoutPassword: names,
})
export type EnforcerInventory = z.output<typeof EnforcerInventory>

export const Enforcer = z.object({
  id: Id,
  /** The host name of its machine, as it says it. */
  host: z.string(),
  /** Of the program. */
  programVersion: z.string(),
  enrolledAt: Time,
  /** When its certificate ends. It renews the certificate after half of the time. */
  certificateEndsAt: Time,
  /** It is waiting for changes at this moment. */
  isConnected: z.boolean(),
  lastSeenAt: z.nullable(Time),
  lastAddress: z.nullable(z.string()),
  /** The change of the log that the broker enforces. Null: none yet. */
  appliedSequence: z.nullable(z.number()),
  appliedAt: z.nullable(Time),
  problems: z.array(BrokerProblem),
  /** How far its clock is ahead of the console's, in seconds. */
  clockAheadSeconds: z.nullable(z.number()),
  inventory: z.nullable(EnforcerInventory),
})
export type Enforcer = z.output<typeof Enforcer>

/** An agent in the list of all. */
export const ListedEnforcer = z.object({
  ...z.pick(Enforcer, {
    id: true,
    host: true,
    programVersion: true,
    enrolledAt: true,
    isConnected: true,
    lastSeenAt: true,
    lastAddress: true,
    appliedSequence: true,
    appliedAt: true,
  }).shape,
  broker: z.object({ id: Id, name: z.string() }),
  certificate: z.object({
    /** Lower-case hex. */
    serialNumber: z.string(),
    endsAt: Time,
    /** During a replacement: the next CA has issued it, and the agent uses it. */
    isOfNextAuthority: z.boolean(),
  }),
})
export type ListedEnforcer = z.output<typeof ListedEnforcer>

/** The CA that signs the certificates of the agents. */
export const EnforcersAuthority = z.object({
  fingerprint: Fingerprint,
  endsAt: Time,
  /** Half a year before its end. No certificate of an agent lasts longer than it. */
  endsSoon: z.boolean(),
  /** It is being replaced by this one. Null: it is not. */
  next: z.nullable(z.object({ fingerprint: Fingerprint, createdAt: Time, endsAt: Time })),
})
export type EnforcersAuthority = z.output<typeof EnforcersAuthority>

export const EnforcerList = z.object({
  items: z.array(ListedEnforcer),
  /** Null: no agent was ever enrolled. */
  authority: z.nullable(EnforcersAuthority),
})
export type EnforcerList = z.output<typeof EnforcerList>

/** An enrolment token that was not used yet. */
export const OpenEnrolment = z.object({ createdAt: Time, createdBy: z.string(), expiresAt: Time })

export const BrokerEnforcer = z.object({
  /** Where enforcers connect. Null: `GATEHOUSE_ENFORCERS_PORT` is not set. */
  address: z.nullable(z.string()),
  enforcer: z.nullable(Enforcer),
  enrolment: z.nullable(OpenEnrolment),
})
export type BrokerEnforcer = z.output<typeof BrokerEnforcer>

/** A new enrolment token. Only this answer contains it. */
export const EnrolmentMade = z.object({
  token: secret(),
  /** To paste on the machine of the broker; contains the token. */
  command: secret(),
  expiresAt: Time,
})
export type EnrolmentMade = z.output<typeof EnrolmentMade>

export const enforcers = defineRoutes('enforcers', {
  list: {
    method: 'GET',
    path: '/brokers/enforcers',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'List the agents of all brokers, with their CA',
    answer: EnforcerList,
  },
  replaceAuthority: {
    method: 'POST',
    path: '/brokers/enforcers/authority',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Begin to replace the CA of the agents',
    description:
      'Each agent that is connected, or connects later, stores the next CA and gets a certificate of it. When all agents use such a certificate, the former CA is no longer trusted. Does nothing if it is being replaced already.',
    answer: EnforcerList,
    errors: ['not_found', 'no_enforcer_listener'],
  },
  completeAuthority: {
    method: 'POST',
    path: '/brokers/enforcers/authority/completion',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Stop trusting the former CA of the agents; agents without a certificate of the next CA are revoked',
    body: z.strictObject({
      /** The ids of the agents that have no certificate of the next CA. */
      revokes: z.array(Id).check(z.maxLength(100)),
    }),
    answer: EnforcerList,
    errors: ['not_found', 'changed_meanwhile'],
  },
  view: {
    method: 'GET',
    path: '/brokers/:id/enforcer',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'View the agent of a broker; with its state',
    params: ById,
    answer: BrokerEnforcer,
    errors: ['not_found'],
  },
  enrol: {
    method: 'POST',
    path: '/brokers/:id/enforcer/token',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Make a token to enrol an agent; only this answer contains it',
    description:
      'The token works once and for an hour. It replaces an unused one of this broker. When the new agent has enrolled, the certificate of the former one is refused.',
    params: ById,
    answer: EnrolmentMade,
    status: 201,
    errors: ['not_found', 'no_enforcer_listener', 'no_enforcer_kind'],
  },
  cancel: {
    method: 'DELETE',
    path: '/brokers/:id/enforcer/token',
    access: 'permitted',
    administrator: true,
    tag: 'Brokers',
    summary: 'Cancel an enrolment token that was not used yet',
    params: ById,
    answer: null,
    errors: ['not_found'],
  },
  restore: {
    method: 'POST',
    path: '/brokers/:id/enforcer/restoration',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Remove from the broker of an agent what was not decided here, and bring its users back',
    description: 'Waits until the agent has done it, for at most 20 seconds.',
    params: ById,
    answer: BrokerEnforcer,
    errors: ['not_found', 'no_enforcer_kind', 'broker_away'],
  },
  revoke: {
    method: 'DELETE',
    path: '/brokers/:id/enforcer',
    access: 'permitted',
    administrator: true,
    tag: 'Brokers',
    summary: 'Revoke the agent of a broker; its certificate is refused at once',
    description:
      'The broker keeps what the agent has applied. Changes reach it again after another agent has enrolled.',
    params: ById,
    answer: null,
    errors: ['not_found'],
  },
})
