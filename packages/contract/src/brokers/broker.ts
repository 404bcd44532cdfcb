/** The broker: its listeners, live connections and decisions. */
import * as z from 'zod/mini'
import { Fingerprint, GivenTime, Id, Time } from '../base.ts'
import { ExpiryWindow } from '../certificates/expiry.ts'
import { SearchText } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { BrokerLimits } from './limits.ts'
import { ListenerPurpose, listenerFailures } from './listeners.ts'

/** Why the broker refused a connection, a subscription or a message, in the order of its checks. */
export const refusalReasons = [
  // Before the TLS handshake, and the upgrade to WebSocket
  'proxy_not_named',
  'proxy_header_missing',
  'proxy_header_malformed',
  'websocket_handshake',
  'websocket_path',
  'websocket_subprotocol',
  'websocket_origin',
  'websocket_frame',
  // TLS handshake, before MQTT
  'no_certificate',
  'malformed',
  'certificate_too_large',
  'too_many_certificates',
  'empty_trust_store',
  'unknown_authority',
  'not_yet_valid',
  'expired',
  'authority_expired',
  'bad_signature',
  'unsupported_signature',
  'not_a_ca',
  'path_too_long',
  'wrong_usage',
  'client_is_authority',
  'key_not_for_tls',
  'weak_key',
  'weak_signature',
  'unknown_critical_extension',
  'name_constraints',
  'no_valid_policy',
  'revoked',
  'crl_expired',
  'handshake_failed',
  // Identity
  'no_common_name',
  'several_common_names',
  'common_name_encoding',
  'common_name_characters',
  'common_name_length',
  'not_a_username',
  'username_mismatch',
  'authority_limit',
  'authority_unconfirmed',
  'no_credentials',
  'wrong_credentials',
  'throttled',
  'busy',
  'unknown_user',
  'device_denied',
  'spelling_taken',
  'admission_roles',
  'admission_author',
  'admission_limit',
  'admission_busy',
  'disabled',
  'no_certificate_grant',
  'no_password_grant',
  'required_grant_missing',
  'client_id_taken',
  'bad_client_id',
  'enhanced_authentication',
  // Bounds of the broker
  'too_many_connections',
  'too_many_sessions',
  'connects_too_fast',
  'will_quota',
  'topic_too_deep',
  'filter_invalid',
  'subscription_quota',
  'retained_quota',
  'queue_full',
  'slow_reader',
  // Topic rights
  'subscribe_refused',
  'publish_refused',
  'will_refused',
  'request_refused',
  // Connections that the broker closed
  'withdrawn',
  'closed_by_admin',
  'taken_over',
  'certificate_ended',
  'listener_closed',
  'protocol_error',
  'packet_too_large',
  'quota_exceeded',
] as const
export type RefusalReason = (typeof refusalReasons)[number]

export const SignInMethod = z.enum(['certificate', 'password', 'certificate+password'])

/** The name of a listener when the decision was made. */
const ListenerName = z.string()

/**
 * Names a revocation: SHA-256 of the key that signed the certificate, and the serial number in lower-case hexadecimal.
 */
export const RevocationName = z.object({ issuerKey: Fingerprint, serialNumber: z.string() })

const PresentedCertificate = z.object({
  fingerprint: z.string(),
  subject: z.string(),
  /** Lower-case hexadecimal without leading zeros. */
  serialNumber: z.nullable(z.string()),
  /** Fingerprint and name of the authority at the end of the accepted chain; null if the chain was refused. */
  authority: z.nullable(z.string()),
  authorityName: z.nullable(z.string()),
  notAfter: z.nullable(Time),
  /** The revocation because of which the connection was refused or closed: of this certificate or of one above it. */
  revocation: z.nullable(RevocationName),
})

export const Decision = z.object({
  /** Rises by one with each decision since the broker started. */
  id: z.number(),
  at: Time,
  outcome: z.enum(['admitted', 'refused', 'closed']),
  reason: z.nullable(z.enum(refusalReasons)),
  listener: ListenerName,
  address: z.string(),
  /**
   * The Common Name of the certificate, or the MQTT username of an existing user; unproven if the connection was
   * refused. An unknown MQTT username is not shown, because it may be a password in the wrong field.
   */
  username: z.nullable(z.string()),
  /** Length in characters of an unknown MQTT username; null in all other cases. */
  unknownUsernameLength: z.nullable(z.number()),
  userId: z.nullable(Id),
  clientId: z.nullable(z.string()),
  method: z.nullable(SignInMethod),
  certificate: z.nullable(PresentedCertificate),
  topic: z.nullable(z.string()),
  /** The name of the admission rule that created the user for this connection; null in all other cases. */
  admissionRule: z.nullable(z.string()),
  /** Of a client id that is taken: the username of the user to whom it belongs. */
  holder: z.nullable(z.string()),
})
export type Decision = z.output<typeof Decision>

/** `http`: a device on the HTTP edge. */
export const ConnectionProtocol = z.enum(['mqtt', 'http'])
export type ConnectionProtocol = z.output<typeof ConnectionProtocol>

export const Connection = z.object({
  id: z.string(),
  protocol: ConnectionProtocol,
  userId: Id,
  username: z.string(),
  /** Empty for HTTP, which has none. */
  clientId: z.string(),
  listener: ListenerName,
  address: z.string(),
  method: SignInMethod,
  certificate: z.nullable(PresentedCertificate),
  since: Time,
  subscriptions: z.number(),
  /** PUBLISH packets from the client and to it. For HTTP: requests, and answers that were sent whole. */
  messagesReceived: z.number(),
  messagesSent: z.number(),
  /** Of MQTT packets, from the client and to it. For HTTP: of requests and answers. */
  bytesReceived: z.number(),
  bytesSent: z.number(),
  /** Messages of QoS 1 and 2 that wait for the client, or that it has not acknowledged. */
  queued: z.number(),
  queuedBytes: z.number(),
  /** When the last packet of the client came. For HTTP: the last request. */
  lastPacketAt: Time,
})
export type Connection = z.output<typeof Connection>

export const Listener = z.object({
  name: ListenerName,
  purpose: ListenerPurpose,
  address: z.string(),
  port: z.number(),
  tls: z.boolean(),
  clientCertificate: z.enum(['required', 'accepted', 'ignored', 'none']),
})
export type Listener = z.output<typeof Listener>

/** A listener that should be open and is not. The broker tries again every few seconds. */
export const FailedListener = z.object({
  name: z.string(),
  address: z.string(),
  port: z.number(),
  error: z.enum(listenerFailures),
})
export type FailedListener = z.output<typeof FailedListener>

export const broker = defineRoutes('broker', {
  view: {
    method: 'GET',
    path: '/broker',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The listeners, and since when the current trust store applies',
    answer: z.object({
      running: z.boolean(),
      listeners: z.array(Listener),
      failedListeners: z.array(FailedListener),
      /** Host of `GATEHOUSE_PUBLIC_URL`, under which clients also reach this server; null if it is not set. */
      publicHost: z.nullable(z.string()),
      trustedSince: z.nullable(Time),
      authorities: z.nullable(z.number()),
      connections: z.nullable(z.number()),
      limits: BrokerLimits,
    }),
  },
  connections: {
    method: 'GET',
    path: '/broker/connections',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The live connections; the newest first, at most 1,000',
    search: z.strictObject({
      search: z.optional(SearchText),
      /** By the certificate that the client presented. */
      'expires[eq]': z.optional(ExpiryWindow),
      'listener[eq]': z.optional(SearchText),
      'protocol[eq]': z.optional(ConnectionProtocol),
    }),
    compressed: true,
    answer: z.object({ items: z.array(Connection), total: z.number() }),
    errors: ['unavailable'],
  },
  disconnect: {
    method: 'DELETE',
    path: '/broker/connections/:connectionId',
    access: 'permitted',
    tag: 'Broker',
    summary: 'Close a connection; the client may connect again',
    params: z.strictObject({ connectionId: z.string().check(z.minLength(1), z.maxLength(100)) }),
    answer: null,
    errors: ['not_found', 'above_caller', 'unavailable'],
  },
  decisions: {
    method: 'GET',
    path: '/broker/decisions',
    access: 'permitted',
    tag: 'Broker',
    summary: 'The last 1,000 decisions about clients; the newest first',
    search: z.strictObject({
      after: z.optional(z.string().check(z.regex(/^\d{1,16}$/))),
      search: z.optional(SearchText),
      'at[gte]': z.optional(GivenTime),
      'outcome[eq]': z.optional(z.enum(['admitted', 'refused', 'closed'])),
      'listener[eq]': z.optional(SearchText),
    }),
    compressed: true,
    answer: z.object({ items: z.array(Decision) }),
    errors: ['unavailable'],
  },
})
