/** The forms in which the bytes of a payload can be read. The bytes may come from an attacker: nothing here grows faster than they do. */

/** A payload in base64, as the API sends it. */
export function toBytes(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}

/** C0 and C1 control characters that no text contains; tab and line breaks are text. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/

/** Null if the bytes are no UTF-8, or contain control characters. `isCut`: a character at the end may be incomplete. */
export function asText(bytes: Uint8Array, isCut: boolean): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut })
    return controls.test(text) ? null : text
  } catch {
    return null
  }
}

const deepestIndent = 20

/**
 * JSON with line breaks and indents. Null if it is no JSON, or neither object nor array. The text itself is kept: parsed and written
 * again, large numbers would lose digits, and all but one of several equal names would be gone.
 */
export function asJson(text: string): string | null {
  if (!/^\s*[[{]/.test(text)) return null
  try {
    JSON.parse(text)
  } catch {
    return null
  }
  const parts: string[] = []
  let depth = 0
  const lineBreak = () => `\n${'  '.repeat(Math.min(depth, deepestIndent))}`
  // Strings, brackets, separators, and everything between them; white space outside strings is left out.
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{}:,]|[^\s"[\]{}:,]+/g)) {
    if (token === '{' || token === '[') {
      depth++
      parts.push(token, lineBreak())
    } else if (token === '}' || token === ']') {
      depth--
      parts.push(lineBreak(), token)
    } else if (token === ',') parts.push(token, lineBreak())
    else if (token === ':') parts.push(': ')
    else parts.push(/^[[{]/.test(token) ? token.replace(/\s/g, '') : token)
  }
  return parts.join('')
}

const bytesPerLine = 16

/** Lines of 16 bytes: place, bytes, and the printable ASCII characters. */
export function asHex(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += bytesPerLine) {
    const line = Array.from(bytes.subarray(at, at + bytesPerLine))
    const hex = line.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const characters = line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${characters}`)
  }
  return lines.join('\n')
}
