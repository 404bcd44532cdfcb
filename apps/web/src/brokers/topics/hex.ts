/** Bytes typed as hexadecimal digits, in base64. White space is ignored. Null: the digits are not valid. */
export function hexToBase64(typed: string): string | null {
  const digits = typed.replace(/\s/g, '')
  if (digits.length % 2 !== 0 || /[^\da-f]/i.test(digits)) return null
  const bytes = digits.match(/../g)?.map((pair) => String.fromCharCode(Number.parseInt(pair, 16))) ?? []
  return btoa(bytes.join(''))
}
