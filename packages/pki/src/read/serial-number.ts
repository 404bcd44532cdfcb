// Rule: two ways to write a serial number are the same serial number. Otherwise a revocation could be missed.

/** The longest serial number in bytes. RFC 5280 §4.1.2.2 allows 20; more are accepted here. */
export const maxSerialNumberBytes = 64

/**
 * Returns a serial number in canonical form: lower-case hex of whole bytes without leading zero bytes, with a minus if
 * it is negative. Accepts upper case, colons, spaces and `0x`. Returns null if it is not hexadecimal or too long.
 */
export function canonicalSerialNumber(text: string): string | null {
  const typed = text.trim()
  const sign = typed.startsWith('-') ? '-' : ''
  const digits = typed.slice(sign.length).replace(/^0x/i, '').replaceAll(/[:\s]/g, '')
  if (!/^[0-9a-f]{1,512}$/i.test(digits)) return null
  const canonical = withoutLeadingZeros(digits.length % 2 === 0 ? digits : `0${digits}`)
  return canonical.length > 2 * maxSerialNumberBytes ? null : `${sign}${canonical.toLowerCase()}`
}

/**
 * Returns the canonical form of a certificate's serial number. `integer`: hex of the bytes of its INTEGER in two's
 * complement (X.690 §8.3), so `00ff` is 255 and `ff` is −1. RFC 5280 §4.1.2.2 forbids negative numbers but requires
 * readers to handle them.
 */
export function serialNumberOf(integer: string): string {
  const value = BigInt.asIntN(integer.length * 4, BigInt(`0x${integer}`))
  if (value >= 0n) return evenHex(value)
  return `-${evenHex(-value)}`
}

/** Returns the bytes of the INTEGER of a canonical serial number. */
export function serialNumberBytes(canonical: string): Uint8Array {
  const isNegative = canonical.startsWith('-')
  const value = BigInt(`0x${canonical.replace('-', '')}`) * (isNegative ? -1n : 1n)
  let bits = 8
  while (BigInt.asIntN(bits, value) !== value) bits += 8
  return Buffer.from(
    BigInt.asUintN(bits, value)
      .toString(16)
      .padStart(bits / 4, '0'),
    'hex',
  )
}

function evenHex(value: bigint): string {
  const hex = value.toString(16)
  return hex.length % 2 === 0 ? hex : `0${hex}`
}

function withoutLeadingZeros(hex: string): string {
  const zeros = /^(00)*/.exec(hex)?.[0].length ?? 0
  return hex.slice(zeros) || '00'
}
