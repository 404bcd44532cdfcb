import { bounds } from './bounds.ts'
import { sameBytes, toHex } from './certificate-fields.ts'
import { DerError, type Element, expectTag, readChildren, readOid, readOnly, TooLargeError, tags } from './der.ts'

/** One attribute of a name: its type and its undecoded value. */
export interface NameAttribute {
  type: string
  value: Element
}

const shortNames: Record<string, string> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'SN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.42': 'GN',
  '2.5.4.46': 'dnQualifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

/**
 * Returns the relative distinguished names of a Name (RFC 5280 §4.1.2.4) in the order of the DER. Throws `DerError`, or
 * `TooLargeError` over `bounds`.
 */
export function readName(name: Uint8Array): NameAttribute[][] {
  if (name.length > bounds.nameBytes) throw new TooLargeError('name')
  let left: number = bounds.nameAttributes
  return readChildren(readOnly(name, tags.sequence), left).map((relative) => {
    const attributes = readChildren(expectTag(relative, tags.set), left)
    left -= attributes.length
    return attributes.map(readAttribute)
  })
}

function readAttribute(attribute: Element): NameAttribute {
  const [type, value, ...more] = readChildren(expectTag(attribute, tags.sequence))
  const oid = readOid(type)
  if (value === undefined || more.length > 0) throw new DerError('name')
  return { type: oid, value }
}

/** Returns the text of a string element, or null if it is not a string or is encoded wrongly. */
export function readText(value: Element): string | null {
  switch (value.tag) {
    case tags.utf8String:
      return decode('utf-8', value.content)
    case tags.printableString:
    case tags.ia5String:
    case tags.numericString:
    case tags.visibleString:
      return value.content.some((byte) => byte > 0x7f) ? null : decode('utf-8', value.content)
    case tags.teletexString:
      // Formally T.61, but all software writes Latin-1.
      return Buffer.from(value.content).toString('latin1')
    case tags.bmpString:
      return value.content.length % 2 === 0 ? decode('utf-16be', value.content) : null
    case tags.universalString:
      return decodeUtf32(value.content)
    default:
      return null
  }
}

const decoders = {
  'utf-8': new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }),
  'utf-16be': new TextDecoder('utf-16be', { fatal: true, ignoreBOM: true }),
}

function decode(encoding: keyof typeof decoders, bytes: Uint8Array): string | null {
  try {
    return decoders[encoding].decode(bytes)
  } catch {
    return null // encoded wrongly; the caller shows hex
  }
}

/** Four bytes per character, the most significant one first. */
function decodeUtf32({ buffer, byteOffset, length }: Uint8Array): string | null {
  if (length % 4 !== 0) return null
  const view = new DataView(buffer, byteOffset, length)
  const points = Array.from({ length: length / 4 }, (_, i) => view.getUint32(i * 4))
  if (points.some((point) => point > 0x10_ffff)) return null
  const text = points.map((point) => String.fromCodePoint(point)).join('')
  return text.isWellFormed() ? text : null
}

/**
 * Returns a Name as RFC 4514 text for display. Control, format and bidi characters become hex pairs. Do not parse it.
 */
export function formatName(name: Uint8Array): string {
  return readName(name)
    .toReversed()
    .map((attributes) => attributes.map(formatAttribute).join('+'))
    .join(',')
}

function formatAttribute({ type, value }: NameAttribute): string {
  const label = shortNames[type]
  const text = label === undefined ? null : readText(value)
  return text === null ? `${label ?? type}=#${toHex(value.raw)}` : `${label}=${escapeValue(text)}`
}

// RFC 4514 §2.4.
function escapeValue(text: string): string {
  const escaped = escapeInvisible(text.replaceAll(/[\\"+,;<>]/g, String.raw`\$&`)).replace(/^[ #]/, String.raw`\$&`)
  return text.length > 1 && text.endsWith(' ') ? String.raw`${escaped.slice(0, -1)}\ ` : escaped
}

/** Writes invisible characters, and those that change the direction of writing, as `\xx` of their UTF-8 bytes. */
export function escapeInvisible(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) =>
    Buffer.from(character).toString('hex').replaceAll(/../g, String.raw`\$&`),
  )
}

/**
 * Returns the first value of an attribute type for display, with invisible characters escaped; null if there is none.
 */
export function firstText(name: Uint8Array, type: string): string | null {
  const attribute = readName(name)
    .flat()
    .find((candidate) => candidate.type === type)
  const text = attribute === undefined ? null : readText(attribute.value)
  return text === null ? null : escapeInvisible(text)
}

/**
 * Returns a key that is the same for names that are equal under RFC 5280 §7.1, as OpenSSL compares them: ASCII case,
 * outer and repeated spaces, and the string type do not count. Use it to find candidates; the signature decides. Throws
 * `DerError`.
 */
export function nameKey(name: Uint8Array): string {
  return relativeNameKeys(name).join('\u0000')
}

/** The same for each relative distinguished name separately, in the order of the DER. Throws `DerError`. */
export function relativeNameKeys(name: Uint8Array): string[] {
  return readName(name).map((attributes) => attributes.map(attributeKey).toSorted().join('\u0001'))
}

function attributeKey({ type, value }: NameAttribute): string {
  const text = readText(value)
  if (text === null) return `${type}#${toHex(value.raw)}`
  const folded = text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  // Quoted, so that no value can contain the separator.
  return `${type}=${JSON.stringify(folded.replaceAll(/[\t-\r ]+/g, ' ').replace(/^ | $/g, ''))}`
}

/** Returns true if both names have the same bytes or are equal under RFC 5280 §7.1. Throws `DerError`. */
export function isSameName(a: Uint8Array, b: Uint8Array): boolean {
  return sameBytes(a, b) || nameKey(a) === nameKey(b)
}
