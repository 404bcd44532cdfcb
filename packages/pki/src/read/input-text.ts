// Removes what mail programs, editors and JSON add to an uploaded text. Also runs in the browser, so it uses no Node.
// Nothing here decides what a certificate says: its bytes are parsed strictly afterwards.

/** Decodes a file as UTF-8, or as UTF-16, in which some Windows editors save. Never throws. */
export function decodeText(bytes: Uint8Array): string {
  const [first, second, third, fourth] = bytes
  const isLittle =
    (first === 0xff && second === 0xfe) || (isAscii(first) && second === 0 && isAscii(third) && fourth === 0)
  const isBig =
    (first === 0xfe && second === 0xff) || (first === 0 && isAscii(second) && third === 0 && isAscii(fourth))
  return new TextDecoder(isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8').decode(bytes)
}

function isAscii(byte: number | undefined): boolean {
  return byte !== undefined && byte > 0 && byte < 0x80
}

/** Removes the NUL characters that remain when UTF-16 was decoded as bytes. */
export function withoutNuls(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text
}

/** Invisible characters. */
const invisible = /[\u00ad\u200b-\u200d\u2060\ufeff]/g

/**
 * Returns the base64 of a block without additions: the `
 * ` and `\u002B` of JSON, the `>` of a quoted mail, the `=3D` of quoted-printable, invisible characters. None of them
 * has a meaning in base64. Repetitions are bounded, so that a hostile text is not searched twice.
 */
export function plainBase64(text: string): string {
  return text
    .replaceAll(/\\{1,4}[nrt]/g, '\n')
    .replaceAll(/\\{1,4}u00(2b|2f|3d|0a|0d)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll(/\\{1,4}\//g, '/')
    .replaceAll(/^[>|\s]+/gm, '')
    .replaceAll('=3D', '=')
    .replaceAll(invisible, '')
}
