/** Authorities: the CA certificates in the trust store. */
import * as z from 'zod/mini'
import { Fingerprint, Id, line, Time, text, Version } from '../base.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { AuthorityChain } from './authority-chain.ts'
import { ExpiryWindow } from './expiry.ts'
import { AuthorityImpact } from './impact.ts'

/** What keeps a certificate from being trusted as an authority. */
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

/** What one should know before trusting it. */
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

/** A glob on usernames: `*` stands for any characters, nothing else is special. */
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
  /** Of the X.509 format: 1 or 3. */
  x509Version: z.number(),
  pathLength: z.nullable(z.number()),
  keyUsage: z.array(z.string()),
  extendedKeyUsage: z.array(z.string()),
  subjectAlternativeNames: z.array(z.string()),
  subjectKeyIdentifier: z.nullable(z.string()),
  authorityKeyIdentifier: z.nullable(z.string()),
}

/** What is read from the certificate only where one looks at it alone. */
const more = {
  /** Basic constraints say CA:TRUE. */
  isAuthority: z.boolean(),
  /** Names below it that it may sign, and those that it may not: `DNS:.plant.example`. Null: any. */
  nameConstraints: z.nullable(z.object({ permitted: z.array(z.string()), excluded: z.array(z.string()) })),
  /** Where its issuer publishes what it revoked. */
  revocationPoints: z.array(z.string()),
  /** Where to ask about it, and where its issuer is to be had. */
  informationAccess: z.array(z.string()),
  /** Names of the extensions that are marked critical, or their OIDs. */
  criticalExtensions: z.array(z.string()),
}

export const Authority = z.object({
  ...description,
  name: z.string(),
  /** What people want to remember about it. */
  notes: z.nullable(z.string()),
  builtIn: z.boolean(),
  /** Globs; empty: may vouch for any username. */
  usernames: z.array(z.string()),
  warnings: z.array(z.enum(authorityWarnings)),
  uploadedBy: z.nullable(z.string()),
  uploadedAt: Time,
  /**
   * Who limited it. It vouches for users whom this person covers now, and for others only when that is confirmed. Null: an administrator
   * limited it, or nobody did. The name is null where the user is gone.
   */
  limitedBy: z.nullable(z.object({ id: Id, username: z.nullable(z.string()) })),
  /** Trust for clients withdrawn; only the built-in one, which cannot be deleted. */
  withdrawnAt: z.nullable(Time),
  /** Connections that it vouches for now, and their distinct users; null when the broker did not answer. */
  connections: z.nullable(z.number()),
  users: z.nullable(z.number()),
  version: Version,
})
export type Authority = z.output<typeof Authority>

export const AuthorityDetails = z.extend(Authority, more)
export type AuthorityDetails = z.output<typeof AuthorityDetails>

export const AuthorityWritten = z.extend(Authority, { disconnected: z.nullable(z.number()) })

/** One certificate of an upload, judged before anything is trusted. */
export const InspectedCertificate = z.object({
  ...description,
  ...more,
  problems: z.array(z.enum(authorityProblems)),
  warnings: z.array(z.enum(authorityWarnings)),
  /** Already in the trust store. */
  existing: z.boolean(),
  /** It has one of the problems of `leaveOut`: an upload takes the others. */
  leftOut: z.boolean(),
})
export type InspectedCertificate = z.output<typeof InspectedCertificate>

export const maxAuthorityNameLength = 100
export const maxNotesLength = 2_000
export const maxUploadBytes = 4 * 1024 * 1024
export const maxUploadCertificates = 2_000

/** PEM text with one or many certificates, or base64 of DER or PKCS#7. */
export const AuthorityUpload = z.strictObject({
  certificates: z.string().check(z.minLength(1, 'required')),
  name: z.optional(line(maxAuthorityNameLength)),
  usernames: z._default(z.array(UsernameGlob).check(z.maxLength(100)), []),
  /** Certificates with one of these problems are left out, and the others are trusted. Otherwise one of them refuses the whole upload. */
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
      /** A username: those that are trusted, have not ended and may vouch for it. */
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
    summary: 'What an upload would do; changes nothing',
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
    summary: 'Upload authorities: all of them are trusted, or none, but for those that the caller leaves out',
    body: AuthorityUpload,
    maxBytes: maxUploadBytes,
    answer: z.object({
      added: z.array(Authority),
      existing: z.array(Authority),
      leftOut: z.array(
        z.object({ fingerprint: Fingerprint, subject: z.string(), problems: z.array(z.enum(authorityProblems)) }),
      ),
      /** False when the broker's thread did not confirm the new trust store within two seconds. */
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
    summary: "The built-in authority: what a client gives as its CA file to trust this server's certificate",
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
    summary: 'Who in the trust store signed it, and whom it signed',
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
    summary: "Rename an authority, note something, limit it to usernames, or withdraw the built-in one's trust",
    params: ByFingerprint,
    body: z.strictObject({
      name: z.optional(line(maxAuthorityNameLength)),
      notes: z.optional(z.nullable(text(maxNotesLength))),
      usernames: z.optional(z.array(UsernameGlob).check(z.maxLength(100))),
      withdrawn: z.optional(z.boolean()),
      /** The caller vouches for the limit from now on, in place of the person who limited it. */
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
    summary: 'Delete an authority; connections that it vouched for end',
    params: ByFingerprint,
    answer: z.object({ disconnected: z.nullable(z.number()) }),
    errors: ['not_found', 'built_in', 'above_caller'],
  },
  impact: {
    method: 'POST',
    path: '/authorities/:fingerprint/impact',
    access: 'permitted',
    query: true,
    tag: 'Authorities',
    summary: 'What deleting or limiting it would end, and who would lose their way in',
    params: ByFingerprint,
    body: z.union([
      z.strictObject({ delete: z.literal(true) }),
      z.strictObject({ usernames: z.array(UsernameGlob).check(z.maxLength(100)) }),
    ]),
    answer: AuthorityImpact,
    errors: ['not_found'],
  },
})
