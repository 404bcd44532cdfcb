/** Client certificates that were issued here or seen at the broker, and issuing: the private key stays with whoever asks. */
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
  /** Whose it is; `id` is null once the user is gone. */
  user: z.object({ id: z.nullable(Id), username: z.string() }),
  /** Null: by somebody else. */
  issued: z.nullable(z.object({ at: Time, by: z.string() })),
  /** When somebody came in with it, the first time and the last; null: never. */
  seen: z.nullable(z.object({ firstAt: Time, lastAt: Time })),
  /** Fingerprint of the one that was issued in its place, or with which its user has come instead. */
  renewedBy: z.nullable(Fingerprint),
  /** Revoked here; null: not, and what revocation lists say is not looked at. */
  revoked: z.nullable(z.object({ id: Id, at: Time, reason: RevocationReason })),
})
export type ClientCertificate = z.output<typeof ClientCertificate>

export const ClientCertificateCreate = z.strictObject({
  /** A request (PKCS#10) as PEM, signed by its own key. Names in it are not looked at. */
  csr: z.string().check(z.minLength(1, 'required')),
  userId: Id,
  days: z.number().check(z.int('invalid'), z.minimum(1, 'too_small'), z.maximum(maxClientDays, 'too_large')),
  /** Fingerprint of the one whose place it takes, which stays good. */
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
    summary: 'List the client certificates that were issued here, or those that were seen at the broker',
    search: listSearch(['notAfter', 'issuedAt', 'lastSeenAt', 'subject'], {
      /** `issued` where it is left out. */
      'kind[eq]': z.optional(z.enum(['issued', 'seen'])),
      'user[eq]': z.optional(Id),
      'expires[eq]': z.optional(ExpiryWindow),
      /** `current`: neither revoked nor renewed. */
      'state[eq]': z.optional(z.enum(['current', 'renewed', 'revoked'])),
    }),
    compressed: true,
    answer: page(ClientCertificate),
  },
  /** What one may choose when issuing. */
  policy: {
    method: 'GET',
    path: '/client-certificates/policy',
    access: 'permitted',
    tag: 'Client certificates',
    summary: 'How long a certificate may last, and whether the built-in authority is trusted for clients',
    answer: z.object({
      maxDays: z.number(),
      authority: z.object({
        fingerprint: Fingerprint,
        name: z.string(),
        notAfter: Time,
        withdrawnAt: z.nullable(Time),
        /** Globs; none: any username. */
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
    summary: 'Download a client certificate as PEM, with those between it and the root, or with what was sent along',
    params: ByFingerprint,
    answer: { file: 'application/x-pem-file' },
    errors: ['not_found'],
  },
})
