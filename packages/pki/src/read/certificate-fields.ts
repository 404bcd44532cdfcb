import { createHash } from 'node:crypto'
import { bounds } from './bounds.ts'
import {
  DerError,
  type Element,
  expectTag,
  readBitStringBytes,
  readBoolean,
  readChildren,
  readInteger,
  readOid,
  readOnly,
  readSmallInteger,
  TooLargeError,
  tags,
} from './der.ts'
import { maxSerialNumberBytes } from './serial-number.ts'

/** One X.509 extension; `value` is the DER inside its OCTET STRING. */
export interface RawExtension {
  critical: boolean
  value: Uint8Array
}

/** The parts of a certificate (RFC 5280 §4.1), not yet interpreted. Byte fields are views on `der`. */
export interface CertificateFields {
  der: Uint8Array
  /** The bytes that the signature covers. */
  tbs: Uint8Array
  version: 1 | 2 | 3
  /** Lower-case hex of the INTEGER's bytes. */
  serialNumber: string
  signatureAlgorithm: Element
  signature: Uint8Array
  issuer: Uint8Array
  subject: Uint8Array
  /** Milliseconds since 1970. */
  notBefore: number
  notAfter: number
  /** The whole SubjectPublicKeyInfo. */
  spki: Uint8Array
  extensions: ReadonlyMap<string, RawExtension>
}

/** Splits one certificate into its parts. `der` must contain nothing else. Throws `DerError` (RFC 5280 §4.1, X.690). */
export function readFields(der: Uint8Array): CertificateFields {
  if (der.length > bounds.certificateBytes) throw new TooLargeError('certificate')
  const [tbs, signatureAlgorithm, signature, ...more] = readChildren(readOnly(der, tags.sequence))
  if (more.length > 0) throw new DerError('too many parts')
  const parts = readChildren(expectTag(tbs, tags.sequence))
  const version = parts[0]?.tag === 0xa0 ? readVersion(parts.shift()) : 1
  const [serial, innerAlgorithm, issuer, validity, subject, spki, ...rest] = parts
  const { notBefore, notAfter } = readValidity(validity)
  const outerAlgorithm = expectTag(signatureAlgorithm, tags.sequence)
  // RFC 5280 §4.1.1.2: both must be equal. Otherwise the algorithm that is used could differ from the signed one.
  if (!sameBytes(expectTag(innerAlgorithm, tags.sequence).raw, outerAlgorithm.raw)) throw new DerError('algorithm')
  return {
    der,
    tbs: expectTag(tbs, tags.sequence).raw,
    version,
    serialNumber: toHex(readSerial(serial)),
    signatureAlgorithm: outerAlgorithm,
    signature: readBitStringBytes(signature),
    issuer: expectTag(issuer, tags.sequence).raw,
    subject: expectTag(subject, tags.sequence).raw,
    notBefore,
    notAfter,
    spki: expectTag(spki, tags.sequence).raw,
    extensions: readTrailer(rest, version),
  }
}

function readVersion(element: Element | undefined): 1 | 2 | 3 {
  const [value, ...more] = readChildren(expectTag(element, 0xa0))
  const version = readSmallInteger(value) + 1
  if (more.length > 0 || (version !== 1 && version !== 2 && version !== 3)) throw new DerError('version')
  return version
}

function readSerial(element: Element | undefined): Uint8Array {
  const content = readInteger(element)
  if (content.length > maxSerialNumberBytes) throw new DerError('serial number')
  return content
}

function readValidity(element: Element | undefined): { notBefore: number; notAfter: number } {
  const [notBefore, notAfter, ...more] = readChildren(expectTag(element, tags.sequence))
  if (more.length > 0) throw new DerError('validity')
  return { notBefore: readTime(notBefore), notAfter: readTime(notAfter) }
}

/** Returns milliseconds since 1970 (RFC 5280 §4.1.2.5: with seconds, zone Z, no fractions). Throws `DerError`. */
export function readTime(element: Element | undefined): number {
  const isLong = element?.tag === tags.generalizedTime
  if (!isLong && element?.tag !== tags.utcTime) throw new DerError('time')
  const { content } = element
  const yearDigits = isLong ? 4 : 2
  if (content.length !== yearDigits + 11 || content.at(-1) !== 0x5a) throw new DerError('time')
  // Parsed digit by digit and not by a pattern, because a CRL has hundreds of thousands of times.
  const pair = (at: number) => readDigit(content[at]) * 10 + readDigit(content[at + 1])
  const year = isLong ? pair(0) * 100 + pair(2) : pair(0) + (pair(0) < 50 ? 2000 : 1900)
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) => pair(yearDigits + at)) as Five
  const time = new Date(Date.UTC(2000, month - 1, day, hour, minute, second))
  // Date.UTC reads the year 50 as 1950.
  time.setUTCFullYear(year, month - 1, day)
  // Date reads 31 April as 1 May, and 24:00 as the next day.
  const isReal = time.getUTCMonth() === month - 1 && time.getUTCDate() === day && minute < 60 && second < 60
  if (!isReal || hour > 23) throw new DerError('time')
  return time.getTime()
}

type Five = [number, number, number, number, number]

function readDigit(byte: number | undefined): number {
  if (byte === undefined || byte < 0x30 || byte > 0x39) throw new DerError('time')
  return byte - 0x30
}

// issuerUniqueID [1], subjectUniqueID [2], extensions [3], in this order, each at most once.
function readTrailer(elements: Element[], version: 1 | 2 | 3): ReadonlyMap<string, RawExtension> {
  const order = elements.map((element) => [0x81, 0x82, 0xa3].indexOf(element.tag))
  if (order.some((place, i) => place < 0 || place <= (order[i - 1] ?? -1))) throw new DerError('unexpected element')
  if (elements.length > 0 && version === 1) throw new DerError('version')
  const last = elements.at(-1)
  if (last?.tag !== 0xa3) return new Map()
  if (version !== 3) throw new DerError('version')
  return readExtensionList(last)
}

/** Reads the list of extensions inside a context tag. Throws `DerError`. */
export function readExtensionList(wrapper: Element): ReadonlyMap<string, RawExtension> {
  const [list, ...more] = readChildren(wrapper)
  if (more.length > 0) throw new DerError('extensions')
  return readExtensionsOf(list)
}

/** Returns the extensions of an Extensions element by OID (RFC 5280 §4.1). Throws `DerError`. */
export function readExtensionsOf(list: Element | undefined): ReadonlyMap<string, RawExtension> {
  const extensions = new Map<string, RawExtension>()
  const all = expectTag(list, tags.sequence)
  if (all.content.length > bounds.extensionBytes) throw new TooLargeError('extensions')
  for (const extension of readChildren(all)) {
    const [id, ...parts] = readChildren(expectTag(extension, tags.sequence))
    const critical = parts[0]?.tag === tags.boolean && readBoolean(parts.shift())
    const [value, ...rest] = parts
    const oid = readOid(id)
    // RFC 5280 §4.2: no extension occurs twice. Otherwise two readers could use different ones.
    if (rest.length > 0 || extensions.has(oid)) throw new DerError('extensions')
    extensions.set(oid, { critical, value: expectTag(value, tags.octetString).content })
  }
  return extensions
}

/** Returns true if both hold the same bytes. Not in constant time: use it for public data only. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

/** Returns the bytes in lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** Returns the hash of the bytes in lower-case hex. */
export function fingerprintOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha1' = 'sha256'): string {
  return createHash(algorithm).update(bytes).digest('hex')
}
