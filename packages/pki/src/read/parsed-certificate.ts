import type { KeyObject } from 'node:crypto'
import { readNameSubtrees } from '../judge/name-constraints.ts'
import { importKey, isSignedBy, type KeyFacts, readKey, readSignature, type SignatureFacts } from './algorithms.ts'
import { type CertificateFields, fingerprintOf, readFields } from './certificate-fields.ts'
import { TooLargeError } from './der.ts'
import { nameKey } from './distinguished-name.ts'
import { type Extensions, readExtensions } from './extensions.ts'

/**
 * A certificate with the parts that path validation needs. Expensive parts are functions that compute once, at their
 * first call.
 */
export interface ParsedCertificate {
  fields: CertificateFields
  /** SHA-256 of the DER, lower-case hex. `keyFingerprint`: SHA-256 of the SubjectPublicKeyInfo. */
  fingerprint: string
  keyFingerprint: string
  /** Comparable forms of the names, for finding candidates; see `nameKey`. */
  subjectKey: string
  issuerKey: string
  isSelfIssued: boolean
  extensions: () => Extensions
  /** The names that its name constraints permit and exclude; see `readNameSubtrees`. */
  nameSubtrees: () => ReturnType<typeof readNameSubtrees>
  key: () => KeyFacts
  signature: () => SignatureFacts
  publicKey: () => KeyObject | null
  isSelfSigned: () => boolean
}

/** Why a certificate cannot be read. */
export type UnreadableReason = 'malformed' | 'certificate_too_large'

/**
 * Parses a certificate's DER completely, so that no function of the result throws later. Returns the reason if it
 * cannot be parsed. Never throws.
 */
export function parseCertificate(der: Uint8Array): ParsedCertificate | UnreadableReason {
  try {
    const certificate = parseLazily(der)
    certificate.extensions()
    certificate.key()
    certificate.signature()
    return certificate
  } catch (error) {
    return error instanceof TooLargeError ? 'certificate_too_large' : 'malformed'
  }
}

/** The same for callers that do not need the reason: returns null if the certificate cannot be parsed. Never throws. */
export function parseCertificateOrNull(der: Uint8Array): ParsedCertificate | null {
  const certificate = parseCertificate(der)
  return typeof certificate === 'string' ? null : certificate
}

/** Reads a certificate's DER and leaves key, signature and extensions unread. Throws `DerError`. */
function parseLazily(der: Uint8Array): ParsedCertificate {
  const fields = readFields(der)
  const subjectKey = nameKey(fields.subject)
  const issuerKey = nameKey(fields.issuer)
  const isSelfIssued = subjectKey === issuerKey
  const key = once(() => readKey(fields.spki))
  const publicKey = once(() => importKey(fields.spki, key()))
  return {
    fields,
    fingerprint: fingerprintOf(der),
    keyFingerprint: fingerprintOf(fields.spki),
    subjectKey,
    issuerKey,
    isSelfIssued,
    extensions: once(() => readExtensions(fields)),
    nameSubtrees: once(() => readNameSubtrees(fields)),
    key,
    signature: once(() => readSignature(fields.signatureAlgorithm)),
    publicKey,
    isSelfSigned: once(() => isSelfIssued && isSignedBy(fields, publicKey())),
  }
}

/** Returns a function that calls `make` at its first call and then returns the same value. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
