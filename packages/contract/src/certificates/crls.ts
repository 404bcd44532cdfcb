/** Certificate revocation lists (CRLs, RFC 5280 §5) that authorities signed and operators uploaded. */
import * as z from 'zod/mini'
import { enforced, Fingerprint, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { TrustImpact } from './impact.ts'

export const maxListBytes = 10 * 1024 * 1024

/** Warnings about an installed CRL. */
export const listWarnings = [
  /** Its next update has passed. */
  'outdated',
  /** Its next update passes within three days. */
  'outdated_soon',
  'no_next_update',
  'no_number',
  /** It covers only a part of the authority's certificates. */
  'partial',
] as const
export type ListWarning = (typeof listWarnings)[number]

const description = {
  /** SHA-256 of its DER. */
  fingerprint: Fingerprint,
  issuer: z.string(),
  /** Decimal, up to 20 bytes. */
  number: z.nullable(z.string()),
  thisUpdate: Time,
  nextUpdate: z.nullable(Time),
  /** The number of certificates that it revokes. */
  count: z.number(),
  signatureAlgorithm: z.string(),
  warnings: z.array(z.enum(listWarnings)),
}

export const RevocationList = z.object({
  ...description,
  uploadedBy: z.nullable(z.string()),
  uploadedAt: Time,
})
export type RevocationList = z.output<typeof RevocationList>

/**
 * A trusted authority with the same name and another key, and whether the CRL applies to its certificates too (RFC 5280
 * §6.3.3).
 */
export const OtherKey = z.object({ fingerprint: Fingerprint, name: z.string(), isCovered: z.boolean() })
export type OtherKey = z.output<typeof OtherKey>

/** What happens to clients of an authority whose CRL is out of date; a policy. */
export const WhenExpired = z.enum(['accept', 'refuse'])
export type WhenExpired = z.output<typeof WhenExpired>

const held = { whenExpired: WhenExpired }

/** PEM, or base64 of DER. */
export const ListUpload = z.strictObject({ crl: z.string().check(z.minLength(1, 'required')) })
export type ListUpload = z.input<typeof ListUpload>

const ByFingerprint = z.strictObject({ fingerprint: Fingerprint })

const refusals = [
  'not_found',
  'not_a_crl',
  'private_key',
  'key_store',
  'crl_delta',
  'crl_indirect',
  'crl_unknown_extension',
  'crl_wrong_issuer',
  'crl_not_signer',
  'crl_bad_signature',
  'crl_unsupported_signature',
  'crl_weak_signature',
  'crl_not_yet_valid',
  'crl_older',
] as const

export const revocationLists = defineRoutes('revocationLists', {
  list: {
    method: 'GET',
    path: '/revocations/lists',
    access: 'permitted',
    tag: 'Revocations',
    summary: 'List the CRLs of all authorities; the first to go out of date comes first',
    compressed: true,
    answer: z.object({
      ...held,
      items: z.array(
        z.extend(RevocationList, {
          /** An authority with the key that signed it; null if the trust store has none now. */
          authority: z.nullable(z.object({ fingerprint: Fingerprint, name: z.string() })),
        }),
      ),
    }),
  },
  view: {
    method: 'GET',
    path: '/authorities/:fingerprint/crl',
    access: 'permitted',
    tag: 'Authorities',
    summary: "An authority's CRL; several if it is split into parts",
    params: ByFingerprint,
    answer: z.object({ ...held, items: z.array(RevocationList) }),
    errors: ['not_found'],
  },
  inspect: {
    method: 'POST',
    path: '/authorities/:fingerprint/crl/inspect',
    access: 'permitted',
    query: true,
    tag: 'Authorities',
    summary: 'Inspect a CRL and what it would end; changes nothing',
    params: ByFingerprint,
    body: ListUpload,
    maxBytes: maxListBytes,
    answer: z.object({
      ...description,
      ...TrustImpact.shape,
      /** It is installed already. */
      existing: z.boolean(),
      /** The installed CRL that it replaces. */
      replaces: z.nullable(RevocationList),
      otherKeys: z.array(OtherKey),
    }),
    errors: refusals,
  },
  create: {
    method: 'POST',
    path: '/authorities/:fingerprint/crl',
    access: 'permitted',
    // Also needed for a newer CRL, which may no longer contain a certificate.
    recent: true,
    tag: 'Authorities',
    summary: 'Upload a CRL; connections that rely on revoked certificates end',
    params: ByFingerprint,
    body: ListUpload,
    maxBytes: maxListBytes,
    answer: z.extend(RevocationList, enforced),
    status: 201,
    errors: [...refusals, 'above_caller'],
  },
  download: {
    method: 'GET',
    path: '/revocations/lists/:fingerprint/crl.pem',
    access: 'permitted',
    tag: 'Revocations',
    summary: 'Download a CRL as PEM',
    params: ByFingerprint,
    answer: { file: 'application/x-pem-file' },
    errors: ['not_found'],
  },
  remove: {
    method: 'DELETE',
    path: '/revocations/lists/:fingerprint',
    access: 'permitted',
    recent: true,
    tag: 'Revocations',
    summary: 'Delete a CRL; certificates that only it revokes are accepted again',
    params: ByFingerprint,
    /** False if the broker did not confirm within two seconds. */
    answer: z.object({ live: z.boolean() }),
    errors: ['not_found', 'above_caller'],
  },
})
