import { bounds } from './bounds.ts'
import { type RawExtension, readExtensionList, readExtensionsOf, readTime, sameBytes } from './certificate-fields.ts'
import {
  DerError,
  type Element,
  expectTag,
  readBitStringBytes,
  readBoolean,
  readChildren,
  readElementAt,
  readOnly,
  readSmallInteger,
  TooLargeError,
  tags,
} from './der.ts'
import { maxSerialNumberBytes } from './serial-number.ts'

/** The parts of a CRL (RFC 5280 §5.1), not yet interpreted. Byte fields are views on `der`. */
export interface RevocationListFields {
  der: Uint8Array
  /** The bytes that the signature covers. */
  tbs: Uint8Array
  version: 1 | 2
  signatureAlgorithm: Element
  signature: Uint8Array
  issuer: Uint8Array
  /** Milliseconds since 1970. `nextUpdate` is null if the CRL has none. */
  thisUpdate: number
  nextUpdate: number | null
  /** The unread entries, one after the other. There may be hundreds of thousands. */
  entries: Uint8Array
  extensions: ReadonlyMap<string, RawExtension>
}

/** Splits a CRL into its parts and leaves the entries unread. `der` must contain nothing else. Throws `DerError`. */
export function readRevocationListFields(der: Uint8Array): RevocationListFields {
  const [tbs, signatureAlgorithm, signature, ...more] = readChildren(readOnly(der, tags.sequence))
  if (more.length > 0) throw new DerError('too many parts')
  const parts = readChildren(expectTag(tbs, tags.sequence))
  const version = parts[0]?.tag === tags.integer ? readVersion(parts.shift()) : 1
  const [innerAlgorithm, issuer, thisUpdate, ...rest] = parts
  const outerAlgorithm = expectTag(signatureAlgorithm, tags.sequence)
  // RFC 5280 §5.1.1.2: both must be equal. Otherwise the algorithm that is used could differ from the signed one.
  if (!sameBytes(expectTag(innerAlgorithm, tags.sequence).raw, outerAlgorithm.raw)) throw new DerError('algorithm')
  const name = expectTag(issuer, tags.sequence).raw
  if (name.length > bounds.nameBytes) throw new TooLargeError('name')
  const nextUpdate = isTime(rest[0]) ? readTime(rest.shift()) : null
  const entries = rest[0]?.tag === tags.sequence ? rest.shift() : undefined
  const extensions = rest[0]?.tag === 0xa0 ? rest.shift() : undefined
  // RFC 5280 §5.1.2.1: extensions require version 2.
  if (rest.length > 0 || (extensions && version !== 2)) throw new DerError('unexpected element')
  return {
    der,
    tbs: expectTag(tbs, tags.sequence).raw,
    version,
    signatureAlgorithm: outerAlgorithm,
    signature: readBitStringBytes(signature),
    issuer: name,
    thisUpdate: readTime(thisUpdate),
    nextUpdate,
    entries: entries?.content ?? new Uint8Array(),
    extensions: extensions ? readExtensionList(extensions) : new Map(),
  }
}

function readVersion(element: Element | undefined): 2 {
  if (readSmallInteger(element) !== 1) throw new DerError('version')
  return 2
}

function isTime(element: Element | undefined): boolean {
  return element?.tag === tags.utcTime || element?.tag === tags.generalizedTime
}

/** One entry (RFC 5280 §5.1.2.6). */
export interface RevokedEntry {
  /** The bytes of the INTEGER. */
  serialNumber: Uint8Array
  revokedAt: number
  extensions: ReadonlyMap<string, RawExtension>
}

const noExtensions: ReadonlyMap<string, RawExtension> = new Map()

/** Returns the entry at `offset` and the offset of the next one. Throws `DerError`. */
export function readEntryAt({ entries, version }: RevocationListFields, offset: number): [RevokedEntry, number] {
  const entry = expectTag(readElementAt(entries, offset), tags.sequence)
  const [serial, date, extensions, ...more] = readChildren(entry)
  if (more.length > 0 || (extensions && version !== 2)) throw new DerError('entry')
  // Also accepted in a longer form than DER allows: the entry can only revoke more, and refusing the CRL would leave
  // revoked clients connected or shut out all of them.
  const { content } = expectTag(serial, tags.integer)
  if (content.length === 0 || content.length > maxSerialNumberBytes) throw new DerError('serial number')
  const read = {
    serialNumber: content,
    revokedAt: readTime(date),
    extensions: extensions ? readExtensionsOf(extensions) : noExtensions,
  }
  return [read, offset + entry.raw.length]
}

/** The certificates that a CRL covers (RFC 5280 §5.2.5). */
export interface ListScope {
  isIndirect: boolean
  isAboutAttributes: boolean
}

/** Reads an IssuingDistributionPoint. Throws `DerError`. */
export function readScope(value: Uint8Array): ListScope {
  const parts = readChildren(readOnly(value, tags.sequence))
  const order = parts.map(({ tag }) => [0xa0, 0x81, 0x82, 0x83, 0x84, 0x85].indexOf(tag))
  if (order.some((place, i) => place < 0 || place <= (order[i - 1] ?? -1))) throw new DerError('distribution point')
  const isSet = (tag: number) => {
    const part = parts.find((each) => each.tag === tag)
    return part !== undefined && readBoolean({ ...part, tag: tags.boolean })
  }
  isSet(0x81)
  isSet(0x82)
  return { isIndirect: isSet(0x84), isAboutAttributes: isSet(0x85) }
}
