// The text that a person gave, as plain as it was before mail programs, editors and JSON wrote it. Runs in the browser too: no Node.
// Nothing here decides what a certificate says: its bytes are read strictly afterwards.

/** The text of a file: UTF-8, or UTF-16 as some editors of Windows save it. What is no text comes out as whatever it is. */
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

/** UTF-16 that was taken for bytes before it came here has a NUL beside each character. */
export function withoutNuls(text: string): string {
  return text.includes('\0') ? text.replaceAll('\0', '') : text
}

/** Marks that cannot be seen. */
const invisible = /[\u00ad\u200b-\u200d\u2060\ufeff]/g

/**
 * The base64 of a block without what was put around it: the `\n` and `\u002B` of JSON, the `>` of a quoted mail, `=3D` of quoted-printable,
 * marks that cannot be seen. None of them has a meaning in base64. The repetitions are bounded: a hostile text must not be searched twice.
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
