/** Authorities: the CA certificates in the trust store. */
import * as z from 'zod/mini'
import { enforced, Fingerprint, Id, line, Time, text, Version } from '../base.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { AuthorityChain } from './authority-chain.ts'
import { ExpiryWindow } from './expiry.ts'
import { AuthorityImpact } from './impact.ts'

/** Why a certificate cannot be trusted as an authority. */
export const authorityProblems = [
  'not_a_ca',
  'expired',
  'weak_key',
  'key_too_large',
  'unknown_critical_extension',
  'name_constraints',
  'wrong_usage',
] as const
export type AuthorityProblem = (typeof authorityProblems)[number]

/** Warnings before an authority is trusted. */
export const authorityWarnings = [
  'not_yet_valid',
  'expires_soon',
  'version_1',
  'no_key_identifier',
  'no_key_usage',
  'intermediate',
  'name_constraints',
  'weak_signature',
  'unsupported_signature',
  'same_subject',
  'unproven_key',
  'limited_elsewhere',
  'withdrawn',
] as const
export type AuthorityWarning = (typeof authorityWarnings)[number]

/** A glob on usernames: `*` stands for any characters, and nothing else is special. */
export const UsernameGlob = z.string().check(z.regex(/^[A-Za-z0-9._@:*-]{1,64}$/, 'invalid'))

const description = {
  fingerprint: Fingerprint,
  fingerprintSha1: z.string(),
  subject: z.string(),
  issuer: z.string(),
  commonName: z.nullable(z.string()),
  organization: z.nullable(z.string()),
  serialNumber: z.string(),
  notBefore: Time,
  notAfter: Time,
  keyAlgorithm: z.string(),
  signatureAlgorithm: z.string(),
  selfSigned: z.boolean(),
  /** The version of the X.509 format: 1 or 3. */
  x509Version: z.number(),
  pathLength: z.nullable(z.number()),
  keyUsage: z.array(z.string()),
  extendedKeyUsage: z.array(z.string()),
  subjectAlternativeNames: z.array(z.string()),
  subjectKeyIdentifier: z.nullable(z.string()),
  authorityKeyIdentifier: z.nullable(z.string()),
}

/** Fields that are read only when a single certificate is shown. */
const more = {
  /** Basic constraints say CA:TRUE. */
  isAuthority: z.boolean(),
  /** The names that it may sign, and those that it may not: `DNS:.plant.example`. Null: any name. */
  nameConstraints: z.nullable(z.object({ permitted: z.array(z.string()), excluded: z.array(z.string()) })),
  /** Locations at which its issuer publishes CRLs. */
  revocationPoints: z.array(z.string()),
  /** Locations of OCSP and of its issuer's certificate. */
  informationAccess: z.array(z.string()),
  /** Names or OIDs of the critical extensions. */
  criticalExtensions: z.array(z.string()),
}

export const Authority = z.object({
  ...description,
  name: z.string(),
  /** Free text of the operators. */
  notes: z.nullable(z.string()),
  builtIn: z.boolean(),
  /** Username globs. Empty: it may identify any user. */
  usernames: z.array(z.string()),
  warnings: z.array(z.enum(authorityWarnings)),
  uploadedBy: z.nullable(z.string()),
  uploadedAt: Time,
  /**
   * The user who set the username limit. The authority identifies users that this person covers, and others only after
   * a confirmation. Null: an administrator set the limit, or there is none. The name is null if that user was deleted.
   */
  limitedBy: z.nullable(z.object({ id: Id, username: z.nullable(z.string()) })),
  /** When its trust for clients was withdrawn. Only for the built-in authority, which cannot be deleted. */
  withdrawnAt: z.nullable(Time),
  /** Live connections that it identifies, and the number of their distinct users; null if the broker did not answer. */
  connections: z.nullable(z.number()),
  users: z.nullable(z.number()),
  version: Version,
})
export type Authority = z.output<typeof Authority>

export const AuthorityDetails = z.extend(Authority, more)
export type AuthorityDetails = z.output<typeof AuthorityDetails>

export const AuthorityWritten = z.extend(Authority, enforced)

/** One certificate of an upload, judged before it is trusted. */
export const InspectedCertificate = z.object({
  ...description,
  ...more,
  problems: z.array(z.enum(authorityProblems)),
  warnings: z.array(z.enum(authorityWarnings)),
  /** It is in the trust store already. */
  existing: z.boolean(),
  /** It has one of the problems in `leaveOut`, so an upload skips it. */
  leftOut: z.boolean(),
})
export type InspectedCertificate = z.output<typeof InspectedCertificate>

export const maxAuthorityNameLength = 100
export const maxNotesLength = 2_000
export const maxUploadBytes = 4 * 1024 * 1024
export const maxUploadCertificates = 2_000

/** PEM text with one or more certificates, or base64 of DER or PKCS#7. */
export const AuthorityUpload = z.strictObject({
  certificates: z.string().check(z.minLength(1, 'required')),
  name: z.optional(line(maxAuthorityNameLength)),
  usernames: z._default(z.array(UsernameGlob).check(z.maxLength(100)), []),
  /**
   * Certificates with one of these problems are skipped and the others are trusted. Any other problem refuses the whole
   * upload.
   */
  leaveOut: z._default(z.array(z.enum(authorityProblems)).check(z.maxLength(authorityProblems.length)), []),
})
export type AuthorityUpload = z.input<typeof AuthorityUpload>

const ByFingerprint = z.strictObject({ fingerprint: Fingerprint })

const unreadable = ['not_a_certificate', 'private_key', 'key_store', 'too_many_certificates'] as const

export const authorities = defineRoutes('authorities', {
  list: {
    method: 'GET',
    path: '/authorities',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'List the authorities of the trust store',
    search: listSearch(['name', 'notAfter', 'uploadedAt'], {
      'expires[eq]': z.optional(ExpiryWindow),
      /** A username: returns the trusted, unexpired authorities that may identify it. */
      'vouchesFor[eq]': z.optional(z.string().check(z.maxLength(64, 'too_long'))),
    }),
    compressed: true,
    answer: page(Authority),
  },
  inspect: {
    method: 'POST',
    path: '/authorities/inspect',
    access: 'permitted',
    query: true,
    tag: 'Authorities',
    summary: 'Inspect an upload of authorities; changes nothing',
    body: AuthorityUpload,
    maxBytes: maxUploadBytes,
    answer: z.object({ certificates: z.array(InspectedCertificate) }),
    errors: unreadable,
  },
  create: {
    method: 'POST',
    path: '/authorities',
    access: 'permitted',
    recent: true,
    tag: 'Authorities',
    summary: 'Upload authorities; trusts all of them or none, except those that the caller leaves out',
    body: AuthorityUpload,
    maxBytes: maxUploadBytes,
    answer: z.object({
      added: z.array(Authority),
      existing: z.array(Authority),
      leftOut: z.array(
        z.object({ fingerprint: Fingerprint, subject: z.string(), problems: z.array(z.enum(authorityProblems)) }),
      ),
      /** False if the broker did not confirm the new trust store within two seconds. */
      live: z.boolean(),
    }),
    status: 201,
    errors: [...unreadable, 'authority_refused', 'limit_required', 'above_caller'],
  },
  bundle: {
    method: 'GET',
    path: '/authorities/bundle.pem',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'The trust store as one PEM file',
    answer: { file: 'application/x-pem-file' },
  },
  builtIn: {
    method: 'GET',
    path: '/authorities/built-in.pem',
    access: 'signed-in',
    tokens: true,
    tag: 'Authorities',
    summary: "The built-in authority as a CA file, with which clients trust this server's certificate",
    answer: { file: 'application/x-pem-file' },
  },
  view: {
    method: 'GET',
    path: '/authorities/:fingerprint',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'View an authority',
    params: ByFingerprint,
    answer: AuthorityDetails,
    versioned: true,
    errors: ['not_found'],
  },
  download: {
    method: 'GET',
    path: '/authorities/:fingerprint/certificate.pem',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'Download an authority as PEM',
    params: ByFingerprint,
    answer: { file: 'application/x-pem-file' },
    errors: ['not_found'],
  },
  downloadDer: {
    method: 'GET',
    path: '/authorities/:fingerprint/certificate.der',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'Download an authority as DER',
    params: ByFingerprint,
    answer: { file: 'application/pkix-cert' },
    errors: ['not_found'],
  },
  chain: {
    method: 'GET',
    path: '/authorities/:fingerprint/chain',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'The authorities in the trust store that signed it, and those that it signed',
    params: ByFingerprint,
    compressed: true,
    answer: AuthorityChain,
    errors: ['not_found'],
  },
  update: {
    method: 'PATCH',
    path: '/authorities/:fingerprint',
    access: 'permitted',
    recent: true,
    tag: 'Authorities',
    summary: "Change an authority's name, notes or username limit, or withdraw trust in the built-in one",
    params: ByFingerprint,
    body: z.strictObject({
      name: z.optional(line(maxAuthorityNameLength)),
      notes: z.optional(z.nullable(text(maxNotesLength))),
      usernames: z.optional(z.array(UsernameGlob).check(z.maxLength(100))),
      withdrawn: z.optional(z.boolean()),
      /** The caller becomes the person responsible for the limit, in place of the one who set it. */
      takeOver: z.optional(z.literal(true)),
    }),
    answer: AuthorityWritten,
    versioned: true,
    errors: ['not_found', 'changed_meanwhile', 'limit_required', 'above_caller', 'built_in'],
  },
  remove: {
    method: 'DELETE',
    path: '/authorities/:fingerprint',
    access: 'permitted',
    recent: true,
    tag: 'Authorities',
    summary: 'Delete an authority; connections that it identifies end',
    params: ByFingerprint,
    answer: z.object(enforced),
    errors: ['not_found', 'built_in', 'above_caller'],
  },
  impact: {
    method: 'POST',
    path: '/authorities/:fingerprint/impact',
    access: 'permitted',
    query: true,
    tag: 'Authorities',
    summary: 'Which connections would end, and which users could no longer connect, if it were deleted or limited',
    params: ByFingerprint,
    body: z.union([
      z.strictObject({ delete: z.literal(true) }),
      z.strictObject({ usernames: z.array(UsernameGlob).check(z.maxLength(100)) }),
    ]),
    answer: AuthorityImpact,
    errors: ['not_found'],
  },
})
