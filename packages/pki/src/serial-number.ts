// Rule: two ways to write one serial number are one serial number, or a revocation could be missed.

/** The longest that is looked up: what a certificate may have here (RFC 5280 §4.1.2.2 says 20), in bytes. */
export const maxSerialNumberBytes = 64

/**
 * A serial number as it is compared and kept: lower-case hex of whole bytes without leading zero bytes. Takes what people paste: upper
 * case, colons, spaces, `0x`. Null where it is no hexadecimal number, or too long.
 */
export function canonicalSerialNumber(text: string): string | null {
  const digits = text.trim().replace(/^0x/i, '').replaceAll(/[:\s]/g, '')
  if (!/^[0-9a-f]{1,512}$/i.test(digits)) return null
  const canonical = withoutLeadingZeros(digits.length % 2 === 0 ? digits : `0${digits}`)
  return canonical.length > 2 * maxSerialNumberBytes ? null : canonical.toLowerCase()
}

function withoutLeadingZeros(hex: string): string {
  const zeros = /^(00)*/.exec(hex)?.[0].length ?? 0
  return hex.slice(zeros) || '00'
}
