/** Revocations of single certificates, named by the key that signed the certificate and by its serial number. */
import * as z from 'zod/mini'
import { ById, enforced, Fingerprint, Id, line, Time } from '../base.ts'
import { listSearch, page } from '../paging.ts'
import { defineRoutes } from '../route.ts'
import { TrustImpact } from './impact.ts'

/** The reasons of RFC 5280 §5.3.1 without `removeFromCRL`, which does not revoke. */
export const revocationReasons = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'privilegeWithdrawn',
  'aACompromise',
] as const
export const RevocationReason = z.enum(revocationReasons)
export type RevocationReason = z.output<typeof RevocationReason>

export const maxNoteLength = 500

/**
 * The known facts about a certificate. If it was named by its serial number, only the number and the issuer are known.
 */
const named = {
  /** Lower-case hexadecimal of whole bytes, without leading zeros. */
  serialNumber: z.string(),
  /** The name of the authority or intermediate that signed it. */
  issuer: z.string(),
  subject: z.nullable(z.string()),
  /** Its Common Name, if that is a valid username. */
  username: z.nullable(z.string()),
  /** SHA-256. */
  fingerprint: z.nullable(Fingerprint),
  notAfter: z.nullable(Time),
}

export const Revocation = z.object({
  id: Id,
  ...named,
  /**
   * An authority with the key that signed it; null if the trust store has none now. The revocation applies in both
   * cases.
   */
  authority: z.nullable(z.object({ fingerprint: Fingerprint, name: z.string() })),
  reason: RevocationReason,
  note: z.nullable(z.string()),
  revokedBy: z.nullable(z.string()),
  revokedAt: Time,
})
export type Revocation = z.output<typeof Revocation>

/** Hexadecimal as tools print it: with or without colons, spaces or `0x`; with a minus if it is negative. */
const SerialNumber = z
  .string()
  .check(z.maxLength(200, 'too_long'), z.regex(/^\s*-?(0[xX])?[0-9A-Fa-f][0-9A-Fa-f:\s]*$/, 'serial_number'))

/** The canonical form: lower-case hexadecimal without leading zeros, with a minus if it is negative. */
export const KeptNumber = z.string().check(z.maxLength(100, 'too_long'), z.regex(/^-?[0-9a-f]+$/, 'serial_number'))

/** Names a certificate in one of three ways. */
const which = {
  /**
   * PEM or base64 of DER: the certificate first, then the intermediates above it unless an authority signed it
   * directly.
   */
  certificate: z.optional(z.string().check(z.minLength(1, 'required'))),
  /** Fingerprint of an authority, together with the serial number of a certificate that it signed. */
  authority: z.optional(Fingerprint),
  serialNumber: z.optional(SerialNumber),
  /** A live connection that presented a certificate. */
  connectionId: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
}

type Which = { [K in keyof typeof which]?: string | undefined }

const isOne = ({ certificate, authority, connectionId }: Which) =>
  [certificate, authority, connectionId].filter((way) => way !== undefined).length === 1
const isWhole = ({ authority, serialNumber }: Which) => (authority === undefined) === (serialNumber === undefined)

export const RevocationSubject = z
  .strictObject(which)
  .check(
    z.refine(isOne, { error: 'required', path: ['certificate'] }),
    z.refine(isWhole, { error: 'required', path: ['serialNumber'] }),
  )
export type RevocationSubject = z.input<typeof RevocationSubject>

export const RevocationCreate = z
  .strictObject({
    ...which,
    reason: z._default(RevocationReason, 'unspecified'),
    note: z.optional(line(maxNoteLength)),
  })
  .check(
    z.refine(isOne, { error: 'required', path: ['certificate'] }),
    z.refine(isWhole, { error: 'required', path: ['serialNumber'] }),
  )
export type RevocationCreate = z.input<typeof RevocationCreate>

export const RevocationImpact = z.object({
  ...named,
  ...TrustImpact.shape,
  /**
   * The certificate and its intermediates as PEM, if they are known. Send them when revoking, because the connection
   * may have ended by then.
   */
  certificate: z.nullable(z.string()),
  /** The existing revocation. */
  existing: z.nullable(Id),
})
export type RevocationImpact = z.output<typeof RevocationImpact>

const refusals = [
  'not_a_certificate',
  'private_key',
  'key_store',
  'too_many_certificates',
  'unknown_issuer',
  'unknown_authority',
  'unknown_connection',
  'unavailable',
] as const

export const revocations = defineRoutes('revocations', {
  list: {
    method: 'GET',
    path: '/revocations',
    access: 'permitted',
    tag: 'Revocations',
    summary: 'List the certificates that were revoked here',
    search: listSearch(['revokedAt', 'subject'], {
      /** Revocations under the key of this authority. */
      'authority[eq]': z.optional(Fingerprint),
      'reason[eq]': z.optional(RevocationReason),
      /** SHA-256 of the key that signed. With the serial number it names one revocation. */
      'issuerKey[eq]': z.optional(Fingerprint),
      'serialNumber[eq]': z.optional(KeptNumber),
    }),
    compressed: true,
    answer: page(Revocation),
  },
  impact: {
    method: 'POST',
    path: '/revocations/impact',
    access: 'permitted',
    query: true,
    tag: 'Revocations',
    summary: 'Find a certificate, and what revoking it would end; changes nothing',
    body: RevocationSubject,
    answer: RevocationImpact,
    errors: refusals,
  },
  create: {
    method: 'POST',
    path: '/revocations',
    access: 'permitted',
    tag: 'Revocations',
    summary: 'Revoke a certificate; connections that rely on it end',
    body: RevocationCreate,
    answer: z.extend(Revocation, enforced),
    status: 201,
    errors: [...refusals, 'already_revoked', 'above_caller'],
  },
  remove: {
    method: 'DELETE',
    path: '/revocations/:id',
    access: 'permitted',
    // Needed because it admits a client again. Revoking needs no recent proof, so that it is never delayed.
    recent: true,
    tag: 'Revocations',
    summary: 'Undo a revocation; the certificate is accepted again',
    params: ById,
    /** False if the broker did not confirm within two seconds. */
    answer: z.object({ live: z.boolean() }),
    errors: ['not_found', 'above_caller'],
  },
})
