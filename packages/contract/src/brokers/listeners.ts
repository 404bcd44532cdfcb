/** The listeners of the broker: where clients connect, and how they must identify themselves. */
import * as z from 'zod/mini'
import { ById, enforced, Fingerprint, Id, line, Time, Version } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { CertificateMount, GivenServerCertificate, OwnServerCertificate } from './server-certificates.ts'

/** The most listeners of one installation. */
export const maxListeners = 32

export const ListenerPurpose = z.enum(['mqtt', 'websocket', 'device-http'])
export const ClientCertificateRule = z.enum(['required', 'accepted', 'ignored'])
export const TlsVersion = z.enum(['1.2', '1.3'])

/**
 * What names the user. `certificate`: the Common Name of a client certificate; a client without one needs a username and
 * a password. `password`: always the username and the password. A certificate is checked besides, and may be any that
 * the listener trusts.
 */
export const IdentityRule = z.enum(['certificate', 'password'])

/** An IP address or a host name of this machine. `0.0.0.0` and `::` mean all its addresses. */
const Address = z
  .string()
  .check(
    z.minLength(1, 'required'),
    z.maxLength(253, 'too_long'),
    z.regex(/^[A-Za-z0-9][A-Za-z0-9._:-]*$|^::[0-9a-f:.]*$/i, 'invalid'),
  )

const Network = z.string().check(z.maxLength(64, 'too_long'), z.regex(/^[0-9a-f.:]+(\/\d{1,3})?$/i, 'invalid'))

/** As a browser sends it (RFC 6454 §6.1): in lower case, without a path. */
const Origin = z.string().check(z.maxLength(300, 'too_long'), z.regex(/^https?:\/\/[a-z0-9.:[\]_-]+$/, 'invalid'))

/** Which versions of the PROXY protocol the listener requires, and from which addresses it accepts connections then. */
export const ProxyRule = z.strictObject({
  versions: z.enum(['off', 'v1', 'v2', 'both']),
  /** Addresses and networks of the proxies, such as `10.0.0.0/8`. Others are refused. */
  from: z.array(Network).check(z.maxLength(64, 'too_long')),
})

/** What is stored of a listener, without its server certificate. */
const settings = {
  name: line(64),
  purpose: ListenerPurpose,
  address: Address,
  port: z.int().check(z.minimum(0, 'too_small'), z.maximum(65_535, 'too_large')),
  tls: z.boolean(),
  /** Has no effect without TLS. */
  clientCertificate: ClientCertificateRule,
  minimumTlsVersion: TlsVersion,
  /** Fingerprints of the authorities whose client certificates are accepted. Null: all. Empty: none. */
  trustedAuthorities: z.nullable(z.array(Fingerprint).check(z.maxLength(1_000, 'too_long'))),
  identity: IdentityRule,
  proxyProtocol: ProxyRule,
  /**
   * For WebSocket: the origins of web pages that may connect, such as `https://plant.example`. A client that sends no
   * `Origin`, such as a device, may always connect.
   */
  allowedOrigins: z.array(Origin).check(z.maxLength(64, 'too_long')),
  /**
   * For `device-http`: the upstream of all requests. Null: the first segment of the path names it, and the upstream gets the
   * rest of the path.
   */
  upstream: z.nullable(Id),
  /** The most connections at a time. Null: the bound of the broker. */
  maxConnections: z.nullable(z.int().check(z.minimum(1, 'too_small'), z.maximum(1_000_000, 'too_large'))),
}

/** How a setting from the environment differs from what is stored. It counts in this process. */
export const ListenerOverride = z.object({
  variable: z.string(),
  field: z.enum(['address', 'port', 'clientCertificate', 'open']),
  value: z.string(),
})

/** Why a listener is not open. */
export const listenerFailures = [
  'port_taken',
  'port_privileged',
  'address_unknown',
  'certificate_unusable',
  'plain_not_allowed',
  'unknown',
] as const

/** `unknown`: the broker does not answer. */
export const listenerStates = ['open', 'failed', 'off', 'unknown'] as const

export const ListenerState = z.object({
  state: z.enum(listenerStates),
  /** The port that clients use; differs from `port` if that is 0 or comes from the environment. Null: not open. */
  boundPort: z.nullable(z.number()),
  /** Why it is not open. The broker tries again every few seconds. */
  error: z.nullable(z.enum(listenerFailures)),
  connections: z.nullable(z.number()),
})

export const StoredListener = z.object({
  id: Id,
  ...settings,
  /** Null: the common server certificate. */
  serverCertificate: z.nullable(OwnServerCertificate),
  /** Null: the server certificate changes in the console only. */
  certificateMount: z.nullable(CertificateMount),
  /** The variables of the environment that count instead of what is stored, in this process. */
  overrides: z.array(ListenerOverride),
  status: ListenerState,
  /** Which of the trusted authorities are not in the trust store: deleted, or withdrawn. */
  missingAuthorities: z.array(Fingerprint),
  createdAt: Time,
  version: Version,
})
export type StoredListener = z.output<typeof StoredListener>

export const ListenerCreate = z.strictObject({
  name: settings.name,
  purpose: z._default(settings.purpose, 'mqtt'),
  address: settings.address,
  port: settings.port,
  tls: z._default(settings.tls, true),
  clientCertificate: z._default(settings.clientCertificate, 'required'),
  minimumTlsVersion: z._default(settings.minimumTlsVersion, '1.2'),
  trustedAuthorities: z._default(settings.trustedAuthorities, null),
  identity: z._default(settings.identity, 'certificate'),
  proxyProtocol: z._default(settings.proxyProtocol, { versions: 'off', from: [] }),
  allowedOrigins: z._default(settings.allowedOrigins, []),
  upstream: z._default(settings.upstream, null),
  maxConnections: z._default(settings.maxConnections, null),
  serverCertificate: z._default(z.nullable(GivenServerCertificate), null),
})
export type ListenerCreate = z.input<typeof ListenerCreate>

export const ListenerUpdate = z.strictObject({
  name: z.optional(settings.name),
  purpose: z.optional(settings.purpose),
  address: z.optional(settings.address),
  port: z.optional(settings.port),
  tls: z.optional(settings.tls),
  clientCertificate: z.optional(settings.clientCertificate),
  minimumTlsVersion: z.optional(settings.minimumTlsVersion),
  trustedAuthorities: z.optional(settings.trustedAuthorities),
  identity: z.optional(settings.identity),
  proxyProtocol: z.optional(settings.proxyProtocol),
  allowedOrigins: z.optional(settings.allowedOrigins),
  upstream: z.optional(settings.upstream),
  maxConnections: z.optional(settings.maxConnections),
  /** Null: the common one again. Omitted: as it is. */
  serverCertificate: z.optional(z.nullable(GivenServerCertificate)),
})
export type ListenerUpdate = z.input<typeof ListenerUpdate>

/** Refused by create and update too. */
export const listenerErrors = [
  'name_taken',
  'address_taken',
  'console_port',
  'plain_not_allowed',
  'tls_required',
  'proxies_required',
  'certificate_required',
  'unknown_upstream',
  'invalid',
  'unknown_authority',
  'not_a_certificate',
  'not_a_private_key',
  'key_mismatch',
  'expired',
  'not_yet_valid',
] as const

/** Saved anyway. */
export const listenerWarnings = [
  'port_taken',
  'port_privileged',
  'address_unknown',
  'trusts_nobody',
  'missing_authority',
  'expires_soon',
] as const

export const ListenerProblem = z.object({
  code: z.enum([...listenerErrors, ...listenerWarnings]),
  /** `error`: create and update refuse it. */
  severity: z.enum(['error', 'warning']),
  /** The field of the form. */
  field: z.nullable(z.string()),
})
export type ListenerProblem = z.output<typeof ListenerProblem>

export const ListenerPreview = z.object({
  problems: z.array(ListenerProblem),
  /** How many connections the change would end. Null: the broker does not answer. */
  disconnects: z.nullable(z.number()),
})
export type ListenerPreview = z.output<typeof ListenerPreview>

export const listeners = defineRoutes('listeners', {
  list: {
    method: 'GET',
    path: '/listeners',
    access: 'permitted',
    tag: 'Listeners',
    summary: 'List listeners with their state',
    search: z.strictObject({
      /** Those that name this authority in their list; not those that trust all. */
      'authority[eq]': z.optional(Fingerprint),
    }),
    answer: z.object({ items: z.array(StoredListener) }),
  },
  create: {
    method: 'POST',
    path: '/listeners',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Listeners',
    summary: 'Open a listener; without a restart',
    body: ListenerCreate,
    answer: StoredListener,
    status: 201,
    errors: ['name_taken', 'listener_refused', 'too_many_listeners'],
  },
  preview: {
    method: 'POST',
    path: '/listeners/preview',
    access: 'permitted',
    administrator: true,
    query: true,
    tag: 'Listeners',
    summary: 'What is wrong with a new listener; changes nothing',
    body: ListenerCreate,
    answer: ListenerPreview,
  },
  view: {
    method: 'GET',
    path: '/listeners/:id',
    access: 'permitted',
    tag: 'Listeners',
    summary: 'View a listener',
    params: ById,
    answer: StoredListener,
    versioned: true,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/listeners/:id',
    access: 'permitted',
    administrator: true,
    recent: true,
    tag: 'Listeners',
    summary: 'Change a listener; connections that it would no longer admit end',
    params: ById,
    body: ListenerUpdate,
    answer: z.extend(StoredListener, enforced),
    versioned: true,
    errors: ['not_found', 'name_taken', 'listener_refused', 'changed_meanwhile'],
  },
  previewUpdate: {
    method: 'POST',
    path: '/listeners/:id/preview',
    access: 'permitted',
    administrator: true,
    query: true,
    tag: 'Listeners',
    summary: 'What is wrong with a change of a listener, and how many connections it would end; changes nothing',
    params: ById,
    body: ListenerUpdate,
    answer: ListenerPreview,
    errors: ['not_found'],
  },
  remove: {
    method: 'DELETE',
    path: '/listeners/:id',
    access: 'permitted',
    administrator: true,
    tag: 'Listeners',
    summary: 'Close a listener and delete it; its connections end',
    params: ById,
    answer: z.object(enforced),
    versioned: true,
    errors: ['not_found', 'changed_meanwhile'],
  },
})
