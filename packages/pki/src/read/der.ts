// Rule: only exact DER is read, so that no two readers can see different certificates in the same bytes.
// A reader of 100 lines instead of asn1js: asn1js accepts BER, and takes 0.4 ms per certificate, a third of the budget
// of a handshake.
import { bounds } from './bounds.ts'

/** Thrown for input that is not DER (X.690 §10). Does not leave this package. */
export class DerError extends Error {}

/** Thrown for more bytes or elements than `bounds` allows. */
export class TooLargeError extends DerError {}

/** One tag-length-value. `raw` is all of it and `content` is the value; both are views on the input, not copies. */
export interface Element {
  tag: number
  raw: Uint8Array
  content: Uint8Array
}

/** The tags of X.690 §8 that X.509 uses. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const

/** Returns the element that starts at `offset`. Throws `DerError` if the header is not DER or the value is cut off. */
export function readElementAt(bytes: Uint8Array, offset: number): Element {
  const tag = bytes[offset]
  const first = bytes[offset + 1]
  if (tag === undefined || first === undefined) throw new DerError('cut off')
  // Multi-byte tags do not occur in certificates.
  if ((tag & 0x1f) === 0x1f) throw new DerError('tag')
  const { length, size } = readLength(bytes, offset + 1, first)
  const start = offset + 1 + size
  const end = start + length
  if (end > bytes.length) throw new DerError('cut off')
  return { tag, raw: bytes.subarray(offset, end), content: bytes.subarray(start, end) }
}

function readLength(bytes: Uint8Array, offset: number, first: number): { length: number; size: number } {
  if (first < 0x80) return { length: first, size: 1 }
  const count = first & 0x7f
  // 0x80 is the indefinite length of BER; a length of more than 4 bytes exceeds any input.
  if (count === 0 || count > 4) throw new DerError('length')
  let length = 0
  for (let i = 1; i <= count; i++) length = length * 256 + (bytes[offset + i] ?? 0)
  // X.690 §10.1: the shortest form only.
  if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw new DerError('length')
  return { length, size: 1 + count }
}

/** Returns the single element that fills `bytes`. Throws `DerError` for another tag or trailing bytes. */
export function readOnly(bytes: Uint8Array, tag: number): Element {
  const element = readElementAt(bytes, 0)
  if (element.raw.length !== bytes.length) throw new DerError('trailing bytes')
  return expectTag(element, tag)
}

/**
 * Returns the elements inside a constructed one. Throws `DerError` if it is not constructed, `TooLargeError` for more
 * than `atMost`.
 */
export function readChildren(parent: Element, atMost: number = bounds.parts): Element[] {
  if ((parent.tag & 0x20) === 0) throw new DerError('not constructed')
  const children: Element[] = []
  for (let offset = 0; offset < parent.content.length; ) {
    if (children.length >= atMost) throw new TooLargeError('too many elements')
    const child = readElementAt(parent.content, offset)
    children.push(child)
    offset += child.raw.length
  }
  return children
}

/** Returns `element` if it has the tag. Throws `DerError` otherwise, also for undefined. */
export function expectTag(element: Element | undefined, tag: number): Element {
  if (element?.tag !== tag) throw new DerError('unexpected element')
  return element
}

/** Returns an OBJECT IDENTIFIER in dotted form (X.690 §8.19). Throws `DerError`. */
export function readOid(element: Element | undefined): string {
  const { content } = expectTag(element, tags.oid)
  const last = content.at(-1)
  if (last === undefined || last & 0x80 || content.length > 64) throw new DerError('object identifier')
  const arcs: (number | bigint)[] = []
  for (let start = 0; start < content.length; ) {
    let end = start
    while ((content[end] ?? 0) & 0x80) end++
    if (content[start] === 0x80) throw new DerError('object identifier')
    arcs.push(readArc(content.subarray(start, ++end)))
    start = end
  }
  const [first = 0, ...rest] = arcs
  const top = first < 40 ? 0 : first < 80 ? 1 : 2
  return [top, typeof first === 'bigint' ? first - 80n : first - top * 40, ...rest].join('.')
}

// BigInt for every arc doubles the time per certificate. Only long arcs such as those of 2.25.<UUID> need it.
function readArc(bytes: Uint8Array): number | bigint {
  if (bytes.length <= 7) return bytes.reduce((arc, byte) => arc * 128 + (byte & 0x7f), 0)
  return [...bytes].reduce((arc, byte) => arc * 128n + BigInt(byte & 0x7f), 0n)
}

/** Reads a BOOLEAN; DER allows only 0x00 and 0xff. Throws `DerError`. */
export function readBoolean(element: Element | undefined): boolean {
  const { content } = expectTag(element, tags.boolean)
  if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff)) throw new DerError('boolean')
  return content[0] === 0xff
}

/** Returns the bytes of an INTEGER, which must be in its shortest form (X.690 §8.3.2). Throws `DerError`. */
export function readInteger(element: Element | undefined): Uint8Array {
  const { content } = expectTag(element, tags.integer)
  const [first, second = 0] = content
  const isPadded = content.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80))
  if (first === undefined || isPadded) throw new DerError('integer')
  return content
}

/** Reads a non-negative INTEGER of at most 31 bits. Throws `DerError`. */
export function readSmallInteger(element: Element | undefined): number {
  const content = readInteger(element)
  if (content.length > 4 || (content[0] ?? 0) & 0x80) throw new DerError('integer')
  return content.reduce((value, byte) => value * 256 + byte, 0)
}

/** Returns the bytes of a BIT STRING of whole bytes, such as a key or a signature. Throws `DerError`. */
export function readBitStringBytes(element: Element | undefined): Uint8Array {
  const { content } = expectTag(element, tags.bitString)
  if (content[0] !== 0) throw new DerError('bit string')
  return content.subarray(1)
}
