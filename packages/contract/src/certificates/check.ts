/** Client certificates that somebody has in hand: would the broker let them in, and if not, why. */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { Listener, RevocationName, refusalReasons } from '../brokers/broker.ts'
import { User } from '../identity/users.ts'
import { defineRoutes } from '../route.ts'

/** What the broker asks, in its order. */
export const checkNames = [
  // In the handshake, before a byte of MQTT
  'listener',
  'parses',
  'chain',
  'dates',
  'usage',
  'revocation',
  // At CONNECT
  'common_name',
  'username',
  'authority_limit',
  'user',
  'enabled',
  'grant',
  'required_grants',
  // After it
  'topics',
] as const
export type CheckName = (typeof checkNames)[number]

/** The most topic filters that are told, for each direction. */
export const maxCheckedTopics = 100

/** What was looked at: each check has its own of these. */
export const CheckDetail = z.object({
  clientCertificate: z.optional(Listener.shape.clientCertificate),
  certificates: z.optional(z.number()),
  x509Version: z.optional(z.number()),
  keyAlgorithm: z.optional(z.string()),
  /** Of the certificate that is at fault, else of the client's own. */
  subject: z.optional(z.string()),
  issuer: z.optional(z.string()),
  authority: z.optional(Fingerprint),
  authorityName: z.optional(z.string()),
  revocation: z.optional(RevocationName),
  notBefore: z.optional(Time),
  notAfter: z.optional(Time),
  /** The earliest end of anything on the chain. */
  validUntil: z.optional(Time),
  extendedKeyUsage: z.optional(z.array(z.string())),
  commonName: z.optional(z.string()),
  /** Globs; none: any username. */
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

export const CertificateCheck = z.object({
  /** By this certificate alone, without a password beside it. */
  admitted: z.boolean(),
  reason: z.nullable(z.enum(refusalReasons)),
  /** Of the CONNACK: 0 where it is admitted; null where the connection ends in the handshake. */
  returnCode: z.nullable(z.number()),
  /** The Common Name; proves nothing where it is not admitted. */
  username: z.nullable(z.string()),
  userId: z.nullable(Id),
  /** SHA-256 of the client's own certificate. */
  fingerprint: Fingerprint,
  checks: z.array(Check),
})
export type CertificateCheck = z.output<typeof CertificateCheck>

export const certificates = defineRoutes('certificates', {
  check: {
    method: 'POST',
    path: '/certificates/check',
    access: 'permitted',
    query: true,
    tag: 'Certificate checks',
    summary: 'Would this certificate get in, and what could it do? Changes nothing',
    body: z.strictObject({
      /** PEM: the client's own first, then the intermediates that it sends along. */
      certificates: z.string().check(z.minLength(1, 'required')),
    }),
    answer: CertificateCheck,
    errors: ['not_a_certificate', 'private_key', 'key_store', 'unavailable'],
  },
})
