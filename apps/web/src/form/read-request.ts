/** A certificate request as a person gave it. What is surely a private key does not leave the browser. */
import { keptHere, refusal, toBase64 } from './given-certificates.ts'

/** As the server has it. */
const maxBytes = 64 * 1024

/** PEM as it is, DER as base64. Throws `ApiProblem`, as the server would. */
export async function readRequestFile(file: File): Promise<string> {
  if (file.size > maxBytes) throw refusal('too_large', `${file.name} is larger than any request. It was not sent.`)
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = new TextDecoder().decode(bytes)
  return readRequestText(bytes[0] === 0x30 && !text.includes('-----BEGIN ') ? toBase64(bytes) : text, file.name)
}

/** Throws `ApiProblem`. */
export function readRequestText(text: string, source: string): string {
  if (/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text) || beginsLikeKey(text.trim()))
    throw refusal('private_key', keptHere(source))
  return text
}

/** A SEQUENCE that begins with a version: PKCS#1, PKCS#8, SEC 1 and PKCS#12 do. A request begins with another SEQUENCE. */
function beginsLikeKey(base64: string): boolean {
  const head = base64.replace(/\s/g, '').slice(0, 16)
  if (!/^[A-Za-z0-9+/]{16}$/.test(head)) return false
  const der = Uint8Array.from(atob(head), (character) => character.charCodeAt(0))
  const lengthOctets = der[1] === undefined || der[1] < 0x80 ? 0 : der[1] & 0x7f
  return der[0] === 0x30 && der[2 + lengthOctets] === 0x02
}
