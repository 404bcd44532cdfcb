/** The check of a client certificate: whether the broker would accept it, and if not, why. */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { Listener, RevocationName, refusalReasons } from '../brokers/broker.ts'
import { User } from '../identity/users.ts'
import { defineRoutes } from '../route.ts'

/** The checks of the broker, in its order. */
export const checkNames = [
  // TLS handshake, before MQTT
  'listener',
  'parses',
  'chain',
  'dates',
  'usage',
  'revocation',
  // CONNECT
  'common_name',
  'username',
  'authority_limit',
  'user',
  'enabled',
  'grant',
  'required_grants',
  // After CONNECT
  'topics',
] as const
export type CheckName = (typeof checkNames)[number]

/** The largest number of topic filters in the result, for each direction. */
export const maxCheckedTopics = 100

/** The facts behind a check. Each check fills other fields. */
export const CheckDetail = z.object({
  clientCertificate: z.optional(Listener.shape.clientCertificate),
  certificates: z.optional(z.number()),
  x509Version: z.optional(z.number()),
  keyAlgorithm: z.optional(z.string()),
  /** Of the certificate at fault, else of the client's own certificate. */
  subject: z.optional(z.string()),
  issuer: z.optional(z.string()),
  authority: z.optional(Fingerprint),
  authorityName: z.optional(z.string()),
  revocation: z.optional(RevocationName),
  notBefore: z.optional(Time),
  notAfter: z.optional(Time),
  /** The earliest end of any certificate on the chain. */
  validUntil: z.optional(Time),
  extendedKeyUsage: z.optional(z.array(z.string())),
  commonName: z.optional(z.string()),
  /** The name of the admission rule that would create the user. */
  admissionRule: z.optional(z.string()),
  /** Username globs. Empty: any username. */
  usernames: z.optional(z.array(z.string())),
  disabledAt: z.optional(Time),
  grantTypes: z.optional(User.shape.grantTypes),
  subscribe: z.optional(z.array(z.string())),
  publish: z.optional(z.array(z.string())),
  publishPrefix: z.optional(z.string()),
})
export type CheckDetail = z.output<typeof CheckDetail>

export const Check = z.object({
  check: z.enum(checkNames),
  /** Null: not reached. */
  ok: z.nullable(z.boolean()),
  detail: CheckDetail,
})
export type Check = z.output<typeof Check>

/**
 * What one listener would do with the certificate. `password-needed`: it accepts the certificate and identifies clients by
 * password. `not-asked`: it asks for no certificate. `not-open`: no client can connect to it now.
 */
export const ListenerCheck = z.object({
  id: Id,
  name: z.string(),
  outcome: z.enum(['admitted', 'refused', 'password-needed', 'not-asked', 'not-open']),
  reason: z.nullable(z.enum(refusalReasons)),
})
export type ListenerCheck = z.output<typeof ListenerCheck>

export const CertificateCheck = z.object({
  /** With this certificate alone and no password. */
  admitted: z.boolean(),
  reason: z.nullable(z.enum(refusalReasons)),
  /** The CONNACK return code: 0 if admitted, null if the connection ends in the handshake. */
  returnCode: z.nullable(z.number()),
  /** The Common Name. It proves nothing if the certificate is not admitted. */
  username: z.nullable(z.string()),
  userId: z.nullable(Id),
  /** SHA-256 of the client's own certificate. */
  fingerprint: Fingerprint,
  /** The listener that `admitted` and `checks` are about. Null: there is none with TLS. */
  listener: z.nullable(z.string()),
  checks: z.array(Check),
  /** Every listener, by name. */
  listeners: z.array(ListenerCheck),
})
export type CertificateCheck = z.output<typeof CertificateCheck>

export const certificates = defineRoutes('certificates', {
  check: {
    method: 'POST',
    path: '/certificates/check',
    access: 'permitted',
    query: true,
    tag: 'Certificate checks',
    summary: 'Check whether the broker would accept a certificate, and what it could do; changes nothing',
    body: z.strictObject({
      /** PEM: the client's own certificate first, then the intermediates that it sends. */
      certificates: z.string().check(z.minLength(1, 'required')),
      /** The listener that the checks are about. Omitted: the first that asks for certificates. */
      listener: z.optional(Id),
    }),
    answer: CertificateCheck,
    errors: ['not_a_certificate', 'private_key', 'key_store', 'not_found', 'unavailable'],
  },
})
