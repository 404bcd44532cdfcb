// Reads uploaded certificates. Node only (node:crypto): the browser gets its preview from the server.
// Rule: for any input the result is certificates or a PkiError. A private key is refused before anything else and never
// repeated.
import { X509Certificate } from 'node:crypto'
import { importKey, isSignedBy, type KeyFacts, readKey, readSignature } from './algorithms.ts'
import { type Block, certificateLabels, openBlock, readBlocks } from './bundle.ts'
import { type CertificateFields, fingerprintOf, readFields, sameBytes } from './certificate-fields.ts'
import { DerError, TooLargeError } from './der.ts'
import { firstText, formatName, isSameName } from './distinguished-name.ts'
import { criticalNames, readExtensions } from './extensions.ts'
import {
  type NameConstraints,
  readAlternativeNames,
  readInformationAccess,
  readNameConstraints,
  readRevocationPoints,
} from './general-names.ts'
import { kindOfBytes } from './input-kind.ts'
import { PkiError } from './pki-error.ts'
import { serialNumberOf } from './serial-number.ts'
import { createYielder } from './yielder.ts'

/**
 * A certificate to show and to store. Invisible characters in its texts are escaped. No field here names a user; see
 * `readCommonName`.
 */
export interface CertificateInfo {
  /** SHA-256 of the DER, lower-case hex. */
  fingerprint: string
  /** SHA-1 of the DER, lower-case hex. Only for finding a certificate by the output of other tools. */
  fingerprintSha1: string
  /** SHA-256 of the SubjectPublicKeyInfo, lower-case hex. */
  keyFingerprint: string
  /** RFC 4514 text. */
  subject: string
  issuer: string
  commonName: string | null
  organization: string | null
  /** Lower-case hex; keeps a leading zero byte; with a minus if it is negative. */
  serialNumber: string
  /** RFC 3339, UTC. */
  notBefore: string
  notAfter: string
  version: number
  /** `RSA 2048`, `ECDSA P-256`, `Ed25519` … */
  keyAlgorithm: string
  /** `SHA256 with RSA`, `ECDSA with SHA256`, `RSA-PSS with SHA256`, `Ed25519` … */
  signatureAlgorithm: string
  /** Issuer and subject are equal, and the certificate's own key made the signature. */
  selfSigned: boolean
  /** Basic constraints say CA:TRUE. */
  isAuthority: boolean
  pathLength: number | null
  keyUsage: string[]
  extendedKeyUsage: string[]
  subjectAlternativeNames: string[]
  subjectKeyIdentifier: string | null
  authorityKeyIdentifier: string | null
  nameConstraints: NameConstraints | null
  /** `URI:http://…` */
  revocationPoints: string[]
  /** `OCSP URI:http://…`, `issuer URI:http://…` */
  informationAccess: string[]
  /** `basicConstraints`, `keyUsage` …, or OIDs. */
  criticalExtensions: string[]
  /** OIDs. */
  unknownCriticalExtensions: string[]
  /** 64 columns, ends with a newline. */
  pem: string
  der: Uint8Array
}

/** Limits on one bundle. */
export interface BundleLimits {
  maxCertificates: number
  maxBytes: number
}

const defaultLimits: BundleLimits = { maxCertificates: 2000, maxBytes: 4 * 1024 * 1024 }
const maxPresentedBytes = 1024 * 1024

/**
 * Reads one or more certificates: PEM (RFC 7468) with anything around it, base64 of DER, DER, or PKCS#7 (RFC 5652).
 * Returns each once, in order of appearance. Lets the event loop run at least every 10 ms. Throws only `PkiError`; one
 * bad block refuses the whole input.
 */
export async function readBundle(
  input: string | Uint8Array,
  limits: BundleLimits = defaultLimits,
): Promise<CertificateInfo[]> {
  const yieldIfDue = createYielder()
  const blocks: Block[] = []
  for (const block of readBlocks(input, { maxBytes: limits.maxBytes, labels: certificateLabels })) {
    blocks.push(block)
    await yieldIfDue()
  }
  const found = new Map<string, Block & { der: Uint8Array }>()
  for (const block of blocks) {
    for (const der of open(block)) {
      found.set(fingerprintOf(der), { ...block, der })
      await yieldIfDue()
    }
    if (found.size > limits.maxCertificates) throw new PkiError('too_many_certificates')
  }
  if (found.size === 0) throw new PkiError('not_a_certificate')
  const infos: CertificateInfo[] = []
  for (const [fingerprint, { der, position }] of found) {
    infos.push(orRefuse(position, () => describe(fingerprint, der), der))
    await yieldIfDue()
  }
  return infos
}

/**
 * Returns the DER of the certificates in the order of the text, as a client would present them, without parsing them.
 * Accepts the formats of `readBundle`, up to 1 MiB. Throws only `PkiError`.
 */
export function readPresented(text: string): Uint8Array[] {
  const presented = [...readBlocks(text, { maxBytes: maxPresentedBytes, labels: certificateLabels })].flatMap(open)
  if (presented.length === 0) throw new PkiError('not_a_certificate')
  return presented
}

function open({ der, position, given }: Block): Uint8Array[] {
  if (der === null) throw new PkiError('not_a_certificate', position, given === 'certificate' ? null : given)
  return orRefuse(position, () => openBlock(der), der)
}

function orRefuse<T>(position: number, read: () => T, der: Uint8Array): T {
  try {
    return read()
  } catch (error) {
    // The cause is dropped because its message may contain parts of the input.
    if (error instanceof TooLargeError) throw new PkiError('too_large', position)
    const kind = kindOfBytes(der)
    throw new PkiError('not_a_certificate', position, kind === 'certificate' ? null : kind)
  }
}

function describe(fingerprint: string, der: Uint8Array): CertificateInfo {
  const fields = readFields(der)
  const key = readKey(fields.spki)
  const extensions = readExtensions(fields)
  expectOpenSslAgrees(der, key)
  return {
    fingerprint,
    fingerprintSha1: fingerprintOf(der, 'sha1'),
    keyFingerprint: fingerprintOf(fields.spki),
    subject: formatName(fields.subject),
    issuer: formatName(fields.issuer),
    commonName: firstText(fields.subject, '2.5.4.3'),
    organization: firstText(fields.subject, '2.5.4.10'),
    serialNumber: fields.serialNumber.startsWith('00') ? fields.serialNumber : serialNumberOf(fields.serialNumber),
    notBefore: formatTime(fields.notBefore),
    notAfter: formatTime(fields.notAfter),
    version: fields.version,
    keyAlgorithm: key.label,
    signatureAlgorithm: readSignature(fields.signatureAlgorithm).label,
    selfSigned: isSelfSigned(fields, key),
    isAuthority: extensions.basicConstraints?.isAuthority ?? false,
    pathLength: extensions.basicConstraints?.pathLength ?? null,
    keyUsage: extensions.keyUsage ?? [],
    extendedKeyUsage: extensions.extendedKeyUsage ?? [],
    subjectAlternativeNames: readAlternativeNames(fields),
    subjectKeyIdentifier: extensions.subjectKeyIdentifier,
    authorityKeyIdentifier: extensions.authorityKeyIdentifier,
    nameConstraints: readNameConstraints(fields),
    revocationPoints: readRevocationPoints(fields),
    informationAccess: readInformationAccess(fields),
    criticalExtensions: criticalNames(fields),
    unknownCriticalExtensions: extensions.unknownCritical,
    pem: toPem('CERTIFICATE', der),
    der,
  }
}

// TLS stacks and brokers read the same bytes with OpenSSL. Node tries PEM first, so it must have read exactly these
// bytes.
function expectOpenSslAgrees(der: Uint8Array, key: KeyFacts): void {
  if (key.kind === 'other' || key.isTooLarge) return
  if (!sameBytes(new X509Certificate(der).raw, der)) throw new DerError('read differently')
}

function formatTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function isSelfSigned(fields: CertificateFields, key: KeyFacts): boolean {
  return isSameName(fields.issuer, fields.subject) && isSignedBy(fields, importKey(fields.spki, key))
}

/** Returns the PEM text (RFC 7468) of DER: lines of 64 characters, a newline at the end. */
export function toPem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der.buffer, der.byteOffset, der.length).toString('base64')
  return `-----BEGIN ${label}-----\n${base64.replaceAll(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`
}

/** The same for large input, in slices: writing ten megabytes at once blocks the thread for 50 ms. */
export async function toPemInSlices(label: string, der: Uint8Array): Promise<string> {
  const yieldIfDue = createYielder()
  const parts: string[] = []
  // A multiple of 48 bytes, which make one line of 64 characters.
  const partBytes = 48 * 1024
  for (let start = 0; start < der.length; start += partBytes) {
    const part = Buffer.from(der.buffer, der.byteOffset + start, Math.min(partBytes, der.length - start))
    parts.push(part.toString('base64').replaceAll(/.{1,64}/g, '$&\n'))
    await yieldIfDue()
  }
  return `-----BEGIN ${label}-----\n${parts.join('')}-----END ${label}-----\n`
}
