/**
 * Client certificates that were issued here or seen at the broker, and the routes to issue them. Private keys stay with
 * the caller.
 */
import * as z from 'zod/mini'
import { Fingerprint, Id, Time } from '../base.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { ExpiryWindow } from './expiry.ts'
import { RevocationReason } from './revocations.ts'

export const maxClientDays = 3_650

export const ClientCertificate = z.object({
  fingerprint: Fingerprint,
  subject: z.string(),
  issuer: z.string(),
  /** Lower-case hexadecimal of whole bytes, without leading zeros. */
  serialNumber: z.string(),
  keyAlgorithm: z.string(),
  notBefore: Time,
  notAfter: Time,
  /** The user of the certificate; `id` is null if the user was deleted. */
  user: z.object({ id: z.nullable(Id), username: z.string() }),
  /** Null: issued elsewhere. */
  issued: z.nullable(z.object({ at: Time, by: z.string() })),
  /** The first and the last time that a client connected with it; null: never. */
  seen: z.nullable(z.object({ firstAt: Time, lastAt: Time })),
  /** Fingerprint of the certificate that was issued in its place, or that its user presented instead. */
  renewedBy: z.nullable(Fingerprint),
  /** The revocation that was made here; null: none. CRLs are not looked at. */
  revoked: z.nullable(z.object({ id: Id, at: Time, reason: RevocationReason })),
})
export type ClientCertificate = z.output<typeof ClientCertificate>

export const ClientCertificateCreate = z.strictObject({
  /** A request (PKCS#10) as PEM, signed by its own key. Names in it are ignored. */
  csr: z.string().check(z.minLength(1, 'required')),
  userId: Id,
  days: z.number().check(z.int('invalid'), z.minimum(1, 'too_small'), z.maximum(maxClientDays, 'too_large')),
  /** Fingerprint of the certificate that it replaces, which stays valid. */
  renews: z.optional(Fingerprint),
})
export type ClientCertificateCreate = z.input<typeof ClientCertificateCreate>

const ByFingerprint = z.strictObject({ fingerprint: Fingerprint })

export const clientCertificates = defineRoutes('clientCertificates', {
  list: {
    method: 'GET',
    path: '/client-certificates',
    access: 'permitted',
    tag: 'Client certificates',
    summary: 'List the client certificates that were issued here, or that were seen at the broker',
    search: listSearch(['notAfter', 'issuedAt', 'lastSeenAt', 'subject'], {
      /** Default: `issued`. */
      'kind[eq]': z.optional(z.enum(['issued', 'seen'])),
      'user[eq]': z.optional(Id),
      'expires[eq]': z.optional(ExpiryWindow),
      /** `current`: neither revoked nor renewed. */
      'state[eq]': z.optional(z.enum(['current', 'renewed', 'revoked'])),
    }),
    compressed: true,
    answer: page(ClientCertificate),
  },
  /** The choices when issuing. */
  policy: {
    method: 'GET',
    path: '/client-certificates/policy',
    access: 'permitted',
    tag: 'Client certificates',
    summary: 'The longest validity, and whether the built-in authority is trusted for clients',
    answer: z.object({
      maxDays: z.number(),
      authority: z.object({
        fingerprint: Fingerprint,
        name: z.string(),
        notAfter: Time,
        withdrawnAt: z.nullable(Time),
        /** Username globs. Empty: any username. */
        usernames: z.array(z.string()),
      }),
    }),
  },
  create: {
    method: 'POST',
    path: '/client-certificates',
    access: 'permitted',
    recent: true,
    tag: 'Client certificates',
    summary: 'Issue a certificate for a key that the caller holds; its Common Name is the username',
    body: ClientCertificateCreate,
    answer: z.extend(ClientCertificate, {
      /** PEM: the certificate, then those between it and the root, if there are any. */
      certificate: z.string(),
    }),
    status: 201,
    errors: [
      'not_found',
      'changed_meanwhile',
      'above_caller',
      'not_a_request',
      'request_refused',
      'private_key',
      'key_store',
      'validity_too_long',
      'authority_withdrawn',
      'authority_limited',
      'authority_ended',
    ],
  },
  view: {
    method: 'GET',
    path: '/client-certificates/:fingerprint',
    access: 'permitted',
    tag: 'Client certificates',
    summary: 'View a client certificate',
    params: ByFingerprint,
    answer: ClientCertificate,
    errors: ['not_found'],
  },
  download: {
    method: 'GET',
    path: '/client-certificates/:fingerprint/certificate.pem',
    access: 'permitted',
    tag: 'Client certificates',
    summary: 'Download a client certificate as PEM, with its intermediates',
    params: ByFingerprint,
    answer: { file: 'application/x-pem-file' },
    errors: ['not_found'],
  },
})
