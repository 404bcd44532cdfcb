/** The built-in authority. It signs the server's certificate and the client certificates that are made here. */
import * as z from 'zod/mini'
import { enforced, Fingerprint, Time } from '../base.ts'
import { defineRoutes } from '../route.ts'
import { Authority } from './authorities.ts'

export const BuiltInAuthority = z.object({
  authority: Authority,
  /** The server's certificate. */
  server: z.object({
    /** It comes from files of the operator, so no authority in Gatehouse signs it. */
    isGiven: z.boolean(),
    names: z.array(z.string()),
    issuer: z.string(),
    notBefore: Time,
    notAfter: Time,
    fingerprint: Fingerprint,
  }),
  /** The previous authority while it is in the trust store. Deleting it ends the overlap. */
  overlap: z.nullable(
    z.object({
      authority: Authority,
      /** Until then, clients that know only the previous authority accept this server; null: they do not. */
      serverUntil: z.nullable(Time),
    }),
  ),
})
export type BuiltInAuthority = z.output<typeof BuiltInAuthority>

const pemText = z.string().check(z.minLength(1, 'required'), z.maxLength(64 * 1024, 'too_long'))

/** A certificate and its key in PEM, with the certificates above it; or `renew` to make a new authority. */
export const BuiltInReplacement = z
  .strictObject({
    renew: z.optional(z.literal(true)),
    certificate: z.optional(pemText),
    key: z.optional(pemText),
    password: z.optional(z.string().check(z.maxLength(1_024, 'too_long'))),
    /** Fingerprint of the authority that the caller has seen. The change is refused if it was replaced since. */
    replaces: z.optional(Fingerprint),
  })
  .check(
    z.refine(({ renew, certificate }) => renew || certificate !== undefined, {
      path: ['certificate'],
      error: 'required',
    }),
    z.refine(({ renew, key }) => renew || key !== undefined, { path: ['key'], error: 'required' }),
    z.refine(({ renew, replaces: _replaces, ...given }) => !renew || Object.keys(given).length === 0, {
      path: ['renew'],
      error: 'invalid',
    }),
  )
export type BuiltInReplacement = z.input<typeof BuiltInReplacement>

export const builtInAuthority = defineRoutes('builtInAuthority', {
  overlapBundle: {
    method: 'GET',
    path: '/authorities/built-in/overlap.pem',
    access: 'signed-in',
    tokens: true,
    tag: 'Authorities',
    summary:
      'The built-in authority and the previous one as one file, with which clients trust this server before and after the change',
    answer: { file: 'application/x-pem-file' },
    errors: ['not_found'],
  },
  view: {
    method: 'GET',
    path: '/authorities/built-in',
    access: 'permitted',
    tag: 'Authorities',
    summary: 'The built-in authority, what it signs, and the previous one',
    answer: BuiltInAuthority,
  },
  replace: {
    method: 'PUT',
    path: '/authorities/built-in',
    access: 'permitted',
    recent: true,
    tag: 'Authorities',
    summary: "Replace the built-in authority by a company's own with its key, or by a new one",
    body: BuiltInReplacement,
    answer: z.extend(BuiltInAuthority, enforced),
    errors: [
      'above_caller',
      'not_a_certificate',
      'private_key',
      'key_store',
      'too_many_certificates',
      'authority_refused',
      'not_a_private_key',
      'key_password_required',
      'wrong_password',
      'key_mismatch',
      'already_built_in',
      'changed_meanwhile',
    ],
  },
})
