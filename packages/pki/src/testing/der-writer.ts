// Writes DER for tests, also forms that no library writes.
import { readElementAt } from '../read/der.ts'

/** Writes one element from its tag and the concatenation of its parts. */
export function writeElement(tag: number, ...parts: Uint8Array[]): Uint8Array {
  const content = Buffer.concat(parts)
  if (content.length < 0x80) return Buffer.concat([Buffer.from([tag, content.length]), content])
  const length = Buffer.from(evenHex(content.length.toString(16)), 'hex')
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, content])
}

/** SEQUENCE. */
export function writeSequence(...parts: Uint8Array[]): Uint8Array {
  return writeElement(0x30, ...parts)
}

/** A non-negative INTEGER. */
export function writeInteger(value: bigint | number): Uint8Array {
  const hex = evenHex(value.toString(16))
  return writeElement(0x02, Buffer.from(/^[89a-f]/.test(hex) ? `00${hex}` : hex, 'hex'))
}

/** OBJECT IDENTIFIER from its dotted form. */
export function writeOid(dotted: string): Uint8Array {
  const [top = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return writeElement(0x06, Buffer.from([top * 40 + second, ...rest].flatMap(writeArc)))
}

function writeArc(arc: number): number[] {
  const bytes = [arc & 0x7f]
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

/** BOOLEAN. */
export function writeBoolean(value: boolean): Uint8Array {
  return writeElement(0x01, Buffer.from([value ? 0xff : 0]))
}

/** BIT STRING of whole bytes. */
export function writeBitString(bytes: Uint8Array): Uint8Array {
  return writeElement(0x03, Buffer.from([0]), bytes)
}

/** UTCTime until 2049, then GeneralizedTime (RFC 5280 §4.1.2.5). */
export function writeTime(time: Date): Uint8Array {
  const text = time.toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  const isShort = time.getUTCFullYear() >= 1950 && time.getUTCFullYear() < 2050
  return isShort ? writeElement(0x17, Buffer.from(text.slice(2))) : writeElement(0x18, Buffer.from(text))
}

/** Returns the same element with another first byte. */
export function retag(tag: number, element: Uint8Array): Uint8Array {
  return writeElement(tag, readElementAt(element, 0).content)
}

function evenHex(hex: string): string {
  return hex.length % 2 === 0 ? hex : `0${hex}`
}
