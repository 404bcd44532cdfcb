/** The server certificates that listeners have of their own, and the files that one of them may come from. */
import * as z from 'zod/mini'
import { Fingerprint, Time } from '../base.ts'
import { secret } from '../secret.ts'

/** Characters of PEM, which are bytes. */
export const maxCertificateLength = 64 * 1024
export const maxKeyLength = 32 * 1024

/** PEM: the certificate, then those between it and its root. */
const CertificatePem = z.string().check(z.minLength(1, 'required'), z.maxLength(maxCertificateLength, 'too_long'))

/** A certificate with its key, in PEM. The key is stored encrypted and never returned. */
export const GivenServerCertificate = z.strictObject({
  certificate: CertificatePem,
  key: secret().check(z.minLength(1, 'required'), z.maxLength(maxKeyLength, 'too_long')),
})

export const OwnServerCertificate = z.object({
  certificate: z.string(),
  fingerprint: Fingerprint,
  subject: z.string(),
  notBefore: Time,
  notAfter: Time,
})

/** Why a server certificate in files is not used. `unreadable`: a file is missing, too large, or may not be read. */
const mountProblems = [
  'unreadable',
  'not_a_certificate',
  'not_a_private_key',
  'key_mismatch',
  'expired',
  'not_yet_valid',
] as const

/** The files that a listener takes its server certificate from. */
export const CertificateMount = z.object({
  /** The path of the certificate. */
  file: z.string(),
  /** Null: the listener uses what is in the files. Otherwise it keeps its server certificate. */
  problem: z.nullable(z.enum(mountProblems)),
})
export type CertificateMount = z.output<typeof CertificateMount>
