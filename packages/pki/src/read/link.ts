import type { KeyObject } from 'node:crypto'
import { readNameSubtrees } from '../judge/name-constraints.ts'
import { importKey, isSignedBy, type KeyFacts, readKey, readSignature, type SignatureFacts } from './algorithms.ts'
import { type CertificateFields, fingerprintOf, readFields } from './certificate-fields.ts'
import { TooLargeError } from './der.ts'
import { nameKey } from './distinguished-name.ts'
import { type Extensions, readExtensions } from './extensions.ts'

/** A certificate as a link of paths. What costs time is a function that works once, at its first call. */
export interface Link {
  fields: CertificateFields
  /** SHA-256 of the DER and of the SubjectPublicKeyInfo, lower-case hex. */
  fingerprint: string
  keyFingerprint: string
  /** For looking up candidates by name; see `nameKey`. */
  subjectKey: string
  issuerKey: string
  isSelfIssued: boolean
  extensions: () => Extensions
  /** What its name constraints permit and exclude; see `readNameSubtrees`. */
  nameSubtrees: () => ReturnType<typeof readNameSubtrees>
  key: () => KeyFacts
  signature: () => SignatureFacts
  publicKey: () => KeyObject | null
  isSelfSigned: () => boolean
}

/** Why a certificate cannot be read. */
export type Unreadable = 'malformed' | 'certificate_too_large'

/** Reads a certificate's DER and looks into every part, so that none of the link's functions can throw later. Never throws. */
export function readLink(der: Uint8Array): Link | Unreadable {
  try {
    const link = makeLink(der)
    link.extensions()
    link.key()
    link.signature()
    return link
  } catch (error) {
    return error instanceof TooLargeError ? 'certificate_too_large' : 'malformed'
  }
}

/** The same for those who need not know why. Null where it cannot be read. */
export function makeCheckedLink(der: Uint8Array): Link | null {
  const link = readLink(der)
  return typeof link === 'string' ? null : link
}

/** Reads a certificate's DER, its key, signature and extensions not yet looked at. Throws `DerError`. */
function makeLink(der: Uint8Array): Link {
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

/** A function that calls `make` at its first call only. */
export function once<T>(make: () => T): () => T {
  let made: { value: T } | null = null
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
