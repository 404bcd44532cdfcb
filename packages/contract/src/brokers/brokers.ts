/** The routes of brokers. */
import * as z from 'zod/mini'
import { Id, line, Time, Version } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { secret } from '../secret.ts'
import { Capabilities } from './capabilities.ts'
import {
  BrokerKind,
  BrokerState,
  CedaloSettings,
  embeddedBrokerId,
  GivenSettings,
  MosquittoAgentSettings,
  MosquittoSettings,
  Port,
  TestStep,
} from './inventory.ts'

/** The most brokers of one installation, beside the embedded one. */
export const maxBrokers = 16

const Name = line(100)

/** An IP address or a host name. */
const Host = z
  .string()
  .check(
    z.minLength(1, 'required'),
    z.maxLength(253, 'too_long'),
    z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$|^[0-9a-f:.]*::?[0-9a-f:.]*$/i, 'invalid'),
  )

/** PEM: the CA certificates that sign the broker's certificate. */
const AuthoritiesPem = z.string().check(z.minLength(1, 'required'), z.maxLength(64 * 1024, 'too_long'))
const Username = line(200)
const Password = secret().check(z.minLength(1, 'required'), z.maxLength(1_000, 'too_long'))

const EveryKind = z.enum(['embedded', ...BrokerKind.options])

/** One broker with its state. The embedded one has no address and no settings here: it has listeners. */
export const StoredBroker = z.object({
  /** `embedded`, or a UUID. */
  id: z.string(),
  name: z.string(),
  kind: EveryKind,
  host: z.nullable(z.string()),
  port: z.nullable(z.number()),
  tls: z.boolean(),
  authorities: z.nullable(z.string()),
  username: z.nullable(z.string()),
  hasPassword: z.boolean(),
  settings: z.nullable(z.union([MosquittoSettings, MosquittoAgentSettings, CedaloSettings])),
  /** Null: its adapter could not be made. */
  capabilities: z.nullable(Capabilities),
  state: BrokerState,
  /** How many changes of the log it has not applied. Null: not known. */
  lag: z.nullable(z.number()),
  createdAt: z.nullable(Time),
  version: Version,
})
export type StoredBroker = z.output<typeof StoredBroker>

/** An agent needs no address: it connects to Gatehouse. Its address is only for the test of the broker as a client. */
export const BrokerCreate = z.strictObject({
  kind: BrokerKind,
  name: Name,
  host: z._default(z.nullable(Host), null),
  port: z._default(z.nullable(Port), null),
  tls: z._default(z.boolean(), true),
  /** Null: the CAs of the system. */
  authorities: z._default(z.nullable(AuthoritiesPem), null),
  /** The user that Gatehouse signs in as. */
  username: z._default(z.nullable(Username), null),
  password: z._default(z.nullable(Password), null),
  settings: z._default(GivenSettings, {}),
})
export type BrokerCreate = z.input<typeof BrokerCreate>

/** The kind stays. A password must be given again with a new address, another CA or without TLS: it would go elsewhere. */
export const BrokerUpdate = z.partial(
  z.strictObject({
    name: Name,
    host: z.nullable(Host),
    port: z.nullable(Port),
    tls: z.boolean(),
    authorities: z.nullable(AuthoritiesPem),
    username: z.nullable(Username),
    /** Left out: the stored one stays. */
    password: z.nullable(Password),
    settings: GivenSettings,
  }),
)
export type BrokerUpdate = z.input<typeof BrokerUpdate>

/** The id `embedded` too. */
const ByBroker = z.strictObject({ id: z.union([Id, z.literal(embeddedBrokerId)]) })

export const brokers = defineRoutes('brokers', {
  list: {
    method: 'GET',
    path: '/brokers',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'List brokers with their state',
    // `kinds`: those that can be added.
    answer: z.object({ items: z.array(StoredBroker), kinds: z.array(BrokerKind) }),
  },
  create: {
    method: 'POST',
    path: '/brokers',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Connect a broker; changes are enforced there from now on',
    body: BrokerCreate,
    answer: StoredBroker,
    status: 201,
    errors: ['name_taken', 'broker_refused', 'too_many_brokers'],
  },
  testNew: {
    method: 'POST',
    path: '/brokers/test',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Test a broker that is not connected yet; changes nothing there',
    body: BrokerCreate,
    answer: z.object({ steps: z.array(TestStep) }),
    errors: ['broker_refused', 'throttled'],
  },
  view: {
    method: 'GET',
    path: '/brokers/:id',
    access: 'permitted',
    tag: 'Brokers',
    summary: 'View a broker',
    params: ByBroker,
    answer: StoredBroker,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/brokers/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Change how a broker is reached and what is written there',
    params: ByBroker,
    body: BrokerUpdate,
    answer: StoredBroker,
    versioned: true,
    errors: ['not_found', 'built_in', 'name_taken', 'broker_refused', 'changed_meanwhile'],
  },
  test: {
    method: 'POST',
    path: '/brokers/:id/test',
    access: 'permitted',
    administrator: true,
    tag: 'Brokers',
    summary: 'Test a broker; also as a client without credentials and with a wrong password',
    params: ByBroker,
    answer: z.object({ steps: z.array(TestStep) }),
    errors: ['not_found', 'throttled'],
  },
  remove: {
    method: 'DELETE',
    path: '/brokers/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Brokers',
    summary: 'Disconnect a broker; it keeps its state, and later changes do not reach it',
    params: ByBroker,
    answer: null,
    versioned: true,
    errors: ['not_found', 'built_in', 'changed_meanwhile'],
  },
})
