/** Certificate revocation lists (RFC 5280 §5) that authorities have signed and somebody has uploaded. */
import * as z from 'zod/mini'
import { Fingerprint, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { TrustImpact } from './impact.ts'

export const maxListBytes = 10 * 1024 * 1024

/** What one should know about a list that is held. */
export const listWarnings = [
  /** Its next update has passed. */
  'outdated',
  /** Within the next three days it will have. */
  'outdated_soon',
  'no_next_update',
  'no_number',
  /** It is about a part of the authority's certificates only. */
  'partial',
] as const
export type ListWarning = (typeof listWarnings)[number]

const description = {
  /** SHA-256 of its DER. */
  fingerprint: Fingerprint,
  issuer: z.string(),
  /** Decimal: up to 20 bytes. */
  number: z.nullable(z.string()),
  thisUpdate: Time,
  nextUpdate: z.nullable(Time),
  /** How many certificates it revokes. */
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

/** A trusted authority of the same name with another key, and whether the list counts for what it signed too (RFC 5280 §6.3.3). */
export const OtherKey = z.object({ fingerprint: Fingerprint, name: z.string(), isCovered: z.boolean() })
export type OtherKey = z.output<typeof OtherKey>

/** What to do with clients of an authority whose list is out of date; in Policies. */
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
    summary: 'The revocation lists of all authorities, the one that ends first in front',
    compressed: true,
    answer: z.object({
      ...held,
      items: z.array(
        z.extend(RevocationList, {
          /** An authority with the key that signed it; null where none is in the trust store now. */
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
    summary: "An authority's revocation list; several, where it splits it into parts",
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
    summary: 'What an uploaded list would end; changes nothing',
    params: ByFingerprint,
    body: ListUpload,
    maxBytes: maxListBytes,
    answer: z.object({
      ...description,
      ...TrustImpact.shape,
      /** It is held already. */
      existing: z.boolean(),
      /** The one whose place it takes. */
      replaces: z.nullable(RevocationList),
      otherKeys: z.array(OtherKey),
    }),
    errors: refusals,
  },
  create: {
    method: 'POST',
    path: '/authorities/:fingerprint/crl',
    access: 'permitted',
    // A newer list may also take something off.
    recent: true,
    tag: 'Authorities',
    summary: 'Upload a revocation list; connections that rely on what it revokes end',
    params: ByFingerprint,
    body: ListUpload,
    maxBytes: maxListBytes,
    answer: z.extend(RevocationList, { disconnected: z.nullable(z.number()) }),
    status: 201,
    errors: [...refusals, 'above_caller'],
  },
  download: {
    method: 'GET',
    path: '/revocations/lists/:fingerprint/crl.pem',
    access: 'permitted',
    tag: 'Revocations',
    summary: 'Download a revocation list as PEM',
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
    summary: 'Delete a revocation list: what only it revokes is believed again',
    params: ByFingerprint,
    /** False when the broker's thread did not confirm within two seconds. */
    answer: z.object({ live: z.boolean() }),
    errors: ['not_found', 'above_caller'],
  },
})
